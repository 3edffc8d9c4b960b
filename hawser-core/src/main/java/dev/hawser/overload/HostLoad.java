package dev.hawser.overload;

import dev.hawser.BreakerOptions;
import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.RetryOptions;
import dev.hawser.io.Events;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

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
  private final Events events;
  private final RetryBudget budget;
  private final RetryBudget refusals = new RetryBudget(1, REFUSALS);
  private final @Nullable Breaker breaker; // null: none is wanted
  private final LongAdder retries = new LongAdder();
  private final LongAdder retriesRefused = new LongAdder();
  private final LongAdder callsRefused = new LongAdder();
  private volatile long usedAt; // by whoever uses it, about once a second

  HostLoad(Origin origin, RetryOptions retry, BreakerOptions breaker, Events events, long now) {
    this.origin = origin;
    this.events = events;
    this.budget = new RetryBudget(retry.budget(), retry.burst());
    this.breaker = breaker.enabled() ? new Breaker(breaker) : null;
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

  // ---- calls

  /** Whether a request may be sent: 0, else for how many nanoseconds yet none may. */
  public long refusedFor(long now) {
    if (breaker == null) {
      return 0;
    }
    long left = breaker.refusedFor(now);
    if (left > 0) {
      callsRefused.increment();
    }
    return left;
  }

  /** Why that is so. */
  public String refusal() {
    return breaker == null ? "" : "the circuit breaker is open after " + breaker.why();
  }

  /** The host has answered a request that was admitted at {@code admitted}. */
  public void answered(int status, long admitted, long now) {
    if (status < 500 && status != 429) {
      budget.earn();
      refusals.earn();
    }
    if (breaker == null) {
      return;
    }
    if (status >= 500) {
      failed(admitted, now);
    } else if (breaker.succeeded(admitted, now) && events.wanted()) {
      events.tell(new ExchangeEvent.BreakerClosed(origin));
    }
  }

  /** The host cannot be reached, or has not answered. */
  public void failed(long admitted, long now) {
    String opens = breaker == null ? null : breaker.failed(admitted, now);
    if (breaker != null && opens != null && events.wanted()) {
      events.tell(
          new ExchangeEvent.BreakerOpened(origin, Duration.ofNanos(breaker.left(now)), opens));
    }
  }

  // ---- repeats

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

  ClientSnapshot.Load snapshot(long now) {
    return new ClientSnapshot.Load(
        origin,
        budget.left(),
        retries.sum(),
        retriesRefused.sum(),
        Duration.ofNanos(breaker == null ? 0 : breaker.left(now)),
        callsRefused.sum());
  }
}
