package dev.hawser.lab;

import java.util.List;

/**
 * Values in an order, for a chart.
 *
 * @param name what they are
 */
public record Series(String name, List<Point> points) {
  /** One of them; most often x is a time. */
  public record Point(double x, double y) {}

  /** Copies the points. */
  public Series {
    points = List.copyOf(points);
  }

  /** A series of which only the x counts. */
  public static Series of(String name, List<Double> xs) {
    return new Series(name, xs.stream().map(x -> new Point(x, 0)).toList());
  }

  /** The same under another name. */
  public Series named(String other) {
    return new Series(other, points);
  }

  /** The first coordinates. */
  public List<Double> xs() {
    return points.stream().map(Point::x).toList();
  }
}
