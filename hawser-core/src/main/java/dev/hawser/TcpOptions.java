package dev.hawser;

import java.time.Duration;

/**
 * How TCP connections are made.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tcp"}
 *
 * @param connectTimeout how long the connect to one address may take before the next address is
 *     tried; 3 s lets one lost SYN be sent again after 1 s.
 * @param noDelay TCP_NODELAY: a request's last small segment does not wait for an acknowledgement
 * @param attemptDelay after how long without an answer the connect to the next address begins
 *     beside the first; whichever is there first is used (Happy Eyeballs, RFC 8305 section 5)
 * @param sequential whether the next address is tried only after the one before has failed; then
 *     the client's {@code connectTimeout} is shared out among them
 * @param proxyTimeout how long a proxy may take to open a tunnel, in which time it resolves a name
 *     and connects, as we would: 5 s and 3 s, and some
 */
public record TcpOptions(
    Duration connectTimeout,
    boolean noDelay,
    Duration attemptDelay,
    boolean sequential,
    Duration proxyTimeout) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final TcpOptions DEFAULTS =
      new TcpOptions(
          Duration.ofSeconds(3), true, Duration.ofMillis(250), false, Duration.ofSeconds(10));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public TcpOptions {
    Checks.positive("tcp.connectTimeout", connectTimeout);
    Checks.positive("tcp.attemptDelay", attemptDelay);
    Checks.positive("tcp.proxyTimeout", proxyTimeout);
  }

  /**
   * {@return these options with another {@link #connectTimeout()}}
   *
   * @param connectTimeout the new value
   */
  public TcpOptions connectTimeout(Duration connectTimeout) {
    return new TcpOptions(connectTimeout, noDelay, attemptDelay, sequential, proxyTimeout);
  }

  /**
   * {@return these options with another {@link #noDelay()}}
   *
   * @param noDelay the new value
   */
  public TcpOptions noDelay(boolean noDelay) {
    return new TcpOptions(connectTimeout, noDelay, attemptDelay, sequential, proxyTimeout);
  }

  /**
   * {@return these options with another {@link #attemptDelay()}}
   *
   * @param attemptDelay the new value
   */
  public TcpOptions attemptDelay(Duration attemptDelay) {
    return new TcpOptions(connectTimeout, noDelay, attemptDelay, sequential, proxyTimeout);
  }

  /**
   * {@return these options with another {@link #sequential()}}
   *
   * @param sequential the new value
   */
  public TcpOptions sequential(boolean sequential) {
    return new TcpOptions(connectTimeout, noDelay, attemptDelay, sequential, proxyTimeout);
  }

  /**
   * {@return these options with another {@link #proxyTimeout()}}
   *
   * @param proxyTimeout the new value
   */
  public TcpOptions proxyTimeout(Duration proxyTimeout) {
    return new TcpOptions(connectTimeout, noDelay, attemptDelay, sequential, proxyTimeout);
  }
}
