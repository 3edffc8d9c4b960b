package dev.hawser;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * One figure of a client at one moment, named as Prometheus and OpenMetrics name theirs, so that
 * any monitoring system can take it: durations in seconds, shares from 0 to 1, counters that end in
 * {@code _total}.
 *
 * {@snippet class="dev.hawser.examples.Scraped" region="metrics"}
 *
 * @param name begins with {@code hawser_}
 * @param kind how it moves
 * @param help what it says, in one sentence
 * @param labels what it is of, in a fixed order; empty if it is the whole client's
 * @param value the figure
 */
public record Metric(
    String name, Kind kind, String help, Map<String, String> labels, double value) {
  /** How a figure moves. */
  public enum Kind {
    /** Up and down. */
    GAUGE,
    /** Only up, from 0 when the client, or what is counted, was made. */
    COUNTER
  }

  /** Keeps the labels' order. */
  public Metric {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /**
   * {@return these in Prometheus' text format, version 0.0.4} That is what a scrape reads, and
   * KEDA's {@code metrics-api} scaler with {@code format: prometheus}; its media type is {@code
   * text/plain; version=0.0.4; charset=utf-8}.
   *
   * @param metrics of one client, or of several that differ in a label; those of one name are
   *     written together
   */
  public static String text(Collection<Metric> metrics) {
    var families =
        metrics.stream()
            .collect(Collectors.groupingBy(Metric::name, LinkedHashMap::new, Collectors.toList()));
    var text = new StringBuilder(16_384);
    families.forEach(
        (name, family) -> {
          Metric first = family.getFirst();
          text.append("# HELP ").append(name).append(' ').append(escaped(first.help()));
          text.append("\n# TYPE ").append(name).append(' ');
          text.append(first.kind() == Kind.COUNTER ? "counter\n" : "gauge\n");
          family.forEach(metric -> metric.append(text));
        });
    return text.toString();
  }

  private void append(StringBuilder text) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append(
          labels.entrySet().stream()
              .map(label -> label.getKey() + "=\"" + quoted(label.getValue()) + '"')
              .collect(Collectors.joining(",", "{", "}")));
    }
    text.append(' ').append(number(value)).append('\n');
  }

  /** Whole numbers as such, which is how people read them. */
  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? Long.toString((long) value)
        : Double.toString(value).replace("Infinity", "Inf");
  }

  private static String quoted(String value) {
    return escaped(value).replace("\"", "\\\"");
  }

  private static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\n", "\\n");
  }
}
