package dev.hawser.lab.child;

import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Who calls when. Callers are virtual threads; what an experiment needs is one of these. */
public sealed interface Load extends Serializable {
  /**
   * So many callers, each of which calls, pauses, calls again, so many times; the pauses are drawn
   * at random between two durations. With one call each: all at once.
   *
   * @param calls of each caller
   * @param spread within which the callers begin, at random; zero: all at once
   */
  record Callers(int callers, int calls, Duration leastPause, Duration mostPause, Duration spread)
      implements Load {}

  /** So many callers, each of which calls again as soon as it has its answer. */
  record Steady(int callers, Duration duration) implements Load {}

  /** So many calls a second, each at its time whatever became of those before it. */
  record Paced(double perSecond, Duration duration) implements Load {
    @Override
    public List<Duration> instants(long seed) {
      int calls = (int) Math.round(perSecond * duration.toMillis() / 1e3);
      return IntStream.range(0, calls)
          .mapToObj(i -> Duration.ofNanos((long) (i * 1e9 / perSecond)))
          .toList();
    }
  }

  /**
   * Calls at random, so many a second as a curve says, each at its time whatever became of those
   * before it: callers who know nothing of each other (a Poisson process).
   *
   * @param points in the order of their instants, with straight lines between
   */
  record Curve(List<Point> points) implements Load {
    /** So many calls a second at this instant. */
    public record Point(Duration at, double perSecond) implements Serializable {}

    /** Copies the list. */
    public Curve {
      points = List.copyOf(points);
    }

    /** So many calls a second so many seconds after the beginning. */
    public double perSecond(double seconds) {
      Point before = points.getFirst();
      for (Point point : points) {
        double from = before.at().toMillis() / 1e3;
        double to = point.at().toMillis() / 1e3;
        if (seconds <= to) {
          double way = to > from ? (seconds - from) / (to - from) : 1;
          return before.perSecond() + way * (point.perSecond() - before.perSecond());
        }
        before = point;
      }
      return 0;
    }

    /** Instants of the highest rate, of which so many count as the rate has of that. */
    @Override
    public List<Duration> instants(long seed) {
      double most = points.stream().mapToDouble(Point::perSecond).max().orElse(0);
      double end = length().toMillis() / 1e3;
      var random = new SplittableRandom(seed);
      var instants = new ArrayList<Duration>();
      for (double at = gap(random, most); at < end; at += gap(random, most)) {
        if (random.nextDouble() * most < perSecond(at)) {
          instants.add(Duration.ofNanos((long) (at * 1e9)));
        }
      }
      return instants;
    }

    private static double gap(SplittableRandom random, double perSecond) {
      return -Math.log(1 - random.nextDouble()) / perSecond;
    }
  }

  /** When calls are due that wait for no other; none where callers take their turns. */
  default List<Duration> instants(long seed) {
    return List.of();
  }

  /** All of them at once, once. */
  static Load atOnce(int callers) {
    return new Callers(callers, 1, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  }

  /** One caller, so many calls, one after the other. */
  static Load inTurn(int calls) {
    return new Callers(1, calls, Duration.ZERO, Duration.ZERO, Duration.ZERO);
  }

  /** Until when the last call begins, if no call takes long. */
  default Duration length() {
    return switch (this) {
      case Callers callers ->
          callers.spread().plus(callers.mostPause().multipliedBy(callers.calls() - 1));
      case Steady steady -> steady.duration();
      case Paced paced -> paced.duration();
      case Curve curve -> curve.points().getLast().at();
    };
  }
}
