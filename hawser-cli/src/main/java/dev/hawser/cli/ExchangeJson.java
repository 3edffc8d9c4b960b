package dev.hawser.cli;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeFailure;
import dev.hawser.Timeline;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One document, written as the exchanges end: thousands of repeats need no memory. */
final class ExchangeJson implements ExchangeReport {
  private static final Timeline NOTHING = nothing();

  private final Console console;
  private boolean begun;

  ExchangeJson(Console console) {
    this.console = console;
    console.out().print("{\"exchanges\":[");
  }

  @Override
  public void tell(Exchange exchange, String preview) {
    console.out().print((begun ? ",\n" : "\n") + Json.line(object(exchange)));
    console.flush();
    begun = true;
  }

  @Override
  public void close() {
    console.line("\n]}");
  }

  private static Map<String, @Nullable Object> object(Exchange exchange) {
    Exchange.Head head = exchange.head();
    ConnectionInfo connection = exchange.connection();
    Timeline timeline = exchange.timeline();
    return Json.object(
        "status", head == null ? null : head.status(),
        "protocol", head == null ? null : head.protocol(),
        "address", exchange.addressText(),
        "reused", exchange.reused(),
        "error", exchange.error() == null ? null : Errors.oneLine(exchange.error()),
        "errorPhase", errorPhase(exchange),
        "phases", phases(timeline == null ? NOTHING : timeline),
        "tls", connection == null ? null : connection.tls().map(ExchangeJson::tls).orElse(null),
        "bytes", exchange.bytes(),
        "connection", connection == null ? null : connection(connection),
        "redirects", redirects(exchange.redirects()));
  }

  private static @Nullable String errorPhase(Exchange exchange) {
    ExchangeFailure failure = exchange.error() == null ? null : Errors.failure(exchange.error());
    return failure == null
        ? null
        : switch (failure.details().phase()) {
          case QUEUE -> "queue";
          case DNS -> "dns";
          case CONNECT -> "connect";
          case PROXY -> "proxy";
          case TLS -> "tls";
          case REQUEST -> "request";
          case FIRST_BYTE -> "firstByte";
          case BODY -> "body";
        };
  }

  private static Map<String, @Nullable Object> phases(Timeline timeline) {
    return Json.object(
        "queue", Durations.millis(timeline.queue()),
        "dns", Durations.millis(timeline.dns()),
        "connect", Durations.millis(timeline.connect()),
        "proxy", Durations.millis(timeline.proxy()),
        "tls", Durations.millis(timeline.tls()),
        "request", Durations.millis(timeline.request()),
        "firstByte", Durations.millis(timeline.firstByte()),
        "body", Durations.millis(timeline.body()),
        "backoff", Durations.millis(timeline.backoff()),
        "total", Durations.millis(timeline.total()));
  }

  private static Map<String, @Nullable Object> tls(ConnectionInfo.TlsInfo tls) {
    return Json.object(
        "version", tls.version(),
        "cipher", tls.cipher(),
        "group", tls.group().orElse(null),
        "resumed", tls.resumed(),
        "alpn", tls.alpn(),
        "provider", tls.provider());
  }

  private static Map<String, @Nullable Object> connection(ConnectionInfo connection) {
    return Json.object(
        "id", connection.id(),
        "exchanges", connection.exchanges(),
        "age", Durations.millis(connection.age()));
  }

  private static List<Map<String, @Nullable Object>> redirects(List<Exchange.Redirect> redirects) {
    return redirects.stream()
        .map(each -> Json.object("status", each.status(), "to", each.to().toString()))
        .toList();
  }

  private static Timeline nothing() {
    Duration zero = Duration.ZERO;
    return new Timeline(zero, zero, zero, zero, zero, zero, zero, zero, zero, zero, false);
  }
}
