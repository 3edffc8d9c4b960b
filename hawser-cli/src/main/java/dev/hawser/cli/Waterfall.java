package dev.hawser.cli;

import dev.hawser.Timeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws a timeline: one row a phase, each bar where its time lies. */
final class Waterfall {
  private static final int WIDTH = 48;

  private record Row(String name, Duration spent) {}

  private Waterfall() {}

  static List<String> draw(Timeline timeline) {
    List<Row> rows =
        List.of(
            new Row("queue", timeline.queue()),
            new Row("dns", timeline.dns()),
            new Row("connect", timeline.connect()),
            new Row("tls", timeline.tls()),
            new Row("request", timeline.request()),
            new Row("firstByte", timeline.firstByte()),
            new Row("body", timeline.body()));
    double total = Math.max(1, rows.stream().mapToLong(row -> row.spent().toNanos()).sum());
    var lines = new ArrayList<String>();
    double begun = 0;
    for (Row row : rows) {
      double nanos = row.spent().toNanos();
      if (nanos > 0) {
        lines.add(line(row, begun / total, (begun + nanos) / total));
      }
      begun += nanos;
    }
    lines.add(String.format(Locale.ROOT, "  %-9s  %" + WIDTH + "s  %9s", "total", "", millis(timeline.total())));
    return lines;
  }

  private static String line(Row row, double from, double to) {
    int start = Math.min(WIDTH - 1, (int) Math.floor(from * WIDTH));
    int end = Math.max(start + 1, (int) Math.round(to * WIDTH));
    String bar = "·".repeat(start) + "█".repeat(end - start) + "·".repeat(WIDTH - end);
    return String.format(Locale.ROOT, "  %-9s  %s  %9s", row.name(), bar, millis(row.spent()));
  }

  static String millis(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
  }
}
