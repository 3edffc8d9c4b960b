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
import dev.hawser.policy.Guard;
import dev.hawser.policy.Login;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks an HTTP proxy for a tunnel: CONNECT (RFC 9110 section 9.3.6). */
final class HttpTunnel implements Tunnel {
  /** What comes with a 407 is read up to here, to keep the connection. */
  private static final int MOST_PROSE = 64 * 1024;

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
  private final @Nullable Login login; // null: the user has no password, or has sent it himself
  private final Guard guard;
  private final Ticker ticker;

  HttpTunnel(
      Origin origin,
      Via via,
      Http1Options limits,
      ExchangeOptions options,
      @Nullable Login login,
      Ticker ticker) {
    this.origin = origin;
    this.via = via;
    this.limits = limits;
    this.options = options;
    this.login = login;
    this.guard = Guard.tunnel(origin, via);
    this.ticker = ticker;
  }

  @Override
  public boolean open(Transport transport, long deadline)
      throws StageFailure, InterruptedException {
    try {
      for (boolean fresh = true; ; fresh = false) {
        var exchange =
            new Http1Exchange(transport, limits, options, ticker, deadline, fresh, UNTOLD);
        ResponseInfo head = exchange.exchange(origin, request());
        if (head.statusCode() / 100 == 2) {
          return accepted(transport, head);
        }
        if (!asksAgain(head)) {
          throw refused(head.statusCode());
        }
        if (!drained(exchange)) {
          return false;
        }
      }
    } catch (StageFailure e) {
      throw e;
    } catch (IOException e) {
      Call.interruptedBy(e);
      throw failed(transport, e);
    }
  }

  private boolean accepted(Transport transport, ResponseInfo head) throws StageFailure {
    if (login != null) {
      login.accepted(guard);
    }
    if (transport.input().remaining() > 0) {
      throw StageFailure.proxy(
          head.statusCode(),
          "the proxy " + via + " sent bytes of its own into the tunnel",
          "It is no proxy, or a broken one: check host and port",
          null);
    }
    return true;
  }

  /** Whether the proxy wants a password, and there is one. */
  private boolean asksAgain(ResponseInfo head) throws StageFailure {
    if (head.statusCode() != 407 || login == null) {
      return false;
    }
    try {
      return login.answers(guard, head.headers());
    } catch (IOException e) {
      throw StageFailure.proxy(
          407,
          "the proxy " + via + " opens no tunnel: " + e.getMessage(),
          "It wants another password than the authenticator's",
          e);
    }
  }

  /** Whether the connection can be used once more. */
  private static boolean drained(Exchange exchange) throws IOException {
    int drained = 0;
    exchange.awaitBody();
    for (ByteBuffer part = exchange.body().next();
        part != null && drained <= MOST_PROSE;
        part = exchange.body().next()) {
      drained += part.remaining();
    }
    return drained <= MOST_PROSE && exchange.finish();
  }

  private Request request() {
    return new Request(
        "CONNECT",
        URI.create(origin.toString()),
        HttpHeaders.of(via.headers(), (name, value) -> true),
        fields(),
        null,
        false,
        Request.Form.AUTHORITY);
  }

  private Map<String, List<String>> fields() {
    String credentials = login == null ? null : login.authorization(guard);
    return credentials == null ? Map.of() : Map.of(guard.field(), List.of(credentials));
  }

  private StageFailure refused(int status) {
    return StageFailure.proxy(
        status,
        "the proxy " + via + " opens no tunnel: status " + status,
        switch (status) {
          case 407 ->
              "It wants a password: set an authenticator or Proxy-Authorization; Basic must also be"
                  + " taken off jdk.http.auth.tunneling.disabledSchemes";
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
