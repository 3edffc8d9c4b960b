package dev.hawser.io;

import java.time.Duration;

/**
 * Monotonic time in nanoseconds, never negative, so that instants compare with {@code <}. Not
 * affected by changes of the wall clock. Tests pass their own.
 */
@FunctionalInterface
public interface Ticker {
  /** An instant that never comes. */
  long NEVER = Long.MAX_VALUE;

  /** The system's monotonic clock, counted from when this class was loaded. */
  Ticker SYSTEM = systemTicker();

  /** Now. */
  long nanos();

  /**
   * The instant {@code duration} after {@code start}; {@link #NEVER} if that is too far away to
   * matter.
   */
  static long after(long start, Duration duration) {
    return duration.toSeconds() > 9_000_000_000L ? NEVER : after(start, duration.toNanos());
  }

  /** The instant {@code nanos} after {@code start}, or {@link #NEVER}. */
  static long after(long start, long nanos) {
    long end = start + nanos;
    return end < start ? NEVER : end;
  }

  private static Ticker systemTicker() {
    long origin = System.nanoTime();
    return () -> System.nanoTime() - origin;
  }
}
