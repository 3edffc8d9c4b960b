package dev.hawser;

import java.time.Duration;

/**
 * HTTP/2 connections.
 *
 * {@snippet class="dev.hawser.examples.Options" region="http2"}
 *
 * @param maxConcurrentStreams requests at once on one connection, if the server allows as many
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
 */
public record Http2Options(
    int maxConcurrentStreams,
    int maxHeaderListSize,
    int maxInterim,
    int initialWindow,
    int maxWindow,
    Duration pingInterval,
    Duration pingTimeout) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final Http2Options DEFAULTS =
      new Http2Options(
          250,
          65_536,
          16,
          256 * 1024,
          16 * 1024 * 1024,
          Duration.ofSeconds(30),
          Duration.ofSeconds(15));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public Http2Options {
    Checks.atLeast("http2.maxConcurrentStreams", maxConcurrentStreams, 1);
    Checks.atLeast("http2.maxHeaderListSize", maxHeaderListSize, 128);
    Checks.atLeast("http2.maxInterim", maxInterim, 0);
    Checks.atLeast("http2.initialWindow", initialWindow, 65_535);
    Checks.atLeast("http2.maxWindow", maxWindow, initialWindow);
    Checks.positive("http2.pingInterval", pingInterval);
    Checks.positive("http2.pingTimeout", pingTimeout);
  }
}
