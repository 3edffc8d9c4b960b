package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;

import com.netflix.concurrency.limits.limit.Gradient2Limit;
import dev.hawser.LimitOptions;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit follows response times as that of Netflix's concurrency-limits does. */
class GradientTest {
  private static final int SAMPLES = 20_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void withoutItsDifferenceItIsGradient2(long seed) {
    var random = new SplittableRandom(seed);
    double tolerance = 1 + random.nextDouble();
    LimitOptions options = LimitOptions.DEFAULTS.min(5).max(200).tolerance(tolerance).initial(20);
    var ours = new Gradient(options, 1);
    var theirs =
        Gradient2Limit.newBuilder()
            .initialLimit(20)
            .minLimit(5)
            .maxConcurrency(200)
            .rttTolerance(tolerance)
            .build();
    long base = 1_000_000;
    for (int i = 0; i < SAMPLES; i++) {
      if (random.nextInt(300) == 0) {
        base = random.nextLong(10_000, 2_000_000_000); // another load, or another host
      }
      long took = random.nextLong(base / 2, base * 2);
      int inFlight = random.nextInt(1, 220);

      theirs.onSample(0, took, inFlight, false);

      assertThat(ours.sample(took, inFlight)).as("sample %d", i).isEqualTo(theirs.getLimit());
    }
  }

  @Test
  void absurdFiguresStayWithinTheBounds() {
    LimitOptions options = LimitOptions.DEFAULTS.min(4).max(1_000);
    long[] absurd = {0, -1, 1, 3_600_000_000_000L, Long.MAX_VALUE, Long.MIN_VALUE};
    var random = new SplittableRandom(1);
    var gradient = new Gradient(options);
    for (int i = 0; i < SAMPLES; i++) {
      int limit =
          gradient.sample(
              absurd[random.nextInt(absurd.length)],
              random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt());
      assertThat(limit).isBetween(4, 1_000);
    }
  }

  @Test
  void aLongOverloadIsNotTakenForUsualButAHostThatIsSlowForGoodIs() {
    var queueing = new Gradient(LimitOptions.DEFAULTS);
    var gradient2 = new Gradient(LimitOptions.DEFAULTS, 1);
    var slow = new Gradient(LimitOptions.DEFAULTS);
    for (int i = 0; i < 100; i++) {
      slow.sample(20_000_000, slow.limit());
      queueing.sample(20_000_000, queueing.limit());
      gradient2.sample(20_000_000, gradient2.limit());
    }
    for (int i = 0; i < 1_200; i++) { // two minutes
      // 16 workers: whoever is beyond them waits for them
      queueing.sample(20_000_000L * Math.max(16, queueing.limit()) / 16, queueing.limit());
      gradient2.sample(20_000_000L * Math.max(16, gradient2.limit()) / 16, gradient2.limit());
      slow.sample(100_000_000, slow.limit());
    }
    assertThat(queueing.limit()).isLessThan(60);
    assertThat(gradient2.limit()).isGreaterThan(150);
    assertThat(slow.usual()).isGreaterThan(40_000_000);
  }

  @Test
  void whatIsMeasuredWithHalfOfItUnusedTellsNothing() {
    var gradient = new Gradient(LimitOptions.DEFAULTS.initial(40));
    for (int i = 0; i < 100; i++) {
      assertThat(gradient.sample(i * 1_000_000L, 19)).isEqualTo(40);
    }
    assertThat(gradient.sample(100_000_000, 20)).isLessThan(40);
  }
}
