package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.BreakerOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.LimitOptions;
import dev.hawser.Origin;
import dev.hawser.Priority;
import dev.hawser.RetryOptions;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which requests are late, and whether the host can bear a second one; in virtual time. */
@Timeout(20)
class HedgingTest {
  private static final long MS = 1_000_000;

  private final AtomicLong clock = new AtomicLong();
  private final Watchdog watchdog = new Watchdog(Ticker.SYSTEM); // it may tell what a test tells

  private static final class Request extends Awaited {
    final AtomicInteger told = new AtomicInteger();

    @Override
    protected void late() {
      told.incrementAndGet();
    }
  }

  private Hedging hedging(HedgeOptions options) {
    return new Hedging(options.enabled(true), watchdog, clock::get);
  }

  private Request begun(Hedging hedging) {
    var request = new Request();
    hedging.begun(request, clock.get(), Ticker.NEVER);
    return request;
  }

  private void answered(Hedging hedging, long millis, int times) {
    for (int i = 0; i < times; i++) {
      hedging.ended(new Request(), true, millis * MS, clock.get());
    }
  }

  /** The watchdog may be about to. */
  private static void awaitTold(Request request) {
    long end = System.nanoTime() + 10_000_000_000L;
    while (request.told.get() == 0 && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(request.told).hasValue(1);
  }

  private static Optional<Duration> after(Hedging hedging) {
    return hedging.snapshot().after();
  }

  // ---- the percentile

  @Test
  void nothingIsLateBeforeAHundredResponses() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS);
    answered(hedging, 10, 99);
    assertThat(after(hedging)).isEmpty();
    Request request = begun(hedging);
    clock.set(10_000 * MS);
    hedging.expire(0);
    assertThat(request.told).hasValue(0);

