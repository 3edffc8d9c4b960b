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
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Promise;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From HTTP/1.1 to HTTP/2 within a connection, as a request asks for it (RFC 7540 3.2). */
final class Switching {
  private final Http2Options options;
  private final ExchangeOptions exchangeOptions;
  private final Watchdog watchdog;
  private final Buffers buffers;
  private final Ticker ticker;
  private final Map<String, List<String>> question;
  private final Map<String, List<String>> questionWithPushes;

  Switching(
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker) {
    this.options = options;
    this.exchangeOptions = exchangeOptions;
    this.watchdog = watchdog;
    this.buffers = buffers;
    this.ticker = ticker;
    this.question = question(options, false);
    this.questionWithPushes = question(options, true);
  }

  private static Map<String, List<String>> question(Http2Options options, boolean pushes) {
    return Map.of(
        "Connection", List.of("Upgrade, HTTP2-Settings"),
        "Upgrade", List.of("h2c"),
        "HTTP2-Settings", List.of(Http2Connection.upgradeSettings(options, pushes)));
  }

  /** The same request, which asks. */
  Request asking(Request request, boolean takesPushes) {
    var extra = new HashMap<>(request.extraHeaders());
    extra.putAll(takesPushes ? questionWithPushes : question);
    return new Request(
        request.method(),
        request.uri(),
        request.headers(),
        extra,
        request.body(),
        request.expectContinue(),
        request.form());
  }

  /**
   * Speaks HTTP/2 from now on; the request that asked is its first, of which the response is to
   * come.
   *
   * @param answer a 101
   * @param origin the request's
   * @param told has been told that the request was sent
   */
  Http2Connection.Upgraded after(
      ResponseInfo answer,
      Transport transport,
      Origin origin,
      Request request,
      long deadline,
      Told told)
      throws IOException {
    List<String> chosen = answer.headers().allValues("Upgrade");
    if (chosen.size() != 1 || !chosen.getFirst().equalsIgnoreCase("h2c")) {
      throw new MalformedResponseException(
          "101 Switching Protocols to " + chosen + " where h2c was asked for");
    }
    return Http2Connection.upgrade(
        transport,
        options,
        exchangeOptions,
        watchdog,
        buffers,
        ticker,
        origin,
        request.method().equals("HEAD"),
        deadline,
        new AlreadySent(told));
  }

  /** For an exchange whose request is none of its own. */
  record AlreadySent(Told told) implements Exchange.Progress {
    @Override
    public void requestSent() {}

    @Override
    public void interim(int status) {
      told.interim(status);
    }

    @Override
    public boolean takesPushes() {
      return told.takesPushes();
    }

    @Override
    public void promised(Promise promise) {
      told.promised(promise);
    }
  }
}
