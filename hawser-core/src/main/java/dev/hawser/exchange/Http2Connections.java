package dev.hawser.exchange;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.http2.Http2Connection;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Exchange;
import java.io.IOException;

/** What all HTTP/2 connections of a client have in common, and the two ways in which they begin. */
record Http2Connections(
    Http2Options options,
    ExchangeOptions exchangeOptions,
    Watchdog watchdog,
    Buffers buffers,
    Ticker ticker)
    implements Http2 {
  @Override
  public Http2Connection open(Transport transport, Origin origin) throws IOException {
    return Http2Connection.open(transport, options, exchangeOptions, watchdog, buffers, ticker);
  }

  /**
   * After a 101 (RFC 7540 3.2).
   *
   * @param origin of the request that asked
   * @param toHead whether it was a HEAD
   */
  Http2Connection.Upgraded upgrade(
      Transport transport, Origin origin, boolean toHead, long deadline, Exchange.Progress progress)
      throws IOException {
    return Http2Connection.upgrade(
        transport,
        options,
        exchangeOptions,
        watchdog,
        buffers,
        ticker,
        origin,
        toHead,
        deadline,
        progress);
  }
}
