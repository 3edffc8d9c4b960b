package dev.hawser.tune;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;

/**
 * A pool's size by Little's law, from requests per second {@code q} and response time {@code rt}:
 * {@code maxIdlePerHost = max(2, ceil(q * rt * 1.5))} and {@code idleTimeout = max(30 s, 3 * rt)}.
 * In decimals, so that nothing is lost or gained on the way, and not cut to whole seconds.
 *
 * @param maxIdlePerHost idle connections worth keeping
 * @param idleTimeout how long to keep them
 */
public record Little(int maxIdlePerHost, Duration idleTimeout) {
  /** Of {@code q}; more is taken for a mistake. */
  public static final BigDecimal MOST_QPS = new BigDecimal("1000000000");

  /** Of {@code rt}; more is taken for a mistake. */
  public static final Duration LONGEST_RT = Duration.ofHours(1);

  private static final BigDecimal HEADROOM = new BigDecimal("1.5");
  private static final BigDecimal MOST_CONNECTIONS = BigDecimal.valueOf(Integer.MAX_VALUE);
  private static final Duration SHORTEST_IDLE = Duration.ofSeconds(30);

  /** The formula. Figures out of their range count as the nearest that is in it. */
  public static Little of(BigDecimal qps, Duration rt) {
    BigDecimal q = qps.max(BigDecimal.ZERO).min(MOST_QPS);
    Duration time = rt.isNegative() ? Duration.ZERO : least(rt, LONGEST_RT);
    BigDecimal busy = q.multiply(seconds(time)).multiply(HEADROOM);
    BigDecimal size =
        busy.setScale(0, RoundingMode.CEILING).max(BigDecimal.TWO).min(MOST_CONNECTIONS);
    Duration tripled = time.multipliedBy(3);
    return new Little(
        size.intValueExact(), tripled.compareTo(SHORTEST_IDLE) > 0 ? tripled : SHORTEST_IDLE);
  }

  /** The formula on what was measured, which may be any number, and none. */
  public static Little measured(double qps, double rtNanos) {
    double q = Double.isNaN(qps) ? 0 : Math.clamp(qps, 0, MOST_QPS.doubleValue());
    return of(
        BigDecimal.valueOf(q), Duration.ofNanos((long) rtNanos)); // NaN: 0; infinite: the most
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  /** Seconds with as many decimals as there are. */
  public static BigDecimal seconds(Duration duration) {
    BigDecimal seconds = BigDecimal.valueOf(duration.toNanos(), 9).stripTrailingZeros();
    return seconds.scale() < 0 ? seconds.setScale(0) : seconds;
  }
}
