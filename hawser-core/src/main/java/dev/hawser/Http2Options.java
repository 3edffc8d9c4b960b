package dev.hawser;

/**
 * How HTTP/2 connections are shared. What {@link PoolOptions} say holds for them, too.
 *
 * {@snippet class="dev.hawser.examples.Options" region="http2"}
 *
 * @param maxConnectionsPerHost HTTP/2 connections to one origin that take requests, those being
 *     opened included; the next is opened when all streams of the others are in use. One that
 *     finishes what it has, and takes no more, does not count. Each is one TCP connection to lose
 *     packets on and one core's worth of framing; with more than a few, HTTP/2 would be HTTP/1.1
 *     with another head
 * @param maxConcurrentStreams requests at once on one connection, also where the server allows
 *     more. 100 is what RFC 9113 wants every server to allow at least (section 6.5.2), and the
 *     limit of many; so nothing is refused even before the server has told its own
 */
public record Http2Options(int maxConnectionsPerHost, int maxConcurrentStreams) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final Http2Options DEFAULTS = new Http2Options(4, 100);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public Http2Options {
    Checks.atLeast("http2.maxConnectionsPerHost", maxConnectionsPerHost, 1);
    Checks.atLeast("http2.maxConcurrentStreams", maxConcurrentStreams, 1);
  }

  /**
   * {@return these options with another {@link #maxConnectionsPerHost()}}
   *
   * @param maxConnectionsPerHost the new value
   */
  public Http2Options maxConnectionsPerHost(int maxConnectionsPerHost) {
    return new Http2Options(maxConnectionsPerHost, maxConcurrentStreams);
  }

  /**
   * {@return these options with another {@link #maxConcurrentStreams()}}
   *
   * @param maxConcurrentStreams the new value
   */
  public Http2Options maxConcurrentStreams(int maxConcurrentStreams) {
    return new Http2Options(maxConnectionsPerHost, maxConcurrentStreams);
  }
}
