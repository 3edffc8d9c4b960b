package dev.hawser;

import java.time.Duration;

/**
 * How TCP connections are made.
 *
 * {@snippet :
 * Hawser.newBuilder().tcp(t -> t.connectTimeout(Duration.ofSeconds(1)));
 * }
 *
 * @param connectTimeout how long the connect to one address may take before the next address is
 *     tried; 3 s lets one lost SYN be sent again after 1 s
 * @param noDelay TCP_NODELAY: a request's last small segment does not wait for an acknowledgement
 */
public record TcpOptions(Duration connectTimeout, boolean noDelay) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final TcpOptions DEFAULTS = new TcpOptions(Duration.ofSeconds(3), true);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public TcpOptions {
    Checks.positive("tcp.connectTimeout", connectTimeout);
  }

  /** Returns these options with another {@link #connectTimeout()}. */
  public TcpOptions connectTimeout(Duration connectTimeout) {
    return new TcpOptions(connectTimeout, noDelay);
  }

  /** Returns these options with another {@link #noDelay()}. */
  public TcpOptions noDelay(boolean noDelay) {
    return new TcpOptions(connectTimeout, noDelay);
  }
}
