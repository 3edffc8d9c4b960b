package dev.hawser;

import java.time.Duration;

/**
 * A circuit breaker for each host: when a host fails, calls to it fail at once for a while ({@link
 * CallRefusedException}), and one call at a time then tries whether it is well again. Off by
 * default: a caller gets then what becomes of his request, as from the JDK's client.
 *
 * <p>A failure is a connection that cannot be made, a response that does not come, in the request's
 * {@code timeout} or at all, and a status of 500 or more. A wait in line, a body that this side
 * cannot give, and a cancelled call tell nothing of the host. WebSockets are left alone.
 *
 * {@snippet class="dev.hawser.examples.Options" region="breaker"}
 *
 * @param enabled whether there is one
 * @param failuresInARow so many open it
 * @param failureShare and so does a larger share of the calls within {@link #window()}, from 0 to 1
 * @param minCalls but not among fewer calls than that
 * @param window of time in which the share is counted
 * @param openFor for how long calls are refused; twice, three times as long when it opens again
 *     within a window
 * @param maxOpenFor and so long at most
 */
public record BreakerOptions(
    boolean enabled,
    int failuresInARow,
    double failureShare,
    int minCalls,
    Duration window,
    Duration openFor,
    Duration maxOpenFor) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final BreakerOptions DEFAULTS =
      new BreakerOptions(
          false,
          10,
          0.5,
          20,
          Duration.ofSeconds(10),
          Duration.ofSeconds(2),
          Duration.ofSeconds(30));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public BreakerOptions {
    Checks.atLeast("breaker.failuresInARow", failuresInARow, 1);
    Checks.share("breaker.failureShare", failureShare);
    Checks.atLeast("breaker.minCalls", minCalls, 1);
    Checks.positive("breaker.window", window);
    Checks.positive("breaker.openFor", openFor);
    Checks.positive("breaker.maxOpenFor", maxOpenFor);
  }

  /**
   * {@return these options with another {@link #enabled()}}
   *
   * @param enabled the new value
   */
  public BreakerOptions enabled(boolean enabled) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #failuresInARow()}}
   *
   * @param failuresInARow the new value
   */
  public BreakerOptions failuresInARow(int failuresInARow) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #failureShare()}}
   *
   * @param failureShare the new value
   */
  public BreakerOptions failureShare(double failureShare) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #minCalls()}}
   *
   * @param minCalls the new value
   */
  public BreakerOptions minCalls(int minCalls) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #window()}}
   *
   * @param window the new value
   */
  public BreakerOptions window(Duration window) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #openFor()}}
   *
   * @param openFor the new value
   */
  public BreakerOptions openFor(Duration openFor) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }

  /**
   * {@return these options with another {@link #maxOpenFor()}}
   *
   * @param maxOpenFor the new value
   */
  public BreakerOptions maxOpenFor(Duration maxOpenFor) {
    return new BreakerOptions(
        enabled, failuresInARow, failureShare, minCalls, window, openFor, maxOpenFor);
  }
}
