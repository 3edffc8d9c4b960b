package dev.hawser;

import java.time.Duration;

/**
 * A limit of the requests that each host has to bear at once from this client. It finds its size by
 * itself: while response times stay what they usually are it grows, and when they grow, because
 * requests wait for each other at the host, it falls (Gradient2, as Netflix's concurrency-limits).
 * Who comes when it is reached waits a little for his turn, by {@link Priority}, or is refused
 * ({@link CallRefusedException}).
 *
 * <p>Off by default: a host whose requests are of very different lengths, or that is asked seldom,
 * looks as if it became slow when only the mixture changed, and callers who would have been
 * answered would be refused. WebSockets are left alone.
 *
 * {@snippet class="dev.hawser.examples.Options" region="limit"}
 *
 * @param enabled whether there is one
 * @param initial requests at once at first; Netflix's 20
 * @param min it never falls below that: 10, which few hosts cannot bear, and with which one that
 *     has become slow for good is not starved until that is taken for usual
 * @param max it never grows beyond that
 * @param tolerance how many times longer than usual responses may take before it falls; 1.5, so
 *     that noise is no overload
 * @param maxWaiting callers who wait for their turn; the next one is refused at once, or pushes out
 *     one of lower priority
 * @param maxWait how long one waits for his turn, and never beyond the request's {@code timeout}
 * @param highShare share of the limit that is kept for {@link Priority#HIGH} while such requests
 *     come, from 0 to 1
 */
public record LimitOptions(
    boolean enabled,
    int initial,
    int min,
    int max,
    double tolerance,
    int maxWaiting,
    Duration maxWait,
    double highShare) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final LimitOptions DEFAULTS =
      new LimitOptions(false, 20, 10, 1_000, 1.5, 100, Duration.ofMillis(500), 0.1);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public LimitOptions {
    Checks.atLeast("limit.min", min, 1);
    Checks.atLeast("limit.max", max, min);
    Checks.atLeast("limit.initial", initial, min);
    if (initial > max) {
      throw new IllegalArgumentException(
          "limit.initial is %d; it must be at most limit.max, %d".formatted(initial, max));
    }
    if (!(tolerance >= 1 && tolerance <= 1_000)) { // NaN, too
      throw new IllegalArgumentException(
          "limit.tolerance is %s; it must be from 1 to 1000".formatted(tolerance));
    }
    Checks.atLeast("limit.maxWaiting", maxWaiting, 0);
    Checks.notNegative("limit.maxWait", maxWait);
    Checks.share("limit.highShare", highShare);
  }

  /**
   * {@return these options with another {@link #enabled()}}
   *
   * @param enabled the new value
   */
  public LimitOptions enabled(boolean enabled) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #initial()}}
   *
   * @param initial the new value
   */
  public LimitOptions initial(int initial) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #min()}}
   *
   * @param min the new value
   */
  public LimitOptions min(int min) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #max()}}
   *
   * @param max the new value
   */
  public LimitOptions max(int max) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #tolerance()}}
   *
   * @param tolerance the new value
   */
  public LimitOptions tolerance(double tolerance) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #maxWaiting()}}
   *
   * @param maxWaiting the new value
   */
  public LimitOptions maxWaiting(int maxWaiting) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #maxWait()}}
   *
   * @param maxWait the new value
   */
  public LimitOptions maxWait(Duration maxWait) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }

  /**
   * {@return these options with another {@link #highShare()}}
   *
   * @param highShare the new value
   */
  public LimitOptions highShare(double highShare) {
    return new LimitOptions(enabled, initial, min, max, tolerance, maxWaiting, maxWait, highShare);
  }
}