    clock.set(0);
    answered(hedging, 10, 1);
    assertThat(after(hedging).orElseThrow().toMillis()).isBetween(10L, 11L);
  }

  @Test
  void itIsThePercentileAndNeverLessThanTheLeast() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS);
    answered(hedging, 100, 6);
    answered(hedging, 1, 94);
    assertThat(after(hedging).orElseThrow().toMillis()).isBetween(100L, 112L);

    Hedging fast = hedging(HedgeOptions.DEFAULTS);
    answered(fast, 100, 4);
    answered(fast, 1, 96);
    assertThat(after(fast)).contains(Duration.ofMillis(5));
  }

  @Test
  void itFollowsWithinSecondsAndFallsWithinMinutes() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS);
    for (int second = 0; second < 60; second++, clock.addAndGet(1_000 * MS)) {
      answered(hedging, 10, 100);
    }
    for (int second = 0; second < 3; second++, clock.addAndGet(1_000 * MS)) {
      answered(hedging, 80, 100);
    }
    assertThat(after(hedging).orElseThrow()).isGreaterThan(Duration.ofMillis(79));
    for (int second = 0; second < 120; second++, clock.addAndGet(1_000 * MS)) {
      answered(hedging, 10, 100);
    }
    assertThat(after(hedging).orElseThrow()).isLessThan(Duration.ofMillis(12));

    clock.addAndGet(3_600_000 * MS);
    answered(hedging, 10, 1);
    assertThat(after(hedging)).as("all is forgotten").isEmpty();
  }

  /** Else the percentile would fall by the requests that it cuts off, and so cut off more. */
  @Test
  void oneThatIsOvertakenCountsWithTheTimeUntilThen() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS.percentile(0.9));
    int late = 0;
    for (int i = 0; i < 10_000; i++) {
      long takes = i % 100 * MS;
      long after = after(hedging).orElse(Duration.ofDays(1)).toNanos();
      Request request = begun(hedging);
      if (takes > after) {
        late++;
        clock.addAndGet(after + MS);
        hedging.expire(clock.get());
        awaitTold(request);
        assertThat(hedging.ended(request, false, after + MS, clock.get())).isTrue();
      } else {
        clock.addAndGet(takes);
        assertThat(hedging.ended(request, true, takes, clock.get())).isFalse();
      }
    }
    assertThat(after(hedging).orElseThrow()).isGreaterThan(Duration.ofMillis(85));
    assertThat(late).isBetween(100, 1_000);
  }

  // ---- who is late

  @Test
  void eachIsToldOnceWhenItIsLateUnlessItHasEnded() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS.after(Duration.ofMillis(20)));
    Request first = begun(hedging);
    clock.set(5 * MS);
    Request second = begun(hedging);
    Request third = begun(hedging);
    assertThat(hedging.ended(second, true, MS, clock.get())).isFalse();
    assertThat(hedging.deadline()).isEqualTo(20 * MS);

    clock.set(20 * MS - 1);
    hedging.expire(20 * MS);
    assertThat(first.told).hasValue(0);

    clock.set(20 * MS);
    hedging.expire(20 * MS);
    awaitTold(first);
    assertThat(third.told).hasValue(0);
    assertThat(hedging.deadline()).isEqualTo(25 * MS);

    clock.set(400 * MS);
    hedging.expire(25 * MS);
    hedging.expire(25 * MS);
    awaitTold(third);
    assertThat(second.told).hasValue(0);
    assertThat(first.told).hasValue(1);
    assertThat(hedging.deadline()).isEqualTo(Ticker.NEVER);
    assertThat(watchdog.size()).as("nothing is watched").isZero();
    assertThat(hedging.ended(first, true, MS, clock.get())).isTrue();
  }

  @Test
  void nearItsDeadlineARequestIsNotLate() {
    Hedging hedging = hedging(HedgeOptions.DEFAULTS.after(Duration.ofMillis(20)));
    var request = new Request();
    hedging.begun(request, 0, 40 * MS - 1);
    assertThat(hedging.deadline()).isEqualTo(Ticker.NEVER);
    hedging.begun(request, 0, 40 * MS);
    assertThat(hedging.deadline()).isEqualTo(20 * MS);
    hedging.ended(request, true, 0, 0);
  }

  // ---- whether the host can bear it

  private HostLoad host(RetryOptions retry, BreakerOptions breaker, LimitOptions limit) {
    return new HostLoad(
        new Origin("http", "a.example", 80),
        new Protection(retry, breaker, limit, HedgeOptions.DEFAULTS.enabled(true)),
        new Events(List.of()),
        watchdog,
        clock::get);
  }

  @Test
  void itSpendsTheRetryBudget() {
    HostLoad host =
        host(RetryOptions.DEFAULTS.burst(1), BreakerOptions.DEFAULTS, LimitOptions.DEFAULTS);
    assertThat(host.mayHedge(Priority.NORMAL)).isTrue();
    assertThat(host.mayHedge(Priority.NORMAL)).isFalse();
    assertThat(host.mayRetry()).isFalse();
    for (int i = 0; i < 5; i++) {
      host.answered(200, true, 0, 0);
    }
    assertThat(host.mayHedge(Priority.NORMAL)).isTrue();
    assertThat(host.snapshot(0, List.of(), 0).hedges().orElseThrow().withheld()).isEqualTo(1);
    assertThat(host.snapshot(0, List.of(), 0).retries()).isZero();
  }

  @Test
  void itTakesAPlaceOfTheLimitAndGivesItBackIfTheBudgetIsSpent() throws Exception {
    LimitOptions limit = LimitOptions.DEFAULTS.enabled(true).min(2).initial(2).max(2);
    HostLoad host = host(RetryOptions.DEFAULTS.burst(1), BreakerOptions.DEFAULTS, limit);
    host.enter(Priority.NORMAL, Ticker.NEVER);
    assertThat(host.mayHedge(Priority.NORMAL)).isTrue();
    assertThat(host.snapshot(0, List.of(), 0).limit().orElseThrow().inFlight()).isEqualTo(2);
    assertThat(host.mayHedge(Priority.NORMAL)).isFalse();
    host.leave();
    assertThat(host.mayHedge(Priority.NORMAL)).as("the budget is spent").isFalse();
    assertThat(host.snapshot(0, List.of(), 0).limit().orElseThrow().inFlight()).isEqualTo(1);
  }

  @Test
  void thereIsNoneUnlessTheBreakerIsClosed() throws Exception {
    BreakerOptions breaker = BreakerOptions.DEFAULTS.enabled(true).failuresInARow(1);
    HostLoad host = host(RetryOptions.DEFAULTS, breaker, LimitOptions.DEFAULTS);
    assertThat(host.mayHedge(Priority.NORMAL)).isTrue();
    host.failed(clock.get(), clock.get());
    assertThat(host.mayHedge(Priority.NORMAL)).isFalse();

    clock.set(breaker.openFor().toNanos() + 1);
    assertThat(host.mayHedge(Priority.NORMAL)).as("before the trial").isFalse();
    long admitted = host.admit();
    assertThat(host.mayHedge(Priority.NORMAL)).as("the trial is one call").isFalse();
    host.answered(200, true, admitted, clock.get());
    assertThat(host.mayHedge(Priority.NORMAL)).isTrue();
  }
}
