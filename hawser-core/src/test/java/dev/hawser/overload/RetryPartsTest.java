package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.BreakerOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.LimitOptions;
import dev.hawser.Origin;
import dev.hawser.RetryOptions;
import dev.hawser.io.Events;
import dev.hawser.io.Watchdog;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Budget, back-off and Retry-After, each by itself. */
class RetryPartsTest {
  private static final Instant NOW = Instant.parse("1994-11-06T08:49:37Z");

  // ---- the budget

  @Test
  void successesEarnTheirShareAndNoMoreIsSavedThanTheBurst() {
    var budget = new RetryBudget(0.2, 3);
    assertThat(spendAll(budget)).isEqualTo(3);

    for (int i = 0; i < 9; i++) {
      budget.earn();
    }
    assertThat(spendAll(budget)).as("nine fifths").isEqualTo(1);

    for (int i = 0; i < 1_000_000; i++) {
      budget.earn();
    }
    assertThat(budget.left()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 2147483647", "1, 0", "1, 2147483647", "1e-300, 1"})
  void whateverItIsMadeOfItStaysWithinItsBounds(double share, int burst) {
    var budget = new RetryBudget(share, burst);
    for (int i = 0; i < 1_000; i++) {
      budget.earn();
      assertThat(budget.left()).isBetween(0, burst);
      budget.spend();
      assertThat(budget.left()).isBetween(0, burst);
    }
  }

  @Test
  void nothingIsSpentTwice() throws InterruptedException {
    var budget = new RetryBudget(0, 10_000);
    var spent = new AtomicInteger();
    var done = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      Thread.ofVirtual()
          .start(
              () -> {
                spent.addAndGet(spendAll(budget));
                done.countDown();
              });
    }
    done.await();
    assertThat(spent).hasValue(10_000);
  }

  @Test
  void aHostThatRefusesAllIsNotAskedForEver() {
    var host =
        new HostLoad(
            new Origin("http", "a.example", 80),
            new Protection(
                RetryOptions.DEFAULTS.burst(0),
                BreakerOptions.DEFAULTS,
                LimitOptions.DEFAULTS,
                HedgeOptions.DEFAULTS),
            new Events(List.of()),
            new Watchdog(() -> 0),
            () -> 0);
    int repeats = 0;
    for (int i = 0; i < 10_000; i++) {
      repeats += host.mayRepeatRefused() ? 1 : 0;
    }
    assertThat(repeats).isEqualTo(500);

    host.answered(200, true, 0, 0);
    host.answered(503, true, 0, 0);
    assertThat(host.mayRepeatRefused()).isTrue();
    assertThat(host.mayRepeatRefused()).isFalse();
  }

  private static int spendAll(RetryBudget budget) {
    int spent = 0;
    while (budget.spend()) {
      spent++;
    }
    return spent;
  }

  // ---- back-off

  @Test
  void itIsAnythingUpToACeilingThatDoubles() {
    var backoff =
        new Backoff(
            RetryOptions.DEFAULTS.baseDelay(Duration.ofMillis(100)).maxDelay(Duration.ofSeconds(1)),
            new SplittableRandom(1));
    long[] ceilings = {100, 200, 400, 800, 1_000, 1_000};
    for (int retry = 1; retry <= ceilings.length; retry++) {
      long most = 0;
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 2_000; i++) {
        long wait = backoff.before(retry);
        most = Math.max(most, wait);
        least = Math.min(least, wait);
      }
      double ceiling = ceilings[retry - 1] * 1e6;
      assertThat(most / ceiling).isBetween(0.98, 1.0);
      assertThat(least / ceiling).isBetween(0.0, 0.02);
    }
  }

  @Test
  void theSameSeedGivesTheSameDelays() {
    var one = new Backoff(RetryOptions.DEFAULTS, new SplittableRandom(7));
    var other = new Backoff(RetryOptions.DEFAULTS, new SplittableRandom(7));
    for (int retry = 1; retry < 50; retry++) {
      assertThat(one.before(retry)).isEqualTo(other.before(retry));
    }
  }

  @Test
  void noNumberOfRetriesAndNoDelayOverflows() {
    for (Duration base : List.of(Duration.ofNanos(1), Duration.ofDays(36_500))) {
      var backoff =
          new Backoff(
              RetryOptions.DEFAULTS.baseDelay(base).maxDelay(Duration.ofDays(36_500)),
              new SplittableRandom(1));
      for (int retry : new int[] {1, 2, 31, 32, 33, 62, 63, 64, 65, Integer.MAX_VALUE}) {
        assertThat(backoff.before(retry)).isBetween(0L, Duration.ofDays(36_500).toNanos());
      }
    }
  }

  @Test
  void whatTheServerAsksForIsTheLeast() {
    var backoff = new Backoff(RetryOptions.DEFAULTS, new SplittableRandom(1));
    for (int i = 0; i < 1_000; i++) {
      assertThat(backoff.after(1_000_000_000L)).isBetween(1_000_000_000L, 1_100_000_000L);
    }
  }

  // ---- Retry-After

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0",
        "120|120",
        " 7 |7",
        "999999999|999999999",
        "99999999999999999999|2147483647",
        "Sun, 06 Nov 1994 08:50:37 GMT|60",
        "Sunday, 06-Nov-94 08:50:37 GMT|60",
        "Sun Nov  6 08:50:37 1994|60",
        "Sun, 06 Nov 1994 08:00:00 GMT|0"
      })
  void secondsAndAllThreeFormsOfADate(String field, long seconds) {
    assertThat(RetryAfter.of(headers(field, null), NOW)).contains(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "-1", "1.5", "soon", "+3", "٣", "Sun, 06 Nov", "NaN"})
  void whatIsNeitherIsAsIfItWereNotThere(String field) {
    assertThat(RetryAfter.of(headers(field, null), NOW)).isEmpty();
  }

  @Test
  void aDateIsMeasuredFromTheServersOwn() {
    Optional<Duration> wait =
        RetryAfter.of(
            headers("Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:50:34 GMT"), NOW);

    assertThat(wait).as("its clock is a minute ahead of ours").contains(Duration.ofSeconds(3));
    assertThat(RetryAfter.of(headers("Sun, 06 Nov 1994 08:50:37 GMT", "now"), NOW))
        .contains(Duration.ofSeconds(60));
  }

  private static HttpHeaders headers(String retryAfter, String date) {
    Map<String, List<String>> fields = new HashMap<>();
    fields.put("Retry-After", List.of(retryAfter));
    if (date != null) {
      fields.put("Date", List.of(date));
    }
    return HttpHeaders.of(fields, (name, value) -> true);
  }
}
