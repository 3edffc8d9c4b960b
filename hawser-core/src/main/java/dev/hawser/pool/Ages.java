package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.PoolOptions;
import dev.hawser.io.Ticker;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** How long connections may be used, and how long to leave alone a host that refuses them. */
final class Ages {
  /**
   * A server that says {@code timeout=5} closes at 5 s of its own clock: a connection is not used
   * in the last second.
   */
  private static final long MARGIN = 1_000_000_000;

  /** Between attempts to connect ahead of need to a host that does not answer. */
  private static final long MAX_BACKOFF = 30_000_000_000L;

  private final PoolOptions options;
  private final RandomGenerator random;

  Ages(PoolOptions options, RandomGenerator random) {
    this.options = options;
    this.random = random;
  }

  /** When a connection made now is too old: not all at once. */
  long end(long now) {
    long age = options.maxAge().toNanos();
    return Ticker.after(now, age - (long) (random.nextDouble() * 0.1 * age));
  }

  /** An instant within this time from now. */
  long within(long nanos, long now) {
    return now + (long) (random.nextDouble() * nanos);
  }

  /** Why this connection must not be used at {@code now}, or null. */
  @Nullable CloseReason expiry(Connection connection, long now) {
    if (now >= connection.expiresAt) {
      return CloseReason.MAX_AGE;
    }
    return now - connection.idleSince >= idleLimit(connection, now)
        ? CloseReason.IDLE_TIMEOUT
        : null;
  }

  private long idleLimit(Connection connection, long now) {
    long own = connection.host.size().idleTimeout().toNanos();
    long server = Math.min(connection.idleHint(), connection.host.habit.limit(now));
    // A server's limit of under two seconds keeps half of it: the margin must leave some reuse.
    return server == Ticker.NEVER ? own : Math.min(own, Math.max(server - MARGIN, server / 2));
  }

  /** Whether the host's last refusal is too fresh to ask it ahead of need. */
  static boolean backsOff(HostPool host, long now) {
    return host.failures > 0
        && now - host.failedAt
            < Math.min(Pool.SWEEP_PERIOD << Math.min(host.failures, 10), MAX_BACKOFF);
  }
}
