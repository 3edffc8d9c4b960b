package dev.hawser.overload;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How often requests to one host may be sent again: each success earns a share of a repeat, up to
 * so many. So a host that answers nobody gets few repeats, however many callers it has, and one in
 * trouble has at most {@code share} more to do because of them.
 *
 * <p>It knows no time: what a client with little to do has saved is there when it is wanted, and no
 * clock that jumps fills it. While it is full, which it mostly is, a success costs one read.
 */
final class RetryBudget {
  private static final long WHOLE = 1_000_000; // a repeat, in millionths

  private final long earned; // by a success
  private final long most;
  private final AtomicLong saved;

  /**
   * Begins full.
   *
   * @param share of a repeat that a success earns, from 0 to 1
   * @param burst repeats that can be saved
   */
  RetryBudget(double share, int burst) {
    this.earned = Math.round(share * WHOLE);
    this.most = burst * WHOLE;
    this.saved = new AtomicLong(most);
  }

  /** A request was answered well. */
  void earn() {
    long now = saved.get();
    while (now < most) {
      long before = saved.compareAndExchange(now, Math.min(most, now + earned));
      if (before == now) {
        return;
      }
      now = before;
    }
  }

  /** Takes one repeat out; false if there is none. */
  boolean spend() {
    long now = saved.get();
    while (now >= WHOLE) {
      long before = saved.compareAndExchange(now, now - WHOLE);
      if (before == now) {
        return true;
      }
      now = before;
    }
    return false;
  }

  /** How many repeats there are. */
  int left() {
    return (int) (saved.get() / WHOLE);
  }
}
