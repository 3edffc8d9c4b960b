package dev.hawser.overload;

import dev.hawser.ClientSnapshot;
import dev.hawser.LimitOptions;
import dev.hawser.Phase;
import dev.hawser.Priority;
import dev.hawser.Refusal;
import dev.hawser.io.Parked;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many requests at once to a host, and has others wait for their turn. How many is the
 * {@link Gradient}'s to say, whom the response times of each window are told.
 *
 * <p>Whose turn is it? He of the highest priority who has waited longest; but {@link #TURNS every
 * tenth} place goes past the highest, so that nobody waits in vain for ever. When all places to
 * wait are taken, whoever comes pushes out the last of the lowest priority below his own, but for a
 * tenth of the places, which each priority keeps. A share of the limit is for the highest alone
 * while it is asked for.
 */
final class Limit {
  /** As Netflix's windows, but shorter: a spike is noticed within some of them. */
  private static final long WINDOW = 100_000_000;

  /** A window of fewer responses goes on. */
  private static final int FEWEST = 10;

  private static final int TURNS = 10;

  /** For so long after a request of the highest priority its share is kept for the next. */
  private static final long KEPT = 60_000_000_000L;

  private static final int WORTH_TELLING = 5; // by a fifth

  private static final Priority[] FROM_HIGHEST = {Priority.HIGH, Priority.NORMAL, Priority.LOW};

  private enum Outcome {
    MAY_GO,
    PUSHED_OUT,
    CLIENT_CLOSED
  }

  private static final class Waiter extends Parked<Outcome> {
    final Priority priority;
    final long number; // as they came

    Waiter(Priority priority, long number) {
      this.priority = priority;
      this.number = number;
    }
  }

  private final LimitOptions options;
  private final Watchdog watchdog;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock(); // never held across a wait

  // All below: guarded by lock.
  private final Gradient gradient;
  private final Map<Priority, ArrayDeque<Waiter>> lines = new EnumMap<>(Priority.class);
  private int limit;
  private int told; // the limit that was told last
  private int inFlight;
  private int waiting;
  private long waiters; // that there have been
  private int turns; // places that became free while somebody waited
  private long highUntil = Long.MIN_VALUE; // until then a share is kept for the highest
  private long refused;
  private boolean closed;

  // Of the window under way.
  private long windowEnd = Long.MIN_VALUE;
  private int most; // requests at once
  private int responses;
  private long nanos; // that they took, together

  Limit(LimitOptions options, Watchdog watchdog, Ticker ticker) {
    this.options = options;
    this.watchdog = watchdog;
    this.ticker = ticker;
    this.gradient = new Gradient(options);
    this.limit = gradient.limit();
    this.told = limit;
    for (Priority priority : Priority.values()) {
      lines.put(priority, new ArrayDeque<>());
    }
  }

  // ---- in

