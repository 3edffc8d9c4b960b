package dev.hawser;

import java.time.Duration;

/**
 * HTTP/2 connections, and how they are shared. What {@link PoolOptions} say holds for them, too.
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
 * @param maxHeaderListSize bytes of a header or trailer section, names and values and 32 for each
 *     field (RFC 9113 6.5.2); beyond it the exchange fails
 * @param maxInterim interim (1xx) responses before the final one
 * @param initialWindow bytes of a response that the server may send before they are asked for; what
 *     a response that nobody reads takes of memory at most
 * @param maxWindow the most that this grows to for a response that is read as fast as it comes, as
 *     bandwidth and delay of the path require, within {@link ExchangeOptions#memoryBudget()}
 * @param pingInterval after so long without a byte from the server, while a response is awaited, it
 *     is asked for a sign of life
 * @param pingTimeout how long that sign may take before the connection is closed; also the
 *     acknowledgement of our settings
 * @param priorKnowledge whether servers are known to speak HTTP/2 in clear text, too: then {@code
 *     http://} begins with it (RFC 9113 section 3.3) unless the request asks for HTTP/1.1. By
 *     default it begins with HTTP/1.1, as to servers that speak only that, what HTTP/2 begins with
 *     is a malformed request; a host's first GET or HEAD asks whether the server speaks HTTP/2, too
 *     ({@code Upgrade: h2c}, RFC 7540 section 3.2), unless it is to be HTTP/1.1
 */
public record Http2Options(
    int maxConnectionsPerHost,
    int maxConcurrentStreams,
    int maxHeaderListSize,
    int maxInterim,
    int initialWindow,
    int maxWindow,
    Duration pingInterval,
    Duration pingTimeout,
    boolean priorKnowledge) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final Http2Options DEFAULTS =
      new Http2Options(
          4,
          100,
          65_536,
          16,
          256 * 1024,
          16 * 1024 * 1024,
          Duration.ofSeconds(30),
          Duration.ofSeconds(15),
          false);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public Http2Options {
    Checks.atLeast("http2.maxConnectionsPerHost", maxConnectionsPerHost, 1);
    Checks.atLeast("http2.maxConcurrentStreams", maxConcurrentStreams, 1);
    Checks.atLeast("http2.maxHeaderListSize", maxHeaderListSize, 128);
    Checks.atLeast("http2.maxInterim", maxInterim, 0);
    Checks.atLeast("http2.initialWindow", initialWindow, 65_535);
    Checks.atLeast("http2.maxWindow", maxWindow, initialWindow);
    Checks.positive("http2.pingInterval", pingInterval);
    Checks.positive("http2.pingTimeout", pingTimeout);
  }

  /**
   * {@return these options with another {@link #maxConnectionsPerHost()}}
   *
   * @param maxConnectionsPerHost the new value
   */
  public Http2Options maxConnectionsPerHost(int maxConnectionsPerHost) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #maxConcurrentStreams()}}
   *
   * @param maxConcurrentStreams the new value
   */
  public Http2Options maxConcurrentStreams(int maxConcurrentStreams) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #maxHeaderListSize()}}
   *
   * @param maxHeaderListSize the new value
   */
  public Http2Options maxHeaderListSize(int maxHeaderListSize) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #maxInterim()}}
   *
   * @param maxInterim the new value
   */
  public Http2Options maxInterim(int maxInterim) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #initialWindow()}}
   *
   * @param initialWindow the new value
   */
  public Http2Options initialWindow(int initialWindow) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #maxWindow()}}
   *
   * @param maxWindow the new value
   */
  public Http2Options maxWindow(int maxWindow) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #pingInterval()}}
   *
   * @param pingInterval the new value
   */
  public Http2Options pingInterval(Duration pingInterval) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #pingTimeout()}}
   *
   * @param pingTimeout the new value
   */
  public Http2Options pingTimeout(Duration pingTimeout) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }

  /**
   * {@return these options with another {@link #priorKnowledge()}}
   *
   * @param priorKnowledge the new value
   */
  public Http2Options priorKnowledge(boolean priorKnowledge) {
    return new Http2Options(
        maxConnectionsPerHost,
        maxConcurrentStreams,
        maxHeaderListSize,
        maxInterim,
        initialWindow,
        maxWindow,
        pingInterval,
        pingTimeout,
        priorKnowledge);
  }
}
