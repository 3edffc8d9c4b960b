package dev.hawser;

import java.time.Duration;

/**
 * TLS.
 *
 * {@snippet :
 * Hawser.newBuilder().tls(t -> t.handshakeTimeout(Duration.ofSeconds(1)));
 * }
 *
 * @param handshakeTimeout how long the handshake may take, after the TCP connect
 */
public record TlsOptions(Duration handshakeTimeout) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final TlsOptions DEFAULTS = new TlsOptions(Duration.ofSeconds(2));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public TlsOptions {
    Checks.positive("tls.handshakeTimeout", handshakeTimeout);
  }

  /** Returns these options with another {@link #handshakeTimeout()}. */
  public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
    return new TlsOptions(handshakeTimeout);
  }
}
