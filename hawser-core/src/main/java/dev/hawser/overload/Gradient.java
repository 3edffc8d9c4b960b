package dev.hawser.overload;

import dev.hawser.LimitOptions;

/**
 * How many requests at once a host can bear, by what its response times do: the Gradient2 of
 * Netflix's concurrency-limits, with one difference.
 *
 * <pre>
 *   gradient = usual response time * tolerance / this one,  within 0.5 and 1
 *   limit   := limit + 0.2 * (limit * gradient + 4 - limit)
 * </pre>
 *
 * <p>The usual time follows the present one, so that a host that has become slower for good has its
 * limit back in time. The difference: while requests wait for each other it follows five times more
 * slowly. Gradient2 takes a long overload for what is usual: in the simulation its limit of 30
 * grows to 209 in two minutes, and response times with it.
 *
 * <p>What was measured while less than half of the limit was in use tells nothing of the limit. Has
 * no lock and no clock.
 */
final class Gradient {
  /** By how much it grows where nothing waits: an allowance for a short queue at the host. */
  private static final int QUEUE = 4;

  private static final double SMOOTHING = 0.2;
  private static final double STEEPEST = 0.5; // one outlier must not halve it more than once

  /** The usual time is a mean of so many windows, faded exponentially, */
  private static final int LONG = 600;

  /** and of the first ones an even one. */
  private static final int FIRST = 10;

  /** When it is over for long that everything was slow, what is usual need not creep down. */
  private static final double FAR_TOO_LONG = 2;

  private static final double DOWN = 0.95;

  /** How much of its speed the usual time has in an overload; 1: Gradient2 as it is. */
  private static final double OVERLOADED = 0.2;

  private final LimitOptions options;
  private final double overloaded;
  private double limit;
  private double usual; // nanoseconds
  private double sum; // of the first ones
  private int seen;

  Gradient(LimitOptions options) {
    this(options, OVERLOADED);
  }

  /** The same; for the comparison with Gradient2. */
  Gradient(LimitOptions options, double overloaded) {
    this.options = options;
    this.overloaded = overloaded;
    this.limit = options.initial();
  }

  /**
   * Takes a window's mean response time.
   *
   * @param inFlight the most requests at once in that time
   * @return the limit
   */
  int sample(long nanos, int inFlight) {
    double now = Math.max(1, nanos);
    double before = average(now);
    if (before / now > FAR_TOO_LONG) {
      usual *= DOWN;
    }
    if (inFlight >= limit / 2) {
      double wanted = limit * gradient(before, now) + QUEUE;
      limit =
          Math.clamp(limit * (1 - SMOOTHING) + wanted * SMOOTHING, options.min(), options.max());
    }
    return limit();
  }

  private double gradient(double before, double now) {
    return Math.clamp(options.tolerance() * before / now, STEEPEST, 1);
  }

  private double average(double sample) {
    if (seen < FIRST) {
      seen++;
      sum += sample;
      usual = sum / seen;
    } else {
      double weight = 2.0 / (LONG + 1);
      double gradient = gradient(usual, sample);
      if (gradient > STEEPEST && gradient < 1) { // steeper is no queue: the host itself is slow
        weight *= overloaded;
      }
      usual = usual * (1 - weight) + sample * weight;
    }
    return usual;
  }

  int limit() {
    return (int) limit;
  }

  /** In nanoseconds; 0 while nothing is known. */
  long usual() {
    return (long) usual;
  }
}
