package dev.hawser.cli;

import dev.hawser.cli.Console.Style;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a load measured, for people. */
final class LoadTable {
  private final Console console;

  LoadTable(Console console) {
    this.console = console;
  }

  void print(LoadResult result) {
    row(
        "requests",
        String.format(
            Locale.ROOT,
            "%,d in %.1f s by %,d callers",
            result.requests(),
            result.seconds(),
            result.callers()));
    row("errors", errors(result));
    for (LoadResult.ErrorKind kind : result.kinds()) {
      row("", String.format(Locale.ROOT, "%,d x %s", kind.count(), kind.kind()));
    }
    if (!result.statuses().keySet().stream().allMatch(status -> status / 100 == 2)) {
      row("statuses", statuses(result));
    }
    if (result.requests() > 0) {
      figures(result);
    } else if (result.errors() == 0) {
      row("", "not one answer came in this time");
    }
  }

  private void figures(LoadResult result) {
    row("requests/s", String.format(Locale.ROOT, "%,.0f", result.perSecond()));
    row(
        "latency",
        "p50 %s   p90 %s   p99 %s   max %s ms"
            .formatted(
                Durations.shown(result.millisAt(50)),
                Durations.shown(result.millisAt(90)),
                Durations.shown(result.millisAt(99)),
                Durations.shown(result.maxMillis())));
    row(
        "client CPU",
        String.format(
            Locale.ROOT,
            "%.1f us a request, %.2f cores",
            result.cpuMicrosPerRequest(),
            result.cores()));
    row(
        "body bytes",
        Sizes.text(result.bytes()) + ", " + Sizes.text(Math.round(result.bytesPerSecond())) + "/s");
    row(
        "connections",
        String.format(
            Locale.ROOT,
            "%,d opened, warm-up included; %.2f %% of requests on a reused one",
            result.opened(),
            result.reuseShare() * 100));
    if (result.handshakes() > 0) {
      row(
          "TLS",
          String.format(
              Locale.ROOT,
              "%,d handshakes, %,d of them resumed",
              result.handshakes(),
              result.resumed()));
    }
  }

  private String errors(LoadResult result) {
    String count = String.format(Locale.ROOT, "%,d", result.errors());
    return result.errors() == 0 ? count : console.paint(Style.RED, count);
  }

  private static String statuses(LoadResult result) {
    return new TreeMap<>(result.statuses())
        .entrySet().stream()
            .map(entry -> String.format(Locale.ROOT, "%d: %,d", entry.getKey(), entry.getValue()))
            .collect(Collectors.joining("   "));
  }

  private void row(String name, String text) {
    console.line(console.paint(Style.FAINT, String.format("%-13s", name)) + text);
  }
}
