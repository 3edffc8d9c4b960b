package dev.hawser.lab.report;

import dev.hawser.lab.Series;
import dev.hawser.lab.Series.Point;
import dev.hawser.lab.Texts;
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
  private static final int TOP = 66;
  private static final int BOTTOM = 320;
  private static final double LEAST_OF_LOG = 0.1;

  /** Copies the lists. */
  public Lines {
    series = List.copyOf(series);
    markers = List.copyOf(markers);
  }

  @Override
  public String svg() {
    var svg = new Svg(BOTTOM + 44, this);
    double lastX = points().mapToDouble(Point::x).max().orElse(1);
    double firstX = Math.min(0, points().mapToDouble(Point::x).min().orElse(0));
    var across = new Axis(firstX, lastX, LEFT, Svg.WIDTH - 20);
    double most = points().mapToDouble(Point::y).max().orElse(1);
    var up =
        log
            ? new Axis(
                Math.floor(scaled(points().mapToDouble(Point::y).min().orElse(1))),
                Math.ceil(scaled(most)),
                BOTTOM,
                TOP)
            : new Axis(0, most * 1.05, BOTTOM, TOP);
    svg.bottom(across, TOP, BOTTOM, x);
    left(svg, up, across.end());
    legend(svg);
    for (int i = 0; i < series.size(); i++) {
      svg.path(line(series.get(i), across, up), "line s" + i);
    }
    for (Marker marker : markers) {
      svg.marker(across, marker, TOP, BOTTOM);
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
    svg.text(8, TOP - 12, "label", y);
  }

  private void legend(Svg svg) {
    double at = LEFT;
    for (int i = 0; i < series.size(); i++) {
      svg.line(at, 16, at + 28, 16, "line s" + i);
      svg.text(at + 34, 20, "note", series.get(i).name());
      at += 52 + series.get(i).name().length() * 6.6;
    }
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
