package dev.hawser.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {
  private final Histogram histogram = new Histogram();

  @Test
  void percentilesAreAtMostAnEighthTooLarge() {
    var random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long value = random.nextLong(1L << random.nextInt(1, 40));
      histogram.clear();
      histogram.add(value, 1);
      assertThat(histogram.percentile(0.5)).isBetween(value, value + value / 8);
      assertThat(histogram.largest(1)).isEqualTo(histogram.percentile(1));
    }
  }

  @Test
  void sharesAreThoseOfTheWeights() {
    for (int i = 1; i <= 100; i++) {
      histogram.add(i <= 10 ? 3 : i <= 95 ? 7 : 15, 1);
    }
    assertThat(histogram.percentile(0.10)).isEqualTo(3);
    assertThat(histogram.percentile(0.11)).isEqualTo(7);
    assertThat(histogram.percentile(0.95)).isEqualTo(7);
    assertThat(histogram.percentile(0.99)).isEqualTo(15);
  }

  @Test
  void whatFadesIsOutweighed() {
    histogram.add(100, 8);
    histogram.fade(0.5f);
    histogram.add(1, 5);
    assertThat(histogram.percentile(0.5)).isEqualTo(1);
    assertThat(histogram.largest(4)).isBetween(100L, 112L);
    assertThat(histogram.largest(4.5f)).isEqualTo(1);
  }

  @Test
  void nothingAndAnythingHaveAPlace() {
    assertThat(histogram.percentile(0.99)).isZero();
    assertThat(histogram.largest(0.5f)).isZero();
    histogram.add(Long.MIN_VALUE, 1);
    assertThat(histogram.percentile(1)).isZero();
    histogram.add(Long.MAX_VALUE, 1);
    assertThat(histogram.percentile(1)).isEqualTo((1L << 40) - 1);
  }
}
