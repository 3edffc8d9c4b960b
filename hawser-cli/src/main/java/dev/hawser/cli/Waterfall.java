package dev.hawser.cli;

import dev.hawser.Timeline;
import dev.hawser.cli.Console.Style;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a timeline: one row a phase that happened, its bar where its time lies.
 *
 * <pre>
 *   connect    ████                                                2.10 ms
 *   request        ▏                                               0.05 ms
 *   firstByte      ████████████████████████████████████████████    20.3 ms
 *   total                                                          22.5 ms
 * </pre>
 */
final class Waterfall {
  private static final int WIDTH = 48;

  private record Row(String name, Style style, Duration spent) {}

  private final Console console;

  Waterfall(Console console) {
    this.console = console;
  }

  List<String> draw(Timeline timeline) {
    List<Row> rows =
        List.of(
            new Row("backoff", Style.FAINT, timeline.backoff()),
            new Row("queue", Style.FAINT, timeline.queue()),
            new Row("dns", Style.CYAN, timeline.dns()),
            new Row("connect", Style.YELLOW, timeline.connect()),
            new Row("proxy", Style.YELLOW, timeline.proxy()),
            new Row("tls", Style.MAGENTA, timeline.tls()),
            new Row("request", Style.BLUE, timeline.request()),
            new Row("firstByte", Style.GREEN, timeline.firstByte()),
            new Row("body", Style.BLUE, timeline.body()));
    // The phases follow each other; what lies between them belongs to none.
    long spent = rows.stream().mapToLong(row -> row.spent().toNanos()).sum();
    double total = Math.max(1, Math.max(spent, timeline.total().toNanos()));
    var lines = new ArrayList<String>();
    long begun = 0;
    for (Row row : rows) {
      long nanos = row.spent().toNanos();
      if (nanos > 0) {
        String bar = bar(begun / total * WIDTH, (begun + nanos) / total * WIDTH);
        lines.add(line(row.name(), console.paint(row.style(), bar), row.spent()));
      }
      begun += nanos;
    }
    lines.add(line("total", " ".repeat(WIDTH), timeline.total()));
    return lines;
  }

  /** At least a thin line, so that no phase that happened is invisible. */
  private String bar(double from, double to) {
    int start = Math.min(WIDTH - 1, (int) Math.round(from));
    int end = Math.min(WIDTH, (int) Math.round(to));
    String drawn =
        end > start && to - from >= 0.5
            ? (console.unicode() ? "█" : "#").repeat(end - start)
            : console.unicode() ? "▏" : "|";
    return " ".repeat(start) + drawn + " ".repeat(WIDTH - start - drawn.length());
  }

  private static String line(String name, String bar, Duration spent) {
    return String.format(Locale.ROOT, "  %-9s  %s  %7s ms", name, bar, Durations.shown(spent));
  }
}
