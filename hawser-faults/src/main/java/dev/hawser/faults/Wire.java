package dev.hawser.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** The state of the wire that all connections of a {@link FaultProxy} share. */
final class Wire {
  /** Which way bytes go. */
  enum Direction {
    /** To the server. */
    UP,
    /** To the client. */
    DOWN
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock; changed is signalled after each change.
  private final RandomGenerator random;
  private long upNanos;
  private long downNanos;
  private long jitterNanos;
  private long bytesPerSecond = Long.MAX_VALUE;
  private long cutAfter = Long.MAX_VALUE;
  private long holdAfter = Long.MAX_VALUE;
  private boolean plugged = true;
  private boolean closed;

  Wire(long seed) {
    this.random = RandomGeneratorFactory.getDefault().create(seed);
  }

  void delay(Duration up, Duration down) {
    change(
        () -> {
          upNanos = up.toNanos();
          downNanos = down.toNanos();
        });
  }

  void jitter(Duration most) {
    change(() -> jitterNanos = most.toNanos());
  }

  void throttle(long bytesPerSecond) {
    change(() -> this.bytesPerSecond = bytesPerSecond);
  }

  void cutAfter(long bytes) {
    change(() -> cutAfter = bytes);
  }

  void holdAfter(long bytes) {
    change(() -> holdAfter = bytes);
  }

  void plug(boolean in) {
    change(() -> plugged = in);
  }

  void close() {
    change(() -> closed = true);
  }

  /** When a piece that came now arrives at the other end, if none before it arrives later. */
  long arrival(Direction direction, long earliest) {
    lock.lock();
    try {
      long delay = direction == Direction.UP ? upNanos : downNanos;
      long jitter = jitterNanos == 0 ? 0 : random.nextLong(jitterNanos + 1);
      long arrival = System.nanoTime() + delay + jitter;
      return arrival - earliest > 0 ? arrival : earliest;
    } finally {
      lock.unlock();
    }
  }

  /** How long the wire is busy with so many bytes. */
  long transferNanos(int count) {
    lock.lock();
    try {
      return bytesPerSecond == Long.MAX_VALUE
          ? 0
          : (long) (count * (double) Duration.ofSeconds(1).toNanos() / bytesPerSecond);
    } finally {
      lock.unlock();
    }
  }

  /** How many bytes go in one segment: what a slow wire carries in a few milliseconds. */
  int atOnce(int count) {
    lock.lock();
    try {
      return Math.clamp(bytesPerSecond / 200, 1, count);
    } finally {
      lock.unlock();
    }
  }

  /** How many of these bytes may still go down; fewer means that the connection is cut then. */
  int beforeCut(long sent, int count) {
    lock.lock();
    try {
      return Math.clamp(cutAfter - sent, 0, count);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until some of these bytes may go down; returns how many. */
  int awaitHold(long sent, int count) throws IOException {
    lock.lock();
    try {
      awaitNothingLeft(() -> holdAfter <= sent ? Long.MAX_VALUE : 0);
      return Math.clamp(holdAfter - sent, 0, count);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this time, and until the cable is in. */
  void awaitTime(long nanoTime) throws IOException {
    lock.lock();
    try {
      awaitNothingLeft(() -> plugged ? nanoTime - System.nanoTime() : Long.MAX_VALUE);
    } finally {
      lock.unlock();
    }
  }

  private void awaitNothingLeft(LongSupplier nanos) throws IOException {
    try {
      for (long left = nanos.getAsLong(); left > 0 && !closed; left = nanos.getAsLong()) {
        long _ = changed.awaitNanos(left);
      }
      if (closed) {
        throw new IOException("the proxy is closed");
      }
    } catch (InterruptedException e) {
      throw new IOException("the proxy is closed", e);
    }
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
