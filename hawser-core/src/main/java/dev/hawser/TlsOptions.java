package dev.hawser;

import java.time.Duration;

/**
 * How TLS handshakes are made. Context and parameters are set by the JDK's own builder methods.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tls"}
 *
 * @param handshakeTimeout how long the handshake may take, after the TCP connect; it is one or two
 *     round trips and a few milliseconds of computing, so 2 s mean a server in trouble
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

  /**
   * {@return these options with another {@link #handshakeTimeout()}}
   *
   * @param handshakeTimeout the new value
   */
  public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
    return new TlsOptions(handshakeTimeout);
  }
}
