package dev.hawser.tune;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LittleTest {
  /**
   * The article's own table. For the middle row it prints 60 s: its formula, {@code max(30 s, 3 *
   * 0.2 s)}, gives 30 s.
   */
  @ParameterizedTest
  @CsvSource({"100, PT0.05S, 8, PT30S", "1000, PT0.2S, 300, PT30S", "5000, PT0.1S, 750, PT30S"})
  void givesTheArticlesTable(BigDecimal qps, Duration rt, int maxIdle, Duration idleTimeout) {
    assertThat(Little.of(qps, rt)).isEqualTo(new Little(maxIdle, idleTimeout));
    assertThat(Little.measured(qps.doubleValue(), (double) rt.toNanos()))
        .isEqualTo(new Little(maxIdle, idleTimeout));
  }

  /** The article's code cuts {@code 3 * rt} to whole seconds. */
  @Test
  void keepsFractionsOfSeconds() {
    assertThat(Little.of(BigDecimal.TEN, Duration.ofMillis(15_500)).idleTimeout())
        .isEqualTo(Duration.ofMillis(46_500));
    assertThat(Little.of(BigDecimal.ONE, Duration.ofNanos(10_000_000_001L)).idleTimeout())
        .isEqualTo(Duration.ofNanos(30_000_000_003L));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 2, PT30S",
    "NaN, NaN, 2, PT30S",
    "-5, -1e9, 2, PT30S",
    "-Infinity, -Infinity, 2, PT30S",
    "0, Infinity, 2, PT3H",
    "Infinity, 0, 2, PT30S",
    "NaN, 3.6e12, 2, PT3H",
    "1, 3.6e12, 5400, PT3H",
    "1, 1e300, 5400, PT3H",
    "1e9, 3.6e12, 2147483647, PT3H",
    "1e300, 1e300, 2147483647, PT3H",
    "Infinity, Infinity, 2147483647, PT3H",
    "4.9e-324, 1, 2, PT30S"
  })
  void absurdFiguresStayWithinTheBounds(
      double qps, double rtNanos, int maxIdle, Duration idleTimeout) {
    assertThat(Little.measured(qps, rtNanos)).isEqualTo(new Little(maxIdle, idleTimeout));
  }

  @Test
  void hugeAndNegativeDurationsToo() {
    assertThat(Little.of(BigDecimal.ONE, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)))
        .isEqualTo(new Little(5_400, Duration.ofHours(3)));
    assertThat(Little.of(new BigDecimal("1e9999"), Duration.ofSeconds(Long.MIN_VALUE)))
        .isEqualTo(new Little(2, Duration.ofSeconds(30)));
  }
}
