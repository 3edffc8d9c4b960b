package dev.hawser.websocket;

import java.util.concurrent.atomic.AtomicLong;

/** How many more calls of receive methods the listener has asked for. Any thread. */
final class Demand {
  private final AtomicLong counter = new AtomicLong();

  /** Asks for more. */
  void add(long more) {
    if (more <= 0) {
      throw new IllegalArgumentException("request of " + more + "; it must be positive");
    }
    counter.accumulateAndGet(more, (present, n) -> present + n < 0 ? Long.MAX_VALUE : present + n);
  }

  /** Whether a call may be made. */
  boolean any() {
    return counter.get() > 0;
  }

  /** One is made. */
  void take() {
    counter.decrementAndGet();
  }
}
