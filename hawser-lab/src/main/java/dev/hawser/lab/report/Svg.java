package dev.hawser.lab.report;

import dev.hawser.lab.Texts;
import java.util.Locale;

/** Writes one SVG element; all of its texts are escaped here. */
final class Svg {
  static final int WIDTH = 860;

  private final StringBuilder out = new StringBuilder();

  Svg(int height, Chart chart) {
    out.append(
        "<svg role=\"img\" viewBox=\"0 0 %d %d\" aria-label=\"%s\"><title>%s</title><desc>%s</desc>"
            .formatted(
                WIDTH,
                height,
                Html.escape(chart.title()),
                Html.escape(chart.title()),
                Html.escape(chart.says())));
  }

  /** Classes are ours: {@code label}, {@code tick}, {@code end}, {@code middle}. */
  Svg text(double x, double y, String classes, String text) {
    out.append("<text x=\"%s\" y=\"%s\" class=\"%s\">".formatted(n(x), n(y), classes))
        .append(Html.escape(text))
        .append("</text>");
    return this;
  }

  Svg line(double x1, double y1, double x2, double y2, String classes) {
    return path("M" + n(x1) + " " + n(y1) + "L" + n(x2) + " " + n(y2), classes);
  }

  Svg path(String d, String classes) {
    out.append("<path d=\"").append(d).append("\" class=\"").append(classes).append("\"/>");
    return this;
  }

  Svg rect(double x, double y, double width, double height, String classes) {
    out.append(
        "<rect x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" class=\"%s\"/>"
            .formatted(n(x), n(y), n(Math.max(0, width)), n(height), classes));
    return this;
  }

  /** Ticks along the bottom, with what they are. */
  Svg bottom(Axis axis, double top, double bottom, String label) {
    for (double tick : axis.ticks()) {
      double x = axis.at(tick);
      line(x, top, x, bottom, "grid");
      text(x, bottom + 16, "tick middle", Texts.number(tick));
    }
    line(axis.start(), bottom, axis.end(), bottom, "axis");
    return text((axis.start() + axis.end()) / 2, bottom + 34, "label middle", label);
  }

  /** A line across, with what it is. */
  Svg marker(Axis axis, Chart.Marker marker, double top, double bottom) {
    double x = axis.at(marker.x());
    line(x, top - 4, x, bottom, "marker");
    boolean left = x > WIDTH * 0.7;
    return text(left ? x - 4 : x + 4, top - 8, left ? "note end" : "note", marker.label());
  }

  String end() {
    return out.append("</svg>").toString();
  }

  /** A coordinate. */
  static String n(double value) {
    String text = String.format(Locale.ROOT, "%.1f", value);
    return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
  }
}
