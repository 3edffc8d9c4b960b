package dev.hawser.lab.report;

import dev.hawser.lab.Series;
import dev.hawser.lab.Series.Point;
import dev.hawser.lab.Texts;
import dev.hawser.lab.client.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How values go over time, a line for each client; lines differ in their strokes, too.
 *
 * @param y what runs upwards, with its unit
 * @param log whether each step upwards is ten times the one before
 */
public record Lines(
    String title,
    String says,
    String x,
    String y,
    boolean log,
    List<Series> series,
    List<Marker> markers)
    implements Chart {
  private static final int LEFT = 70;
  private static final int TOP = 66; // with a legend of one row
  private static final int HEIGHT = 254;
  private static final int LEGEND_ROW = 20;
  private static final int OURS = 4; // the style of Hawser's line, whoever else is there
  private static final double LEAST_OF_LOG = 0.1;

  /** Copies the lists. */
  public Lines {
    series = List.copyOf(series);
    markers = List.copyOf(markers);
  }

  @Override
  public String svg() {
    List<Entry> legend = legend();
    int top = TOP + (legend.isEmpty() ? 0 : legend.getLast().row() * LEGEND_ROW);
    int bottom = top + HEIGHT;
    var svg = new Svg(bottom + 44, this);
    double lastX = points().mapToDouble(Point::x).max().orElse(1);
    double firstX = Math.min(0, points().mapToDouble(Point::x).min().orElse(0));
    var across = new Axis(firstX, lastX, LEFT, Svg.WIDTH - 20);
    double most = points().mapToDouble(Point::y).max().orElse(1);
    var up =
        log
            ? new Axis(
                Math.floor(scaled(points().mapToDouble(Point::y).min().orElse(1))),
                Math.ceil(scaled(most)),
                bottom,
                top)
            : new Axis(0, most * 1.05, bottom, top);
    svg.bottom(across, top, bottom, x);
    left(svg, up, across.end());
    for (Entry entry : legend) {
      double y = 16 + entry.row() * LEGEND_ROW;
      svg.line(entry.x(), y, entry.x() + 28, y, "line s" + entry.style());
      svg.text(entry.x() + 34, y + 4, "note", entry.series().name());
      svg.path(line(entry.series(), across, up), "line s" + entry.style());
    }
    for (Marker marker : markers) {
      svg.marker(across, marker, top, bottom);
    }
    return svg.end();
  }

  private void left(Svg svg, Axis up, double end) {
    for (double tick : up.ticks()) {
      if (log && tick != Math.rint(tick)) {
        continue;
      }
      double height = up.at(tick);
      svg.line(LEFT, height, end, height, "grid");
      svg.text(LEFT - 6, height + 4, "tick end", Texts.number(log ? Math.pow(10, tick) : tick));
    }
    svg.text(8, up.end() - 12, "label", y);
  }

  /** A series, how its line looks, and where the legend has it. */
  private record Entry(Series series, int style, double x, int row) {}

  private List<Entry> legend() {
    var entries = new ArrayList<Entry>();
    double at = LEFT;
    int row = 0;
    int others = 0;
    for (Series one : series) {
      double width = 52 + one.name().length() * 6.6;
      if (at > LEFT && at + width > Svg.WIDTH) {
        at = LEFT;
        row++;
      }
      boolean ours = one.name().startsWith(Client.HAWSER.title());
      int style = ours ? OURS : others < OURS ? others : others + 1;
      others += ours ? 0 : 1;
      entries.add(new Entry(one, style, at, row));
      at += width;
    }
    return entries;
  }

  private String line(Series one, Axis across, Axis up) {
    var path = new StringBuilder();
    for (Point point : one.points()) {
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(Svg.n(across.at(point.x())))
          .append(' ')
          .append(Svg.n(up.at(scaled(point.y()))));
    }
    return path.isEmpty() ? "M0 0" : path.toString();
  }

  private double scaled(double value) {
    return log ? Math.log10(Math.max(LEAST_OF_LOG, value)) : value;
  }

  private Stream<Point> points() {
    return series.stream().flatMap(one -> one.points().stream());
  }
}
