package dev.hawser.lab.report;

import dev.hawser.lab.Texts;
import java.util.List;

/**
 * How often values of each size came, a row of columns for each client. Columns are ten times as
 * far to the right for values ten times as large, four to each step of ten.
 *
 * @param x the values, with their unit
 */
public record Histogram(String title, String says, String x, List<Row> rows) implements Chart {
  private static final int LEFT = 235;
  private static final int ROW = 70;
  private static final int TOP = 12;
  private static final int PER_TEN = 4;
  private static final double LEAST = 0.1;

  /** The values of one client. */
  public record Row(String name, List<Double> values) {
    /** Copies the list. */
    public Row {
      values = List.copyOf(values);
    }
  }

  /** Copies the list. */
  public Histogram {
    rows = List.copyOf(rows);
  }

  @Override
  public String svg() {
    int bottom = TOP + rows.size() * ROW;
    var svg = new Svg(bottom + 44, this);
    int first =
        rows.stream()
            .flatMap(row -> row.values().stream())
            .mapToInt(Histogram::column)
            .min()
            .orElse(0);
    int last =
        rows.stream()
            .flatMap(row -> row.values().stream())
            .mapToInt(Histogram::column)
            .max()
            .orElse(0);
    var axis = new Axis(first, last + 1, LEFT, Svg.WIDTH - 20);
    for (int column = first; column <= last + 1; column++) {
      if (Math.floorMod(column, PER_TEN) == 0) {
        svg.line(axis.at(column), TOP, axis.at(column), bottom, "grid");
        svg.text(
            axis.at(column),
            bottom + 16,
            "tick middle",
            Texts.number(Math.pow(10, (double) column / PER_TEN)));
      }
    }
    svg.text((LEFT + Svg.WIDTH - 20) / 2.0, bottom + 34, "label middle", x);
    for (int i = 0; i < rows.size(); i++) {
      row(svg, rows.get(i), axis, first, last, TOP + (i + 1) * ROW - 6.0);
    }
    return svg.end();
  }

  private static void row(Svg svg, Row row, Axis axis, int first, int last, double base) {
    svg.text(LEFT - 12, base - 4, "label end", row.name());
    int[] counts = new int[last - first + 1];
    int most = 1;
    for (double value : row.values()) {
      most = Math.max(most, ++counts[column(value) - first]);
    }
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        // A root, so that a few among thousands are seen.
        double height = Math.max(2, Math.sqrt((double) counts[i] / most) * (ROW - 26));
        double x = axis.at(first + i);
        svg.rect(x + 1, base - height, axis.at(first + i + 1) - x - 2, height, "bar");
        svg.text(x + 3, base - height - 3, "tick", Integer.toString(counts[i]));
      }
    }
    svg.line(axis.start(), base, axis.end(), base, "axis");
  }

  private static int column(double value) {
    return (int) Math.floor(Math.log10(Math.max(LEAST, value)) * PER_TEN);
  }
}
