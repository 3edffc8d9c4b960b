package dev.hawser.lab.child;

import java.io.Serializable;
import java.time.Duration;

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
    int calls() {
      return (int) Math.round(perSecond * duration.toMillis() / 1e3);
    }
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
    };
  }
}
