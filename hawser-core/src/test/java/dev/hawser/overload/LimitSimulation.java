package dev.hawser.overload;

import dev.hawser.LimitOptions;
import dev.hawser.Priority;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Watchdog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/**
 * A host with so many workers and a queue without a bound, and callers who come at random; who
 * meets the limit is refused. In time of its own, from a seed: the same {@link Limit} as the
 * client's is asked and told.
 */
final class LimitSimulation {
  /** A second as it was. */
  record Second(int limit, int answered, int refused, double meanMillis) {}

  private record Event(long at, long order, Runnable what) {}

  private static final long SECOND = 1_000_000_000;

  private final int workers;
  private final DoubleUnaryOperator arrivals; // a second, at a second
  private final DoubleUnaryOperator millis; // of work for a request, on average, at a second
  private final double pausedFrom;
  private final double pausedTo;
  private final SplittableRandom random;
  private final Limit limit; // null: without
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (one, other) ->
              one.at != other.at
                  ? Long.compare(one.at, other.at)
                  : Long.compare(one.order, other.order));
  private final ArrayDeque<Long> queue = new ArrayDeque<>(); // when they came
  private final List<Second> seconds = new ArrayList<>();
  private long now;
  private long ordered;
  private int busy;
  private int answered;
  private int refused;
  private double took; // milliseconds, together

  LimitSimulation(
      int workers,
      DoubleUnaryOperator arrivals,
      DoubleUnaryOperator millis,
      double pausedFrom,
      double pausedTo,
      boolean limited,
      long seed) {
    this.workers = workers;
    this.arrivals = arrivals;
    this.millis = millis;
    this.pausedFrom = pausedFrom;
    this.pausedTo = pausedTo;
    this.random = new SplittableRandom(seed);
    this.limit =
        limited
            ? new Limit(
                LimitOptions.DEFAULTS.enabled(true).maxWaiting(0),
                new Watchdog(() -> now),
                () -> now)
            : null;
  }

  List<Second> run(int length) throws Exception {
    at(0, this::arrive);
    for (int second = 1; second <= length; second++) {
      at(second * SECOND, this::endOfSecond);
    }
    while (seconds.size() < length) {
      Event next = events.remove();
      now = next.at;
      next.what.run();
    }
    return seconds;
  }

  private void at(long when, Runnable what) {
    events.add(new Event(when, ordered++, what));
  }

  private double seconds() {
    return (double) now / SECOND;
  }

  private void arrive() {
    at(now + (long) (exponential() * SECOND / arrivals.applyAsDouble(seconds())), this::arrive);
    if (enters()) {
      queue.add(now);
      work();
    } else {
      refused++;
    }
  }

  private boolean enters() {
    try {
      if (limit != null) {
        limit.enter(Priority.NORMAL, Long.MAX_VALUE);
      }
      return true;
    } catch (Refused e) {
      return false;
    } catch (StageFailure | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void work() {
    if (busy < workers && !queue.isEmpty()) {
      busy++;
      long since = queue.remove();
      // Half of the work is always there, the other half is random.
      double work = millis.applyAsDouble(seconds()) * (0.5 + 0.5 * exponential());
      long end = now + (long) (work * 1e6);
      if (seconds() < pausedTo && (double) end / SECOND > pausedFrom) {
        end += (long) ((pausedTo - Math.max(pausedFrom, seconds())) * SECOND);
      }
      at(end, () -> done(since));
    }
  }

  private void done(long since) {
    busy--;
    answered++;
    took += (now - since) / 1e6;
    if (limit != null) {
      limit.responded(now - since, now);
      limit.leave();
    }
    work();
  }

  private void endOfSecond() {
    int present = limit == null ? 0 : limit.snapshot().limit();
    seconds.add(new Second(present, answered, refused, answered == 0 ? 0 : took / answered));
    answered = 0;
    refused = 0;
    took = 0;
  }

  private double exponential() {
    return -Math.log(1 - random.nextDouble());
  }
}
