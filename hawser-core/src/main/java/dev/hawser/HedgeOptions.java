package dev.hawser;

import java.time.Duration;

/**
 * When a request is sent a second time, over another connection, while the first is still waited
 * for: if its response has not begun when those of the host usually have. Whichever is answered
 * first is the caller's, and the other is cancelled. It cuts off the slowest responses, where those
 * are slow by accident: a lost packet, a pause of one server of several.
 *
 * <p>Only what is safe to send twice is: the method is idempotent (RFC 9110 9.2.2), the body can be
 * had again from its start, as that of a string, bytes or a file, and there is no {@code
 * PushPromiseHandler}. Each costs one retry of the host's budget ({@link RetryOptions#budget()}),
 * and a place of its limit ({@link LimitOptions}), and is not made where that is not to be had at
 * once, nor while its circuit breaker is not closed ({@link BreakerOptions}).
 *
 * <p>Off by default: it sends some requests twice, and over HTTP/1.1 it costs a connection each
 * time, since there is no other way to cancel a request.
 *
 * {@snippet class="dev.hawser.examples.Options" region="hedge"}
 *
 * @param enabled whether there are second requests
 * @param percentile of the host's response times of late, from 0.5 to 1: a request that takes
 *     longer is late. 0.95, so that one in twenty is sent twice; nothing is late before a hundred
 *     responses were seen in the last half minute or so
 * @param minDelay and none is late before; 5 ms, since a pause of this process looks like one of
 *     the server, and a second request costs more than it could save
 * @param after a fixed time in place of both; zero: there is none. For hosts that are asked too
 *     seldom for a percentile, or whose times are known
 */
public record HedgeOptions(boolean enabled, double percentile, Duration minDelay, Duration after) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final HedgeOptions DEFAULTS =
      new HedgeOptions(false, 0.95, Duration.ofMillis(5), Duration.ZERO);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public HedgeOptions {
    if (!(percentile >= 0.5 && percentile <= 1)) { // NaN, too
      throw new IllegalArgumentException(
          "hedge.percentile is %s; it must be from 0.5 to 1".formatted(percentile));
    }
    Checks.positive("hedge.minDelay", minDelay);
    Checks.notNegative("hedge.after", after);
  }

  /**
   * {@return these options with another {@link #enabled()}}
   *
   * @param enabled the new value
   */
  public HedgeOptions enabled(boolean enabled) {
    return new HedgeOptions(enabled, percentile, minDelay, after);
  }

  /**
   * {@return these options with another {@link #percentile()}}
   *
   * @param percentile the new value
   */
  public HedgeOptions percentile(double percentile) {
    return new HedgeOptions(enabled, percentile, minDelay, after);
  }

  /**
   * {@return these options with another {@link #minDelay()}}
   *
   * @param minDelay the new value
   */
  public HedgeOptions minDelay(Duration minDelay) {
    return new HedgeOptions(enabled, percentile, minDelay, after);
  }

  /**
   * {@return these options with another {@link #after()}}
   *
   * @param after the new value
   */
  public HedgeOptions after(Duration after) {
    return new HedgeOptions(enabled, percentile, minDelay, after);
  }
}
