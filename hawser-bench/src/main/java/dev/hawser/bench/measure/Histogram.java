package dev.hawser.bench.measure;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts durations in buckets less than 1 % wide.
 *
 * <p>One small array shared by all callers: a histogram per caller would push a fast client's own
 * data out of the cache and blame the client for it.
 */
final class Histogram {
  private static final int SUB_BITS = 7;
  private static final int SUB = 1 << SUB_BITS;
  private static final int LARGEST = 40; // 2^40 ns is 18 minutes

  private final AtomicIntegerArray counts = new AtomicIntegerArray((LARGEST - SUB_BITS + 2) * SUB);
  private final AtomicLong sum = new AtomicLong();

  void record(long nanos) {
    counts.getAndIncrement(index(Math.clamp(nanos, 0, 1L << LARGEST)));
    sum.getAndAdd(nanos);
  }

  static int index(long nanos) {
    int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(nanos | 1) - SUB_BITS);
    return shift * SUB + (int) (nanos >>> shift);
  }

  /** The middle of a bucket. */
  static double value(int index) {
    if (index < 2 * SUB) {
      return index;
    }
    int shift = index / SUB - 1;
    long low = (long) (index - shift * SUB) << shift;
    return low + (1L << shift) / 2.0;
  }

  long count() {
    long total = 0;
    for (int i = 0; i < counts.length(); i++) {
      total += counts.get(i);
    }
    return total;
  }

  double meanNanos() {
    return sum.get() / (double) Math.max(1, count());
  }

  /** The value that {@code share} of all are at or under; 0 when there are none. */
  double percentileNanos(double share) {
    long rank = Math.max(1, (long) Math.ceil(count() * share));
    long seen = 0;
    for (int i = 0; i < counts.length(); i++) {
      seen += counts.get(i);
      if (seen >= rank) {
        return value(i);
      }
    }
    return 0;
  }
}
