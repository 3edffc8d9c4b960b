package dev.hawser.overload;

import dev.hawser.ClientSnapshot;
import dev.hawser.Origin;
import dev.hawser.RetryOptions;
import java.util.concurrent.atomic.LongAdder;

/** What one host has to bear from this client. Any thread. */
public final class HostLoad {
  private static final long NOTED = 1_000_000_000; // uses closer together are one

  /**
   * Repeats of what a host has not looked at: as many as it has answered, and at first as many as a
   * restart can concern at once, 4 connections of HTTP/2 with 100 streams each, and some more. A
   * host that refuses all is not asked four times as often for that.
   */
  private static final int REFUSALS = 500;

  private final Origin origin;
  private final RetryBudget budget;
  private final RetryBudget refusals = new RetryBudget(1, REFUSALS);
  private final LongAdder retries = new LongAdder();
  private final LongAdder retriesRefused = new LongAdder();
  private volatile long usedAt; // by whoever uses it, about once a second

  HostLoad(Origin origin, RetryOptions retry, long now) {
    this.origin = origin;
    this.budget = new RetryBudget(retry.budget(), retry.burst());
    this.usedAt = now;
  }

  void used(long now) {
    if (now - usedAt > NOTED) {
      usedAt = now;
    }
  }

  long usedAt() {
    return usedAt;
  }

  /** The host has answered a request. */
  public void answered(int status) {
    if (status < 500 && status != 429) {
      budget.earn();
      refusals.earn();
    }
  }

  /**
   * Whether one more request may be sent again at once which the host says it has not looked at; it
   * is to be then.
   *
   * <p>Nobody need ask because of a stale connection: each has answered before, so there are no
   * more of them than answers.
   */
  public boolean mayRepeatRefused() {
    return refusals.spend();
  }

  /** Whether one more request may be sent again after a while, which it is to be then. */
  public boolean mayRetry() {
    boolean may = budget.spend();
    (may ? retries : retriesRefused).increment();
    return may;
  }

  ClientSnapshot.Load snapshot() {
    return new ClientSnapshot.Load(origin, budget.left(), retries.sum(), retriesRefused.sum());
  }
}
