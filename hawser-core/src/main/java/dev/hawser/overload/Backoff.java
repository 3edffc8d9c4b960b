package dev.hawser.overload;

import dev.hawser.RetryOptions;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a request is sent again: exponentially longer, and anything from nothing
 * to that ("full jitter"), so that callers who failed together do not come back together.
 */
final class Backoff {
  private final long base;
  private final long most;
  private final RandomGenerator random; // guarded by this

  Backoff(RetryOptions options, RandomGenerator random) {
    this.base = options.baseDelay().toNanos();
    this.most = Math.max(base, options.maxDelay().toNanos());
    this.random = random;
  }

  /**
   * In nanoseconds.
   *
   * @param retry from 1
   */
  synchronized long before(int retry) {
    return random.nextLong(ceiling(retry) + 1);
  }

  /**
   * When the server has said how long: so long, and a little more, since it has said the same to
   * others.
   */
  synchronized long after(long asked) {
    return asked + random.nextLong(base + 1);
  }

  private long ceiling(int retry) {
    int doublings = retry - 1;
    return doublings >= Long.numberOfLeadingZeros(base) - 1
        ? most // it would overflow
        : Math.min(most, base << doublings);
  }
}
