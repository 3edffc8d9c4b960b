package dev.hawser.lab.report;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * A lane for each client and, within it, a row for each kind of thing that happened: a mark for
 * each time that it did.
 *
 * @param x what runs from left to right, with its unit
 * @param kinds what can happen, from the top row to the bottom one; four at most
 */
public record Strip(
    String title, String says, String x, List<String> kinds, List<Lane> lanes, List<Marker> markers)
    implements Chart {
  private static final int LEFT = 235;
  private static final int ROW = 16;
  private static final int GAP = 12;
  private static final int TOP = 62;

  /**
   * One client.
   *
   * @param times for each kind when it happened
   */
  public record Lane(String name, List<List<Double>> times) {
    /** Copies the lists. */
    public Lane {
      times = times.stream().map(List::copyOf).toList();
    }
  }

  /** Copies the lists. */
  public Strip {
    kinds = List.copyOf(kinds);
    lanes = List.copyOf(lanes);
    markers = List.copyOf(markers);
  }

  @Override
  public String svg() {
    int laneHeight = kinds.size() * ROW + GAP;
    int bottom = TOP + lanes.size() * laneHeight;
    var svg = new Svg(bottom + 44, this);
    var axis = new Axis(least(), most(), LEFT, Svg.WIDTH - 20);
    legend(svg);
    svg.bottom(axis, TOP, bottom, x);
    for (int i = 0; i < lanes.size(); i++) {
      int top = TOP + i * laneHeight;
      if (i > 0) {
        svg.line(8, top, Svg.WIDTH - 20, top, "grid");
      }
      svg.text(LEFT - 12, top + laneHeight / 2.0 + 4, "label end", lanes.get(i).name());
      for (int kind = 0; kind < kinds.size(); kind++) {
        double y = top + GAP / 2.0 + kind * ROW + ROW / 2.0;
        String path = marks(kind, lanes.get(i).times().get(kind), axis, y);
        if (!path.isEmpty()) {
          svg.path(path, "mark k" + kind);
        }
      }
    }
    for (Marker marker : markers) {
      svg.marker(axis, marker, TOP, bottom);
    }
    return svg.end();
  }

  private void legend(Svg svg) {
    double x = LEFT;
    for (int kind = 0; kind < kinds.size(); kind++) {
      svg.path(mark(kind, x + 6, 16), "mark k" + kind);
      svg.text(x + 16, 20, "note", kinds.get(kind));
      x += 30 + kinds.get(kind).length() * 6.6;
    }
  }

  /** Marks that would lie on each other are one. */
  private static String marks(int kind, List<Double> times, Axis axis, double y) {
    var path = new StringBuilder();
    Set<Long> drawn = new HashSet<>();
    for (double time : times) {
      double x = axis.at(time);
      if (drawn.add(Math.round(x * 2))) {
        path.append(mark(kind, x, y));
      }
    }
    return path.toString();
  }

  /** A dot, a ring, a cross, a stroke: told apart without colours. */
  private static String mark(int kind, double x, double y) {
    return switch (kind) {
      case 0 -> "M" + Svg.n(x) + " " + Svg.n(y) + "h0.1";
      case 1 -> "M" + Svg.n(x - 3) + " " + Svg.n(y) + "a3 3 0 1 0 6 0a3 3 0 1 0-6 0";
      case 2 -> "M" + Svg.n(x - 3.5) + " " + Svg.n(y - 3.5) + "l7 7m0-7l-7 7";
      default -> "M" + Svg.n(x) + " " + Svg.n(y - 5) + "v10";
    };
  }

  private double least() {
    return all().min().orElse(0);
  }

  private double most() {
    return all().max().orElse(1);
  }

  private DoubleStream all() {
    return DoubleStream.concat(
        markers.stream().mapToDouble(Marker::x),
        lanes.stream()
            .flatMap(lane -> lane.times().stream())
            .flatMap(List::stream)
            .mapToDouble(Double::doubleValue));
  }
}
