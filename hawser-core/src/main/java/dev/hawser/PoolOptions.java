package dev.hawser;

import java.time.Duration;

/**
 * The pool's limits and ages.
 *
 * {@snippet :
 * Hawser.newBuilder().pool(p -> p.maxConnectionsPerHost(200));
 * }
 *
 * @param maxConnections connections open at once over all hosts; 1,000 stays far from the usual
 *     limit of 1,024 to 20,000 file descriptors
 * @param maxConnectionsPerHost connections open at once to one origin; 100 carry 2,000 requests/s
 *     at 50 ms
 * @param maxIdle idle connections over all hosts; the oldest is closed when there are more
 * @param maxIdlePerHost idle connections to one origin; 0 switches reuse off
 * @param minIdlePerHost connections kept idle and ready for each origin that was used in the last
 *     five minutes
 * @param maxWaitingPerHost callers in line for one origin; the next one fails at once. {@code
 *     sendAsync} callers of the JDK's client, which has no limit, send thousands at a time
 * @param waitTimeout how long a caller waits in line
 * @param idleTimeout how long a connection may be idle and still be used. A server's {@code
 *     Keep-Alive: timeout} and a habit learned from its closes shorten it, with a margin of one
 *     second
 * @param maxAge how old a connection may be and still be used, less up to a tenth at random so that
 *     not all expire together; makes traffic follow load balancers that show no DNS change
 */
public record PoolOptions(
    int maxConnections,
    int maxConnectionsPerHost,
    int maxIdle,
    int maxIdlePerHost,
    int minIdlePerHost,
    int maxWaitingPerHost,
    Duration waitTimeout,
    Duration idleTimeout,
    Duration maxAge) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final PoolOptions DEFAULTS =
      new PoolOptions(
          1_000,
          100,
          1_000,
          100,
          0,
          10_000,
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Duration.ofMinutes(30));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public PoolOptions {
    Checks.atLeast("pool.maxConnections", maxConnections, 1);
    Checks.atLeast("pool.maxConnectionsPerHost", maxConnectionsPerHost, 1);
    Checks.atLeast("pool.maxIdle", maxIdle, 0);
    Checks.atLeast("pool.maxIdlePerHost", maxIdlePerHost, 0);
    Checks.atLeast("pool.minIdlePerHost", minIdlePerHost, 0);
    Checks.atLeast("pool.maxWaitingPerHost", maxWaitingPerHost, 0);
    Checks.positive("pool.waitTimeout", waitTimeout);
    Checks.positive("pool.idleTimeout", idleTimeout);
    Checks.positive("pool.maxAge", maxAge);
    if (minIdlePerHost > Math.min(maxIdlePerHost, maxConnectionsPerHost)) {
      throw new IllegalArgumentException(
          "pool.minIdlePerHost is %d, more than maxIdlePerHost or maxConnectionsPerHost allows"
              .formatted(minIdlePerHost));
    }
  }

  /** Returns these options with another {@link #maxConnections()}. */
  public PoolOptions maxConnections(int maxConnections) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #maxConnectionsPerHost()}. */
  public PoolOptions maxConnectionsPerHost(int maxConnectionsPerHost) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #maxIdle()}. */
  public PoolOptions maxIdle(int maxIdle) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #maxIdlePerHost()}. */
  public PoolOptions maxIdlePerHost(int maxIdlePerHost) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #minIdlePerHost()}. */
  public PoolOptions minIdlePerHost(int minIdlePerHost) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #maxWaitingPerHost()}. */
  public PoolOptions maxWaitingPerHost(int maxWaitingPerHost) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #waitTimeout()}. */
  public PoolOptions waitTimeout(Duration waitTimeout) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #idleTimeout()}. */
  public PoolOptions idleTimeout(Duration idleTimeout) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }

  /** Returns these options with another {@link #maxAge()}. */
  public PoolOptions maxAge(Duration maxAge) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge);
  }
}
