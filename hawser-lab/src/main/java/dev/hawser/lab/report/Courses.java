package dev.hawser.lab.report;

import dev.hawser.lab.Series;
import dev.hawser.lab.Series.Point;
import dev.hawser.lab.Texts;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * How several values of each client go over time: a lane for each client, all with the same scale,
 * and in each a line for each value. Lines differ in their strokes, too.
 *
 * @param x what runs from left to right, with its unit
 * @param y what runs upwards, with its unit
 * @param kinds of values; three at most
 */
public record Courses(
    String title,
    String says,
    String x,
    String y,
    List<String> kinds,
    List<Lane> lanes,
    List<Marker> markers)
    implements Chart {
  private static final int LEFT = 275;
  private static final int TOP = 62;
  private static final int LANE = 84;
  private static final int GAP = 14;

  /**
   * One client.
   *
   * @param values for each kind
   */
  public record Lane(String name, List<Series> values) {
    /** Copies the list. */
    public Lane {
      values = List.copyOf(values);
    }
  }

  /** Copies the lists. */
  public Courses {
    kinds = List.copyOf(kinds);
    lanes = List.copyOf(lanes);
    markers = List.copyOf(markers);
  }

  @Override
  public String svg() {
    int bottom = TOP + lanes.size() * LANE;
    var svg = new Svg(bottom + 44, this);
    var across = new Axis(0, most(Point::x), LEFT, Svg.WIDTH - 20);
    double most = most(Point::y) * 1.05;
    legend(svg);
    svg.bottom(across, TOP, bottom, x);
    for (int i = 0; i < lanes.size(); i++) {
      var up = new Axis(0, most, TOP + (i + 1) * LANE, TOP + i * LANE + GAP);
      lane(svg, lanes.get(i), across, up);
    }
    for (Marker marker : markers) {
      svg.marker(across, marker, TOP, bottom);
    }
    return svg.end();
  }

  private static void lane(Svg svg, Lane lane, Axis across, Axis up) {
    svg.line(8, up.start(), across.end(), up.start(), "axis");
    svg.text(LEFT - 46, (up.start() + up.end()) / 2 + 4, "label end", lane.name());
    List<Double> ticks = up.ticks();
    for (double tick : List.of(ticks.getFirst(), ticks.getLast())) {
      svg.line(LEFT - 4, up.at(tick), LEFT, up.at(tick), "axis");
      svg.text(LEFT - 8, up.at(tick) + (tick == 0 ? 0 : 4), "tick end", Texts.number(tick));
    }
    for (int kind = 0; kind < lane.values().size(); kind++) {
      svg.path(line(lane.values().get(kind), across, up), "line c" + kind);
    }
  }

  private void legend(Svg svg) {
    double at = LEFT;
    for (int kind = 0; kind < kinds.size(); kind++) {
      svg.line(at, 16, at + 28, 16, "line c" + kind);
      svg.text(at + 34, 20, "note", kinds.get(kind));
      at += 56 + kinds.get(kind).length() * 6.6;
    }
    svg.text(8, 20, "label", y);
  }

  private static String line(Series one, Axis across, Axis up) {
    var path = new StringBuilder();
    for (Point point : one.points()) {
      path.append(path.isEmpty() ? 'M' : 'L')
          .append(Svg.n(across.at(point.x())))
          .append(' ')
          .append(Svg.n(up.at(point.y())));
    }
    return path.isEmpty() ? "M0 0" : path.toString();
  }

  private double most(ToDoubleFunction<Point> value) {
    Stream<Point> points =
        lanes.stream()
            .flatMap(lane -> lane.values().stream())
            .flatMap(one -> one.points().stream());
    return points.mapToDouble(value).max().orElse(1);
  }
}
