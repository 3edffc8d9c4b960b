package dev.hawser;

import java.time.Duration;

/**
 * The pool's limits and ages.
 *
 * {@snippet class="dev.hawser.examples.Options" region="pool"}
 *
 * @param maxConnections connections open or being opened at once, over all hosts; 1,000 stays far
 *     from the usual limit of 1,024 to 20,000 file descriptors
 * @param maxConnectionsPerHost connections open or being opened at once to one origin; 100 carry
 *     2,000 requests/s at 50 ms. For requests that ask for HTTP/1.1 and for others they are counted
 *     apart
 * @param maxIdle idle connections over all hosts; the oldest is closed when there are more
 * @param maxIdlePerHost idle connections to one origin; 0 keeps none, so that only a caller already
 *     in line gets a used one
 * @param minIdlePerHost connections kept idle and ready for each origin that was used in the last
 *     five minutes; opened ahead of need, as far as the limits allow
 * @param maxWaitingPerHost callers in line for one origin, those included whose connection is being
 *     opened; the next one fails at once unless a connection can be opened for it. {@code
 *     sendAsync} callers of the JDK's client, which has no limit, send thousands at a time
 * @param waitTimeout how long a caller waits in line; while a connection is being opened for it,
 *     that one's own deadlines hold instead
 * @param idleTimeout how long a connection may be idle and still be used. A server's {@code
 *     Keep-Alive: timeout} and a habit learned from its closes shorten it, with a margin of one
 *     second, or of half the server's limit where that is under two
 * @param maxAge how old a connection may be and still be used, less up to a tenth at random so that
 *     not all expire together; makes traffic follow load balancers that show no DNS change
 * @param sizing what moves {@code minIdlePerHost}, {@code maxIdlePerHost} and {@code idleTimeout}
 *     for each host: then these, and {@code maxConnectionsPerHost}, are the limits of that. Hosts
 *     that speak HTTP/2 keep what the options say: their streams share few connections
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
    Duration maxAge,
    Sizing sizing) {
  /** What decides how many idle connections a host has, and for how long. */
  public enum Sizing {
    /** The options, as they are. */
    FIXED,

    /**
     * A formula on what was measured in the last ten seconds, requests per second {@code q} and
     * response time {@code rt}: {@code max(2, ceil(q * rt * 1.5))} idle connections, for {@code
     * max(30 s, 3 * rt)}.
     */
    LITTLE,

    /**
     * Two loops. Where eight callers or more are served at once and others find no connection, the
     * fast one opens more than those wait for, up to half as many again; the slow one takes that
     * back, and sizes how many are kept and for how long from the last minutes.
     */
    ADAPTIVE
  }

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
          Duration.ofMinutes(30),
          Sizing.ADAPTIVE);

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

  /**
   * {@return these options with another {@link #maxConnections()}}
   *
   * @param maxConnections the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #maxConnectionsPerHost()}}
   *
   * @param maxConnectionsPerHost the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #maxIdle()}}
   *
   * @param maxIdle the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #maxIdlePerHost()}}
   *
   * @param maxIdlePerHost the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #minIdlePerHost()}}
   *
   * @param minIdlePerHost the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #maxWaitingPerHost()}}
   *
   * @param maxWaitingPerHost the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #waitTimeout()}}
   *
   * @param waitTimeout the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #idleTimeout()}}
   *
   * @param idleTimeout the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #maxAge()}}
   *
   * @param maxAge the new value
   */
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
        maxAge,
        sizing);
  }

  /**
   * {@return these options with another {@link #sizing()}}
   *
   * @param sizing the new value
   */
  public PoolOptions sizing(Sizing sizing) {
    return new PoolOptions(
        maxConnections,
        maxConnectionsPerHost,
        maxIdle,
        maxIdlePerHost,
        minIdlePerHost,
        maxWaitingPerHost,
        waitTimeout,
        idleTimeout,
        maxAge,
        sizing);
  }
}
