package dev.hawser;

import java.time.Duration;

/**
 * The deadlines and rules of an exchange. A request's own {@code timeout} covers the whole of it;
 * these bound its parts even where no timeout was set.
 *
 * {@snippet class="dev.hawser.examples.Options" region="exchange"}
 *
 * @param headTimeout from the request sent to the end of the response's head, however it drips;
 *     long enough for slow reports and long polls
 * @param bodyIdleTimeout how long the peer may send nothing in the middle of a body, or accept
 *     nothing of ours, or how long a publisher may give nothing; time in which the subscriber asks
 *     for nothing does not count. As long as {@code headTimeout}, for streams of events
 * @param continueTimeout how long {@code expectContinue} waits for the 100 before it sends the body
 *     all the same (RFC 9110 10.1.1)
 * @param maxRedirects redirects followed for one call (the JDK's client stops at the fifth
 *     request); the next redirect response itself is returned. Of effect only with {@code
 *     followRedirects}
 * @param repeatNonIdempotent whether requests of any method, not only GET, HEAD, PUT, DELETE,
 *     OPTIONS and TRACE, are sent once more when a reused connection turns out to be closed. The
 *     server may then get them twice (RFC 9110 9.2.2)
 * @param memoryBudget bytes of buffers that this client's connections may use together; a
 *     connection that needs more fails its exchange. Each busy connection has 16 KiB, with TLS
 *     about 48 and at most 65; an idle one has none after half a second
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

  /**
   * {@return these options with another {@link #headTimeout()}}
   *
   * @param headTimeout the new value
   */
  public ExchangeOptions headTimeout(Duration headTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /**
   * {@return these options with another {@link #bodyIdleTimeout()}}
   *
   * @param bodyIdleTimeout the new value
   */
  public ExchangeOptions bodyIdleTimeout(Duration bodyIdleTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /**
   * {@return these options with another {@link #continueTimeout()}}
   *
   * @param continueTimeout the new value
   */
  public ExchangeOptions continueTimeout(Duration continueTimeout) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /**
   * {@return these options with another {@link #maxRedirects()}}
   *
   * @param maxRedirects the new value
   */
  public ExchangeOptions maxRedirects(int maxRedirects) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /**
   * {@return these options with another {@link #repeatNonIdempotent()}}
   *
   * @param repeatNonIdempotent the new value
   */
  public ExchangeOptions repeatNonIdempotent(boolean repeatNonIdempotent) {
    return new ExchangeOptions(
        headTimeout,
        bodyIdleTimeout,
        continueTimeout,
        maxRedirects,
        repeatNonIdempotent,
        memoryBudget);
  }

  /**
   * {@return these options with another {@link #memoryBudget()}}
   *
   * @param memoryBudget the new value
   */
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
