package dev.hawser.overload;

import dev.hawser.ClientSnapshot;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Priority;
import dev.hawser.Refusal;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
  private final Ticker ticker;
  private final RetryBudget budget;
  private final RetryBudget refusals = new RetryBudget(1, REFUSALS);
  private final @Nullable Breaker breaker; // null: none is wanted
  private final @Nullable Limit limit; // null: none is wanted
  private final @Nullable Hedging hedging; // null: none is wanted
  private final LongAdder retries = new LongAdder();
  private final LongAdder retriesRefused = new LongAdder();
  private final LongAdder callsRefused = new LongAdder();
  private volatile long usedAt; // by whoever uses it, about once a second

  HostLoad(Origin origin, Protection protection, Events events, Watchdog watchdog, Ticker ticker) {
    this.origin = origin;
    this.events = events;
    this.ticker = ticker;
    this.budget = new RetryBudget(protection.retry().budget(), protection.retry().burst());
    this.breaker = protection.breaker().enabled() ? new Breaker(protection.breaker()) : null;
    this.limit =
        protection.limit().enabled() ? new Limit(protection.limit(), watchdog, ticker) : null;
    this.hedging =
        protection.hedge().enabled() ? new Hedging(protection.hedge(), watchdog, ticker) : null;
    this.usedAt = ticker.nanos();
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

  /** Whether the requests under way are counted: each {@link #enter enters}, and leaves. */
  public boolean isLimited() {
    return limit != null;
  }

  /**
   * Returns when one more request may be under way, after a wait for its turn if need be; {@link
   * #leave} is to follow once, when it no longer is, with its response.
   *
   * @param deadline the request's
   * @throws Refused if there are too many
   * @throws StageFailure if its time is up, or the client is closed
   */
  public void enter(Priority priority, long deadline)
      throws Refused, StageFailure, InterruptedException {
    long now = ticker.nanos();
    if (limit != null && !limit.tryEnter(priority, now)) {
      if (breaker != null && breaker.left(now) > 0) {
        refuse(breaker); // it would wait for its turn, and not be admitted then
      }
      limit.enter(priority, deadline);
    }
  }

  /** A request that was let in is no longer under way. */
  public void leave() {
    if (limit != null) {
      limit.leave();
    }
  }

  /** Admits an attempt at a request, and says when that was. */
  public long admit() throws Refused {
    long now = ticker.nanos();
    if (breaker != null && breaker.refusedFor(now) > 0) {
      refuse(breaker);
    }
    return now;
  }

  private void refuse(Breaker open) throws Refused {
    callsRefused.increment();
    long left = Math.max(1, open.left(ticker.nanos()));
    throw new Refused(new Refusal.BreakerOpen(open.why()), left);
  }

  /**
   * The host has answered an attempt that was admitted at {@code admitted}.
   *
   * @param warm whether the time since then is the host's: no connection was made meanwhile
   */
  public void answered(int status, boolean warm, long admitted, long now) {
    boolean fine = isFine(status);
    if (fine) {
      budget.earn();
      refusals.earn();
    }
    if (fine && warm) { // a refusal is quick, and tells nothing of how long work takes
      responded(now - admitted, now);
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

  /** Whether a response shows that the host can do its work. */
  public static boolean isFine(int status) {
    return status < 500 && status != 429;
  }

  /** The host has let an attempt's time pass, which was admitted at {@code admitted}. */
  public void late(long admitted, long now) {
    responded(now - admitted, now);
  }

  private void responded(long took, long now) {
    Limit.Moved moved = limit == null ? null : limit.responded(took, now);
    if (moved != null && events.wanted()) {
      events.tell(
          new ExchangeEvent.LimitMoved(
              origin,
              moved.limit(),
              moved.before(),
              Duration.ofNanos(moved.took()),
              Duration.ofNanos(moved.usual())));
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

  /** Nobody is to wait for his turn any more. */
  void close() {
    if (limit != null) {
      limit.close();
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

  /** Which requests are late, so that they may be sent a second time; null: none ever is. */
  public @Nullable Hedging hedging() {
    return hedging;
  }

  /**
   * Whether a request may be sent a second time beside the first. It is to be then, and {@link
   * #leave} is to follow for it. Does not wait.
   */
  public boolean mayHedge(Priority priority) {
    boolean may = mayAddOne(priority);
    if (!may && hedging != null) {
      hedging.withheld();
    }
    return may;
  }

  private boolean mayAddOne(Priority priority) {
    if (breaker != null && !breaker.isClosed()) {
      return false;
    }
    if (limit != null && !limit.tryEnter(priority, ticker.nanos())) {
      return false;
    }
    if (!budget.spend()) {
      leave();
      return false;
    }
    return true;
  }

  ClientSnapshot.Load snapshot(long now, List<ClientSnapshot.Ejection> ejected, long ejections) {
    return new ClientSnapshot.Load(
        origin,
        budget.left(),
        retries.sum(),
        retriesRefused.sum(),
        Duration.ofNanos(breaker == null ? 0 : breaker.left(now)),
        callsRefused.sum(),
        Optional.ofNullable(limit).map(Limit::snapshot),
        Optional.ofNullable(hedging).map(Hedging::snapshot),
        ejected,
        ejections);
  }
}
