package dev.hawser.overload;

import dev.hawser.ClientSnapshot;
import dev.hawser.HedgeOptions;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which of a host's requests are answered late. Late is who takes longer than the {@link
 * Percentile} of the others. A list of those that are awaited is looked at by the {@link Watchdog}.
 * Since all wait equally long, it is in the order in which they become late; when that time has
 * just become shorter some are told a little after it.
 *
 * <p>A request that was overtaken by its second counts with the time it had taken until then. That
 * is more than the percentile already, so that this does not fall by the very requests that were
 * late; one second request would else bring about the next. The second's own time does not count.
 */
public final class Hedging implements Watchdog.Guarded {
  private final long least;
  private final boolean fixed; // whatever the responses take
  private final Watchdog watchdog;
  private final Ticker ticker;
  private final LongAdder sent = new LongAdder();
  private final LongAdder won = new LongAdder();
  private final LongAdder withheld = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock(); // held for some nanoseconds

  // All below: guarded by lock.
  private final Percentile usual;
  private @Nullable Awaited first; // of the list
  private @Nullable Awaited last;
  private boolean watched; // by the watchdog, until that finds the list empty

  private volatile long after; // nanoseconds; NEVER: not known. Written under the lock

  Hedging(HedgeOptions options, Watchdog watchdog, Ticker ticker) {
    this.least = options.minDelay().toNanos();
    this.fixed = !options.after().isZero();
    this.after = fixed ? options.after().toNanos() : Ticker.NEVER;
    this.watchdog = watchdog;
    this.ticker = ticker;
    this.usual = new Percentile(options.percentile(), ticker.nanos());
  }

  // ---- the call's thread

  /**
   * A request is sent. {@link #ended} is to follow.
   *
   * @param deadline the request's; near to it there is no time for a second one
   */
  public void begun(Awaited request, long now, long deadline) {
    long delay = after;
    long lateAt = Ticker.after(now, delay);
    if (lateAt == Ticker.NEVER || deadline < Ticker.after(lateAt, delay)) {
      return;
    }
    boolean alone;
    lock.lock();
    try {
      alone = last == null;
      request.lateAt = lateAt;
      append(request);
      if (!watched) {
        watched = true;
        watchdog.add(this);
      }
    } finally {
      lock.unlock();
    }
    if (alone) {
      watchdog.noticed(lateAt);
    }
  }

  /**
   * It is no longer awaited.
   *
   * @param answered in a way that tells of the host's times; one that is late does so always
   * @return whether it has been told, or is about to be, that it is late
   */
  public boolean ended(Awaited request, boolean answered, long took, long now) {
    lock.lock();
    try {
      if (!fixed && (answered || request.late)) {
        long value = usual.add(took, now);
        after = value == 0 ? Ticker.NEVER : Math.max(least, value);
      }
      remove(request);
      return request.late;
    } finally {
      lock.unlock();
    }
  }

  // ---- what became of those that are late

  /** A second request is sent. */
  public void sent() {
    sent.increment();
  }

  /** There is none. */
  public void withheld() {
    withheld.increment();
  }

  /** A second request was answered first. */
  public void won() {
    won.increment();
  }

  // ---- the watchdog's

  @Override
  public long deadline() {
    lock.lock();
    try {
      if (first == null) {
        watched = false;
        watchdog.remove(this);
        return Ticker.NEVER;
      }
      return first.lateAt;
    } finally {
      lock.unlock();
    }
  }

  /** {@inheritDoc} Those that have become late meanwhile are told, too. */
  @Override
  public void expire(long deadline) {
    long now = ticker.nanos();
    for (Awaited late = nextLate(now); late != null; late = nextLate(now)) {
      late.late();
    }
  }

  private @Nullable Awaited nextLate(long now) {
    lock.lock();
    try {
      Awaited next = first;
      if (next == null || next.lateAt > now) {
        return null;
      }
      remove(next);
      next.late = true;
      return next;
    } finally {
      lock.unlock();
    }
  }

  // ---- the list; under the lock

  private void append(Awaited request) {
    request.listed = true;
    request.earlier = last;
    if (last == null) {
      first = request;
    } else {
      last.later = request;
    }
    last = request;
  }

  private void remove(Awaited request) {
    if (!request.listed) {
      return;
    }
    Awaited earlier = request.earlier;
    Awaited later = request.later;
    if (earlier == null) {
      first = later;
    } else {
      earlier.later = later;
    }
    if (later == null) {
      last = earlier;
    } else {
      later.earlier = earlier;
    }
    request.earlier = null;
    request.later = null;
    request.listed = false;
  }

  ClientSnapshot.Hedges snapshot() {
    long delay = after;
    return new ClientSnapshot.Hedges(
        delay == Ticker.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(delay)),
        sent.sum(),
        won.sum(),
        withheld.sum());
  }
}
