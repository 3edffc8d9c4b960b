package dev.hawser;

import java.time.Duration;

/**
 * How TLS handshakes are made. Context and parameters are set by the JDK's own builder methods.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tls"}
 *
 * @param handshakeTimeout how long the handshake may take, after the TCP connect; it is one or two
 *     round trips and a few milliseconds of computing, so 2 s mean a server in trouble
 * @param resumeWait how long a handshake may wait for another one with the same origin that is to
 *     bring a session to resume, so that many connections at once do not cost a full handshake
 *     each; zero: not at all. There is no waiting where a session is at hand, or where a server
 *     gives none
 */
public record TlsOptions(Duration handshakeTimeout, Duration resumeWait) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final TlsOptions DEFAULTS =
      new TlsOptions(Duration.ofSeconds(2), Duration.ofMillis(250));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public TlsOptions {
    Checks.positive("tls.handshakeTimeout", handshakeTimeout);
    Checks.notNegative("tls.resumeWait", resumeWait);
  }

  /**
   * {@return these options with another {@link #handshakeTimeout()}}
   *
   * @param handshakeTimeout the new value
   */
  public TlsOptions handshakeTimeout(Duration handshakeTimeout) {
    return new TlsOptions(handshakeTimeout, resumeWait);
  }

  /**
   * {@return these options with another {@link #resumeWait()}}
   *
   * @param resumeWait the new value
   */
  public TlsOptions resumeWait(Duration resumeWait) {
    return new TlsOptions(handshakeTimeout, resumeWait);
  }
}
