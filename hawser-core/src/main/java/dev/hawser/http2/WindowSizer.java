package dev.hawser.http2;

/**
 * Sizes the receive windows of streams by bandwidth x delay, as gRPC does it: while a large body
 * comes in, a PING goes out, and what has come until it is answered is what the path holds. When
 * that is as much as the window lets through, at a rate not seen before, the window doubles it.
 *
 * <p>Reader only, but for {@link #window}.
 */
final class WindowSizer {
  /** No more than so many PINGs; on a path so short the initial window is enough. */
  private static final long LEAST_INTERVAL = 10_000_000;

  private final int most;
  private volatile int window; // by the reader
  private boolean sampling;
  private long since;
  private long bytes;
  private double fastest; // bytes per nanosecond

  WindowSizer(int initial, int most) {
    this.window = initial;
    this.most = most;
  }

  /** How large a window a stream may have whose consumer keeps pace. */
  int window() {
    return window;
  }

  /**
   * Bytes of a body have come.
   *
   * @param soFar of the same body
   * @return whether a PING is to be sent, whose answer goes to {@link #answered}
   */
  boolean received(int count, long soFar, long now) {
    bytes += count;
    if (sampling || soFar < window / 2 || window == most || now - since < LEAST_INTERVAL) {
      return false;
    }
    sampling = true;
    since = now;
    bytes = count;
    return true;
  }

  /** The PING has been answered. */
  void answered(long now) {
    if (!sampling) {
      return;
    }
    sampling = false;
    double rate = (double) bytes / Math.max(1, now - since);
    if (rate > fastest) {
      fastest = rate;
      if (3 * bytes >= 2L * window) {
        window = (int) Math.min(most, Math.max(window, 2 * bytes));
      }
    }
  }
}
