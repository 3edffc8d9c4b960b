package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.BreakerOptions;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** When a breaker opens, for how long, and what closes it. */
class BreakerTest {
  private static final long SECOND = 1_000_000_000L;
  private static final BreakerOptions OPTIONS =
      BreakerOptions.DEFAULTS
          .enabled(true)
          .failuresInARow(3)
          .minCalls(10)
          .failureShare(0.5)
          .window(Duration.ofSeconds(10))
          .openFor(Duration.ofSeconds(2))
          .maxOpenFor(Duration.ofSeconds(5));

  private final Breaker breaker = new Breaker(OPTIONS);
  private long now = 7 * SECOND;

  private boolean fails() {
    assertThat(breaker.refusedFor(now)).isZero();
    return breaker.failed(now, now) != null;
  }

  private boolean succeeds() {
    assertThat(breaker.refusedFor(now)).isZero();
    return breaker.succeeded(now, now);
  }

  private void open() {
    while (!fails()) {}
  }

  @Test
  void failuresInARowOpenIt() {
    assertThat(fails()).isFalse();
    assertThat(fails()).isFalse();
    succeeds();
    assertThat(fails()).isFalse();
    assertThat(fails()).isFalse();
    assertThat(fails()).isTrue();
    assertThat(breaker.refusedFor(now)).isEqualTo(2 * SECOND);
    assertThat(breaker.why()).isEqualTo("3 failures in a row");
  }

  @Test
  void aShareOfTheWindowOpensIt() {
    for (int i = 0; i < 6; i++) {
      succeeds();
      assertThat(fails()).as("a half is not more than a half").isFalse();
    }
    assertThat(fails()).isTrue();
    assertThat(breaker.why()).isEqualTo("7 failures of 13 calls");
  }

  @Test
  void whatIsOlderThanTheWindowIsForgotten() {
    for (int i = 0; i < 4; i++) {
      succeeds();
      fails();
      fails();
      now += 4 * SECOND; // 9 calls in a window at most
      assertThat(breaker.refusedFor(now)).isZero();
    }
  }

  @Test
  void oneCallAtATimeTriesIt() {
    open();
    now += 2 * SECOND - 1;
    assertThat(breaker.refusedFor(now)).isEqualTo(1);
    now++;
    assertThat(breaker.refusedFor(now)).isZero();
    assertThat(breaker.refusedFor(now)).as("one is under way").isPositive();
    assertThat(breaker.succeeded(now, now + 1)).isTrue();
    assertThat(breaker.refusedFor(now + 1)).isZero();
  }

  @Test
  void aTrialThatIsNeverHeardOfDoesNotShutItForEver() {
    open();
    now += 2 * SECOND;
    assertThat(breaker.refusedFor(now)).isZero();
    now += 2 * SECOND;
    assertThat(breaker.refusedFor(now)).isZero();
  }

  @Test
  void callsFromBeforeItOpenedSayNothing() {
    long before = now;
    open();
    now += 2 * SECOND;
    assertThat(breaker.refusedFor(now)).isZero();

    assertThat(breaker.succeeded(before, now)).isFalse();
    assertThat(breaker.failed(before, now)).isNull();
    assertThat(breaker.refusedFor(now)).as("the trial is still under way").isPositive();
  }

  @Test
  void itIsOpenLongerEachTimeUpToItsMost() {
    open();
    for (long seconds : new long[] {4, 5, 5, 5}) {
      now += breaker.refusedFor(now);
      assertThat(fails()).isTrue();
      assertThat(breaker.refusedFor(now)).isEqualTo(seconds * SECOND);
    }
  }

  @Test
  void quietWindowsTakeThatBack() {
    open();
    now += breaker.refusedFor(now);
    fails();
    now += breaker.refusedFor(now);
    assertThat(succeeds()).isTrue();
    now += 25 * SECOND; // two windows
    open();
    assertThat(breaker.refusedFor(now)).isEqualTo(2 * SECOND);
  }

  /** Also with absurd options, and a clock that goes where it likes. */
  @Test
  void whateverHappensItIsNeverShutForLongerThanItsMost() {
    var random = new SplittableRandom(42);
    Duration longest = Duration.ofDays(36_500);
    BreakerOptions[] all = {
      OPTIONS,
      OPTIONS.failureShare(0).minCalls(1),
      OPTIONS.failureShare(1).failuresInARow(Integer.MAX_VALUE).minCalls(Integer.MAX_VALUE),
      OPTIONS.window(Duration.ofNanos(1)).openFor(Duration.ofNanos(1)),
      OPTIONS.window(longest).openFor(longest).maxOpenFor(longest)
    };
    for (BreakerOptions options : all) {
      var tried = new Breaker(options);
      long most = Math.max(options.openFor().toNanos(), options.maxOpenFor().toNanos());
      long time = 0;
      for (int i = 0; i < 20_000; i++) {
        time = Math.max(0, time + random.nextLong(-SECOND, 5 * SECOND));
        long left = tried.refusedFor(time);
        assertThat(left).isBetween(0L, most + 20_000 * SECOND);
        if (left == 0 && random.nextBoolean()) {
          tried.failed(time, time);
        } else if (left == 0) {
          tried.succeeded(time, time);
        }
      }
    }
  }
}