  /** Lets a request in, if it need not wait for its turn; {@link #leave} is to follow then. */
  boolean tryEnter(Priority priority, long now) {
    lock.lock();
    try {
      return !closed && take(priority, now);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns when the request may be sent; {@link #leave} is to follow. Whether it had to wait.
   *
   * @param deadline the request's
   * @throws Refused if it is not to be sent
   * @throws StageFailure if its time is up, or the client is closed
   */
  boolean enter(Priority priority, long deadline)
      throws Refused, StageFailure, InterruptedException {
    long now = ticker.nanos();
    Waiter waiter;
    Waiter pushed;
    lock.lock();
    try {
      if (closed) {
        throw clientClosed();
      }
      if (take(priority, now)) {
        return false;
      }
      pushed = waiting < options.maxWaiting() ? null : lastBelow(priority);
      if (pushed == null && waiting >= options.maxWaiting()) {
        throw refusal(priority);
      }
      if (pushed != null) {
        settle(pushed, Outcome.PUSHED_OUT);
      }
      waiter = new Waiter(priority, ++waiters);
      line(priority).add(waiter);
      waiting++;
    } finally {
      lock.unlock();
    }
    wake(pushed);
    await(waiter, Ticker.after(now, options.maxWait()), deadline);
    return true;
  }

  private void await(Waiter waiter, long patience, long deadline)
      throws Refused, StageFailure, InterruptedException {
    long until = Math.min(patience, deadline);
    while (waiter.outcome() == null) {
      boolean interrupted = Thread.interrupted();
      if (interrupted || ticker.nanos() >= until) {
        giveUp(waiter, interrupted, patience <= deadline);
      } else {
        waiter.await(until, watchdog);
      }
    }
    if (waiter.outcome() == Outcome.CLIENT_CLOSED) {
      throw clientClosed();
    }
    if (waiter.outcome() == Outcome.PUSHED_OUT) {
      lock.lock();
      try {
        throw refusal(waiter.priority);
      } finally {
        lock.unlock();
      }
    }
  }

  /** Unless it is his turn at this moment; who was interrupted does not want it even then. */
  private void giveUp(Waiter waiter, boolean interrupted, boolean impatient)
      throws Refused, StageFailure, InterruptedException {
    lock.lock();
    try {
      if (waiter.outcome() == null) {
        settle(waiter, Outcome.PUSHED_OUT);
      } else if (!interrupted) {
        return;
      } else if (waiter.outcome() == Outcome.MAY_GO) {
        free();
      }
      if (interrupted) {
        throw new InterruptedException();
      }
      if (impatient) {
        throw refusal(waiter.priority);
      }
      throw StageFailure.timeout(
          Phase.QUEUE,
          "the host's limit of requests at once is reached (%s)".formatted(usage()),
          "Send less, or see to LimitOptions");
    } finally {
      lock.unlock();
    }
  }

  private static StageFailure clientClosed() {
    return StageFailure.of(Phase.QUEUE, "the client was closed", "", null);
  }

  private String usage() {
    return "limit %d, %d in flight, %d waiting".formatted(limit, inFlight, waiting);
  }

  private Refused refusal(Priority priority) {
    refused++;
    // By Little's law so long until all who wait have had their turn.
    long soon = gradient.usual() / limit * (waiting + 1);
    return new Refused(
        new Refusal.LimitReached(limit, inFlight, waiting, priority), Math.max(1, soon));
  }

  private boolean take(Priority priority, long now) {
    if (priority == Priority.HIGH) {
      highUntil = now + KEPT;
    }
    boolean may = inFlight < room(priority, now) && nobodyBefore(priority);
    if (may) {
      take();
    }
    return may;
  }

  private void take() {
    inFlight++;
    most = Math.max(most, inFlight);
  }

  /** How many may be in flight for one more of this priority to go. */
  private int room(Priority priority, long now) {
    if (priority == Priority.HIGH || now >= highUntil) {
      return limit;
    }
    int kept = (int) Math.ceil(options.highShare() * limit);
    return Math.max(1, limit - kept);
  }

  private boolean nobodyBefore(Priority priority) {
    if (waiting == 0) {
      return true;
    }
    for (Priority other : FROM_HIGHEST) {
      if (!line(other).isEmpty()) {
        return false;
      }
      if (other == priority) {
        return true;
      }
    }
    return true;
  }

  private @Nullable Waiter lastBelow(Priority priority) {
    int keeps = Math.max(1, options.maxWaiting() / 10);
    for (Priority lower : Priority.values()) {
      if (lower == priority) {
        return null;
      }
      if (line(lower).size() > keeps) {
        return line(lower).peekLast();
      }
    }
    return null;
  }

  private ArrayDeque<Waiter> line(Priority priority) {
    return Objects.requireNonNull(lines.get(priority));
  }

  // ---- out

  /** A request that was let in has ended, whichever way. */
  void leave() {
    lock.lock();
    try {
      free();
    } finally {
      lock.unlock();
    }
  }

  private void free() {
    inFlight--;
    if (waiting > 0) {
      long now = ticker.nanos();
      turns++;
      if (turns % TURNS == 0 && inFlight < limit) {
        letIn(passedOver());
      }
      letIn(now);
    }
  }

  /** All who may go. */
  private void letIn(long now) {
    for (Waiter next = highest();
        next != null && inFlight < room(next.priority, now);
        next = highest()) {
      letIn(next);
    }
  }

  private void letIn(@Nullable Waiter next) {
    if (next != null) {
      take();
      settle(next, Outcome.MAY_GO);
      wake(next);
    }
  }

  private @Nullable Waiter highest() {
    for (Priority priority : FROM_HIGHEST) {
      Waiter first = line(priority).peekFirst();
      if (first != null) {
        return first;
      }
    }
    return null;
  }

  /** Who has waited longest of those below the highest; if they are all alike, the first. */
  private @Nullable Waiter passedOver() {
    Waiter highest = highest();
    Waiter oldest = null;
    for (ArrayDeque<Waiter> line : lines.values()) {
      Waiter first = line.peekFirst();
      if (first != null && first != highest && (oldest == null || first.number < oldest.number)) {
        oldest = first;
      }
    }
    return oldest == null ? highest : oldest;
  }

  private void settle(Waiter waiter, Outcome outcome) {
    line(waiter.priority).remove(waiter);
    waiting--;
    waiter.settle(outcome);
  }

  private static void wake(@Nullable Waiter waiter) {
    if (waiter != null) {
      waiter.wake();
    }
  }

  /** Nobody is to wait any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      for (ArrayDeque<Waiter> line : lines.values()) {
        for (Waiter waiter = line.peekFirst(); waiter != null; waiter = line.peekFirst()) {
          settle(waiter, Outcome.CLIENT_CLOSED);
          wake(waiter);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- what is measured

  /**
   * What has changed.
   *
   * @param usual nanoseconds that responses usually take
   * @param took nanoseconds that they took in the last window
   */
  record Moved(int limit, int before, long usual, long took) {}

  /** A response's head came after so long. Returns what is worth telling; null: nothing is. */
  @Nullable Moved responded(long took, long now) {
    lock.lock();
    try {
      responses++;
      nanos += took;
      if (responses < FEWEST || now < windowEnd) {
        return null;
      }
      long mean = nanos / responses;
      limit = gradient.sample(mean, most);
      windowEnd = now + WINDOW;
      responses = 0;
      nanos = 0;
      most = inFlight;
      letIn(now);
      if (Math.abs(limit - told) * WORTH_TELLING < told) {
        return null;
      }
      var moved = new Moved(limit, told, gradient.usual(), mean);
      told = limit;
      return moved;
    } finally {
      lock.unlock();
    }
  }

  ClientSnapshot.Limit snapshot() {
    lock.lock();
    try {
      return new ClientSnapshot.Limit(
          limit, inFlight, waiting, refused, Duration.ofNanos(gradient.usual()));
    } finally {
      lock.unlock();
    }
  }
}
