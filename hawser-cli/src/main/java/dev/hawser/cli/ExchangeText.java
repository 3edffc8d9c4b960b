package dev.hawser.cli;

import dev.hawser.ConnectionInfo;
import dev.hawser.Timeline;
import dev.hawser.cli.Console.Style;
import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** For people: the first exchange in full, with its waterfall; each further one as a row. */
final class ExchangeText implements ExchangeReport {
  private final Console console;
  private final ConnectionNotes notes;
  private final Options options;

  private int answered;
  private int failed;
  private int reused;
  private boolean rows;

  /**
   * What to show.
   *
   * @param headers the response's headers, too
   * @param following redirects are followed as far as allowed
   * @param debug stack traces, too
   */
  record Options(boolean headers, boolean following, boolean debug) {}

  ExchangeText(Console console, ConnectionNotes notes, Options options) {
    this.console = console;
    this.notes = notes;
    this.options = options;
  }

  @Override
  public void tell(Exchange exchange, String preview) {
    Exchange.Head head = exchange.head();
    Timeline timeline = exchange.timeline();
    if (exchange.error() != null || head == null || timeline == null) {
      failed++;
      tellNotes();
      tellFailure(exchange);
    } else if (answered++ == 0) {
      tellInFull(exchange, head, timeline);
      tellPreview(preview);
    } else {
      tellNotes();
      tellRow(exchange, head, timeline);
    }
    reused += exchange.reused() ? 1 : 0;
    console.flush();
  }

  @Override
  public void close() {
    if (answered + failed > 1) {
      console.line("");
      console.line(
          String.format(
              Locale.ROOT,
              "%,d requests: %,d answered%s, %,d on a reused connection",
              answered + failed,
              answered,
              failed == 0 ? "" : String.format(Locale.ROOT, ", %,d failed", failed),
              reused));
    }
  }

  private void tellNotes() {
    notes.take().forEach(note -> console.line(console.paint(Style.FAINT, "  " + note)));
  }

  private void tellFailure(Exchange exchange) {
    Throwable error = exchange.error() == null ? new IllegalStateException() : exchange.error();
    console.flush();
    console.error(Errors.oneLine(error));
    if (options.debug()) {
      error.printStackTrace(console.err());
    }
  }

  private void tellInFull(Exchange exchange, Exchange.Head head, Timeline timeline) {
    for (Exchange.Redirect redirect : exchange.redirects()) {
      console.line(redirect.status() + " -> " + redirect.to());
    }
    var line = new StringJoiner(", ");
    line.add(head.protocol() + " " + status(head.status()));
    line.add(Sizes.text(exchange.bytes()));
    if (!head.contentType().isEmpty()) {
      line.add(Errors.printable(head.contentType()));
    }
    console.line(line.toString());
    if (exchange.connection() != null) {
      console.line(connection(exchange.addressText(), exchange.connection()));
    }
    tellNotes();
    tellRedirectNotFollowed(head);
    if (options.headers()) {
      head.headers()
          .map()
          .forEach((name, values) -> values.forEach(value -> tellHeader(name, value)));
    }
    console.line("");
    new Waterfall(console).draw(timeline).forEach(console::line);
  }

  private void tellRedirectNotFollowed(Exchange.Head head) {
    if (head.status() / 100 == 3) {
      String why =
          options.following()
              ? "not followed: the limit of --max-redirects, or from https to http"
              : "--follow goes there";
      head.headers()
          .firstValue("location")
          .ifPresent(to -> console.line("  to " + Errors.printable(to) + " (" + why + ")"));
    }
  }

  private void tellHeader(String name, String value) {
    console.line("  " + console.paint(Style.BOLD, name) + ": " + Errors.printable(value));
  }

  private void tellPreview(String preview) {
    if (!preview.isEmpty()) {
      console.line("");
      preview.lines().forEach(console::line);
    }
  }

  private void tellRow(Exchange exchange, Exchange.Head head, Timeline timeline) {
    if (!rows) {
      rows = true;
      console.line("");
      console.line(
          console.paint(
              Style.FAINT,
              "     # status connection    total   queue     dns connect     tls request"
                  + " firstByte    body"));
    }
    ConnectionInfo connection = exchange.connection();
    String which =
        (connection == null ? "" : connection.id()) + (timeline.reused() ? " reused" : " new");
    console.line(
        String.format(Locale.ROOT, "%6d %s %-10s", exchange.number(), pad(head), which)
            + cell(8, timeline.total())
            + cell(8, timeline.queue())
            + cell(8, timeline.dns())
            + cell(8, timeline.connect())
            + cell(8, timeline.tls())
            + cell(8, timeline.request())
            + cell(10, timeline.firstByte())
            + cell(8, timeline.body()));
  }

  private String pad(Exchange.Head head) {
    return " ".repeat(Math.max(0, 6 - Integer.toString(head.status()).length()))
        + status(head.status());
  }

  private static String cell(int width, Duration spent) {
    return String.format("%" + width + "s", spent.isZero() ? "-" : Durations.shown(spent));
  }

  private String status(int status) {
    Style style = status < 300 ? Style.GREEN : status < 400 ? Style.YELLOW : Style.RED;
    return console.paint(style, Integer.toString(status));
  }

  private static String connection(@Nullable String address, ConnectionInfo connection) {
    var line = new StringJoiner(", ");
    line.add(address + " on connection " + connection.id());
    line.add(
        connection.exchanges() <= 1
            ? "new"
            : "reused: %d exchanges in %s ms"
                .formatted(connection.exchanges(), Durations.shown(connection.age())));
    connection
        .tls()
        .ifPresent(
            tls -> {
              line.add(tls.version() + " " + tls.cipher());
              tls.group().ifPresent(line::add);
              line.add(tls.alpn().isEmpty() ? "no ALPN" : "ALPN " + tls.alpn());
              line.add((tls.resumed() ? "resumed" : "full handshake") + " by " + tls.provider());
            });
    return line.toString();
  }
}
