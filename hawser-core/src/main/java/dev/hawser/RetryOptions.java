package dev.hawser;

import java.time.Duration;
import java.util.Set;

/**
 * When a request is sent again because the server was in trouble: not at all by default, so that a
 * caller sees what the JDK's client shows him.
 *
 * <p>With {@link #maxRetries()}, a request is sent again after a response with one of the {@link
 * #statuses()}, after a connection that could not be made, and after one that failed before the
 * response's head came. Only if that is safe: the method is idempotent (RFC 9110 9.2.2) or nothing
 * of the request was sent, and its body can be had again from its start, as that of a string, bytes
 * or a file. It never outlives the request's {@code timeout}. Responses that were not the last are
 * the {@code previousResponse()} of the one that follows.
 *
 * <p>A request that meets a connection which the server has closed meanwhile is sent again with or
 * without this, at once, as by the JDK's client.
 *
 * {@snippet class="dev.hawser.examples.Options" region="retry"}
 *
 * @param maxRetries how often one request is sent again, at most
 * @param statuses of responses after which it is: too many requests, and a server or gateway that
 *     cannot serve it now
 * @param baseDelay the first retry comes after at most so long, at random, each further one after
 *     at most twice the time of the one before
 * @param maxDelay and that is at most so long
 * @param maxRetryAfter how long a server's {@code Retry-After} is obeyed; where it asks for more,
 *     its response is returned
 * @param budget retries for each success of the same host, from 0 to 1: what retries add to the
 *     load of a server in trouble. A fifth, as in most proxies
 * @param burst retries that a host has before the first success, and saves at most: one for each of
 *     the connections that it has by default
 */
public record RetryOptions(
    int maxRetries,
    Set<Integer> statuses,
    Duration baseDelay,
    Duration maxDelay,
    Duration maxRetryAfter,
    double budget,
    int burst) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final RetryOptions DEFAULTS =
      new RetryOptions(
          0,
          Set.of(429, 502, 503, 504),
          Duration.ofMillis(100),
          Duration.ofSeconds(5),
          Duration.ofSeconds(10),
          0.2,
          100);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public RetryOptions {
    Checks.atLeast("retry.maxRetries", maxRetries, 0);
    statuses = Set.copyOf(statuses);
    for (int status : statuses) {
      if (status < 400 || status > 599) {
        throw new IllegalArgumentException(
            "retry.statuses has " + status + "; they must be from 400 to 599");
      }
    }
    Checks.positive("retry.baseDelay", baseDelay);
    Checks.positive("retry.maxDelay", maxDelay);
    Checks.notNegative("retry.maxRetryAfter", maxRetryAfter);
    Checks.share("retry.budget", budget);
    Checks.atLeast("retry.burst", burst, 0);
  }

  /**
   * {@return these options with another {@link #maxRetries()}}
   *
   * @param maxRetries the new value
   */
  public RetryOptions maxRetries(int maxRetries) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #statuses()}}
   *
   * @param statuses the new value
   */
  public RetryOptions statuses(Set<Integer> statuses) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #baseDelay()}}
   *
   * @param baseDelay the new value
   */
  public RetryOptions baseDelay(Duration baseDelay) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #maxDelay()}}
   *
   * @param maxDelay the new value
   */
  public RetryOptions maxDelay(Duration maxDelay) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #maxRetryAfter()}}
   *
   * @param maxRetryAfter the new value
   */
  public RetryOptions maxRetryAfter(Duration maxRetryAfter) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #budget()}}
   *
   * @param budget the new value
   */
  public RetryOptions budget(double budget) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }

  /**
   * {@return these options with another {@link #burst()}}
   *
   * @param burst the new value
   */
  public RetryOptions burst(int burst) {
    return new RetryOptions(
        maxRetries, statuses, baseDelay, maxDelay, maxRetryAfter, budget, burst);
  }
}
