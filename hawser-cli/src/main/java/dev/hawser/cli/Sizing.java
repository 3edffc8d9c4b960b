package dev.hawser.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * A pool's size from requests per second {@code q} and response time {@code rt}: {@code maxIdlePerHost = max(2, ceil(q * rt *
 * 1.5))}, {@code idleTimeout = max(30 s, 3 * rt)}. In decimals, so that nothing is lost on the way.
 */
record Sizing(int maxIdlePerHost, Duration idleTimeout) {
  private static final BigDecimal HEADROOM = new BigDecimal("1.5");
  private static final BigDecimal MOST_QPS = new BigDecimal("1000000000");
  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration SHORTEST_IDLE = Duration.ofSeconds(30);

  /**
   * Applies the formula.
   *
   * @throws IllegalArgumentException if the figures are absurd; the message says which and why
   */
  static Sizing of(BigDecimal qps, Duration rt) {
    if (qps.signum() < 0 || qps.compareTo(MOST_QPS) > 0) {
      throw new IllegalArgumentException("--qps must be from 0 to 1000000000, and is " + qps.toPlainString());
    }
    if (rt.isNegative() || rt.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("--rt must be from 0s to 1h, and is " + rt);
    }
    BigDecimal busy = qps.multiply(BigDecimal.valueOf(rt.toNanos(), 9)).multiply(HEADROOM);
    BigDecimal size = busy.setScale(0, RoundingMode.CEILING).max(BigDecimal.TWO);
    if (size.compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
      throw new IllegalArgumentException(
          "--qps x --rt asks for " + size.toPlainString() + " connections: more than any machine has");
    }
    Duration tripled = rt.multipliedBy(3);
    return new Sizing(size.intValueExact(), tripled.compareTo(SHORTEST_IDLE) > 0 ? tripled : SHORTEST_IDLE);
  }

  BigDecimal idleTimeoutSeconds() {
    BigDecimal seconds = BigDecimal.valueOf(idleTimeout.toNanos(), 9).stripTrailingZeros();
    return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
  }
}
