package dev.hawser;

import java.time.Duration;

/**
 * How TCP connections are made.
 *
 * {@snippet class="dev.hawser.examples.Options" region="tcp"}
 *
 * @param connectTimeout how long the connect to one address may take before the next address is
 *     tried; 3 s lets one lost SYN be sent again after 1 s. With a {@code connectTimeout} of the
 *     client, addresses yet untried share what is left of that
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

  /**
   * {@return these options with another {@link #connectTimeout()}}
   *
   * @param connectTimeout the new value
   */
  public TcpOptions connectTimeout(Duration connectTimeout) {
    return new TcpOptions(connectTimeout, noDelay);
  }

  /**
   * {@return these options with another {@link #noDelay()}}
   *
   * @param noDelay the new value
   */
  public TcpOptions noDelay(boolean noDelay) {
    return new TcpOptions(connectTimeout, noDelay);
  }
}
