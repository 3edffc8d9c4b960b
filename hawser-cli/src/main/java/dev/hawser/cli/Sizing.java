package dev.hawser.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * A pool's size from requests per second {@code q} and response time {@code rt}: {@code
 * maxIdlePerHost = max(2, ceil(q * rt * 1.5))} and {@code idleTimeout = max(30 s, 3 * rt)}, in
 * decimals, so that nothing is lost or gained on the way.
 */
record Sizing(int maxIdlePerHost, Duration idleTimeout) {
  private static final BigDecimal HEADROOM = new BigDecimal("1.5");
  private static final BigDecimal MOST_QPS = new BigDecimal("1000000000");
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration SHORTEST_IDLE = Duration.ofSeconds(30);

  /**
   * Applies the formula.
   *
   * @throws IllegalArgumentException if a figure is out of its bounds; the message says which
   */
  static Sizing of(BigDecimal qps, Duration rt) {
    if (qps.signum() < 0 || qps.compareTo(MOST_QPS) > 0) {
      throw new IllegalArgumentException("--qps must be from 0 to 1000000000");
    }
    if (rt.isNegative() || rt.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("--rt must be from 0s to 1h");
    }
    BigDecimal busy = qps.multiply(seconds(rt)).multiply(HEADROOM);
    BigDecimal size = busy.setScale(0, RoundingMode.CEILING).max(BigDecimal.TWO);
    if (size.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "--qps and --rt together ask for " + size.toPlainString() + " connections");
    }
    Duration tripled = rt.multipliedBy(3);
    return new Sizing(
        size.intValueExact(), tripled.compareTo(SHORTEST_IDLE) > 0 ? tripled : SHORTEST_IDLE);
  }

  /** Not cut to whole seconds. */
  BigDecimal idleTimeoutSeconds() {
    return seconds(idleTimeout);
  }

  /** Seconds with as many decimals as there are. */
  static BigDecimal seconds(Duration duration) {
    BigDecimal seconds = BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros();
    return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
  }
}
