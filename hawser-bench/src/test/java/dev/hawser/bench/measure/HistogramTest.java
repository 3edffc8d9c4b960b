package dev.hawser.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void everyBucketHoldsItsOwnMiddle() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      long nanos = random.nextLong(1L << random.nextInt(1, 40));
      assertThat(Histogram.value(Histogram.index(nanos)))
          .isCloseTo((double) nanos, within(nanos * 0.01));
    }
  }

  @Test
  void percentilesAndMean() {
    Histogram histogram = new Histogram();
    for (int micros = 1; micros <= 1000; micros++) {
      histogram.record(micros * 1000L);
    }
    assertThat(histogram.count()).isEqualTo(1000);
    assertThat(histogram.meanNanos()).isEqualTo(500_500);
    assertThat(histogram.percentileNanos(0.50)).isCloseTo(500_000, within(5_000.0));
    assertThat(histogram.percentileNanos(0.99)).isCloseTo(990_000, within(9_900.0));
    assertThat(new Histogram().percentileNanos(0.5)).isZero();
  }
}
