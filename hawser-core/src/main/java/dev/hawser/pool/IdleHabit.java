package dev.hawser.pool;

import dev.hawser.io.Ticker;

/**
 * Learns after how long a server closes idle connections. Servers that close at a fixed time do so
 * again: three closes in a row within a tenth of each other, one after the other, make a habit. A
 * close that does not fit (a restart, a limit on requests) starts over.
 *
 * <p>A habit is forgotten after ten minutes, so that a server whose setting was raised gets its
 * reuse back. Guarded by the pool's lock.
 */
final class IdleHabit {
  private static final int CLOSES = 3;
  private static final long SHORTEST = 200_000_000; // closes sooner than that are no idle limit
  private static final long REMEMBERED = 600_000_000_000L;

  private int closes;
  private long shortest;
  private long longest;
  private long lastAt;

  /** Notes a close by the server after {@code idle}; returns whether that completes a habit. */
  boolean closedAfter(long idle, long now) {
    if (idle < SHORTEST) {
      return false;
    }
    forget(now);
    if (closes > 0 && now - idle < lastAt) {
      return false; // was idle at the last close already: a restart closes many at once, which says
      // nothing of idle time
    }
    long least = Math.min(shortest, idle);
    long most = Math.max(longest, idle);
    // The sweep sees a close up to one period late: that is no difference.
    boolean fits = closes > 0 && most - least <= most / 10 + Pool.SWEEP_PERIOD;
    shortest = fits ? least : idle;
    longest = fits ? most : idle;
    closes = fits ? closes + 1 : 1;
    lastAt = now;
    return closes == CLOSES;
  }

  /** The habit, or {@link Ticker#NEVER}. */
  long limit(long now) {
    forget(now);
    return closes >= CLOSES ? shortest : Ticker.NEVER;
  }

  private void forget(long now) {
    if (closes > 0 && now - lastAt > REMEMBERED) {
      closes = 0;
    }
  }
}
