package dev.hawser;

import java.time.Duration;

/**
 * The deadlines and rules of an exchange. A request's own {@code timeout} covers the whole of it;
 * these bound its parts even where no timeout was set.
 *
 * {@snippet :
 * Hawser.newBuilder().exchange(e -> e.headTimeout(Duration.ofSeconds(10)));
 * }
 *
 * @param headTimeout from the request sent to the end of the response's head, however it drips;
 *     long enough for slow reports and long polls
 * @param bodyIdleTimeout how long the peer may send nothing in the middle of a body, or accept
 *     nothing of ours
 * @param continueTimeout how long {@code expectContinue} waits for the 100 before it sends the body
 *     all the same (RFC 9110 10.1.1)
 * @param maxRedirects redirects followed for one call, as the JDK; the next redirect response
 *     itself is returned
 * @param repeatNonIdempotent whether POST and PATCH, too, are sent once more when a reused
 *     connection turns out to be closed. The server may then get them twice (RFC 9110 9.2.2)
 * @param memoryBudget bytes of buffers that this client's connections may use together; a
 *     connection that needs more fails its exchange. 16 KiB (plain) or 48 KiB (TLS) for each busy
 *     connection
 */
public record ExchangeOptions(
    Duration headTimeout,
    Duration bodyIdleTimeout,
    Duration continueTimeout,
    int maxRedirects,
    boolean repeatNonIdempotent,
    long memoryBudget) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final ExchangeOptions DEFAULTS =
      new ExchangeOptions(
          Duration.ofMinutes(5),
          Duration.ofMinutes(5),
          Duration.ofSeconds(1),
          5,
          false,
          64L * 1024 * 1024);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public ExchangeOptions {
    Checks.positive("exchange.headTimeout", headTimeout);
    Checks.positive("exchange.bodyIdleTimeout", bodyIdleTimeout);
    Checks.positive("exchange.continueTimeout", continueTimeout);
    Checks.atLeast("exchange.maxRedirects", maxRedirects, 0);
    Checks.atLeast("exchange.memoryBudget", memoryBudget, 65_536);
  }

  /** Returns these options with another {@link #headTimeout()}. */
  public ExchangeOptions headTimeout(Duration headTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /** Returns these options with another {@link #bodyIdleTimeout()}. */
  public ExchangeOptions bodyIdleTimeout(Duration bodyIdleTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /** Returns these options with another {@link #continueTimeout()}. */
  public ExchangeOptions continueTimeout(Duration continueTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /** Returns these options with another {@link #maxRedirects()}. */
  public ExchangeOptions maxRedirects(int maxRedirects) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /** Returns these options with another {@link #repeatNonIdempotent()}. */
  public ExchangeOptions repeatNonIdempotent(boolean repeatNonIdempotent) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /** Returns these options with another {@link #memoryBudget()}. */
  public ExchangeOptions memoryBudget(long memoryBudget) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }
}
