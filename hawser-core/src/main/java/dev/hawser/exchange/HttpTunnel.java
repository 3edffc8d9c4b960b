package dev.hawser.exchange;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.connect.Tunnel;
import dev.hawser.connect.Via;
import dev.hawser.http1.Http1Exchange;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Map;

/** Asks an HTTP proxy for a tunnel: CONNECT (RFC 9110 section 9.3.6). */
final class HttpTunnel implements Tunnel {
  private static final Exchange.Progress UNTOLD =
      new Exchange.Progress() {
        @Override
        public void requestSent() {}

        @Override
        public void interim(int status) {}
      };

  private final Origin origin;
  private final Via via;
  private final Http1Options limits;
  private final ExchangeOptions options;
  private final Ticker ticker;

  HttpTunnel(
      Origin origin, Via via, Http1Options limits, ExchangeOptions options, Ticker ticker) {
    this.origin = origin;
    this.via = via;
    this.limits = limits;
    this.options = options;
    this.ticker = ticker;
  }

  @Override
  public boolean open(Transport transport, long deadline)
      throws StageFailure, InterruptedException {
    var exchange = new Http1Exchange(transport, limits, options, ticker, deadline, true, UNTOLD);
    try {
      ResponseInfo head = exchange.exchange(origin, request());
      if (head.statusCode() / 100 != 2) {
        throw refused(head.statusCode());
      }
      if (transport.input().remaining() > 0) {
        throw StageFailure.proxy(
            head.statusCode(),
            "the proxy " + via + " sent bytes of its own into the tunnel",
            "It is no proxy, or a broken one: check host and port",
            null);
      }
      return true;
    } catch (StageFailure e) {
      throw e;
    } catch (IOException e) {
      Call.interruptedBy(e);
      throw failed(transport, e);
    }
  }

  private Request request() {
    return new Request(
        "CONNECT",
        URI.create(origin.toString()),
        HttpHeaders.of(via.headers(), (name, value) -> true),
        Map.of(),
        null,
        false,
        Request.Form.AUTHORITY);
  }

  private StageFailure refused(int status) {
    return StageFailure.proxy(
        status,
        "the proxy " + via + " opens no tunnel: status " + status,
        switch (status) {
          case 407 -> "It wants a password: set an authenticator, or Proxy-Authorization";
          case 403, 405 -> "It does not want to: ask who runs it, or go another way";
          case 502, 503, 504 -> "It cannot reach the server: check that, or go another way";
          default -> "It may be no proxy: check host and port";
        },
        null);
  }

  private StageFailure failed(Transport transport, IOException e) {
    if (transport.expired()) {
      return StageFailure.timeout(
          Phase.PROXY,
          "the proxy " + via + " did not answer CONNECT in time",
          "It is slow, or cannot reach the server; or raise tcp.proxyTimeout");
    }
    return e instanceof MalformedResponseException
        ? StageFailure.proxy(
            0,
            "the proxy " + via + " sent " + e.getMessage(),
            "It is no HTTP proxy: check host and port",
            e)
        : StageFailure.proxy(0, "the proxy " + via + ": " + e.getMessage(), "", e);
  }
}
