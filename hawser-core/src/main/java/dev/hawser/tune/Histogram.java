package dev.hawser.tune;

/**
 * How often values were seen, in buckets of an eighth of their size: 1.2 KB, a few nanoseconds for
 * each value, and it can fade, so that old values weigh less. HdrHistogram is finer than sizes
 * need, takes thirty times the memory for each host, and cannot fade.
 */
public final class Histogram {
  private static final int FINE = 3; // bits of a value, after its first, that tell buckets apart
  private static final int LARGEST = 40; // bits of a value; larger ones count as that
  private static final int STEPS = 1 << FINE;

  private final float[] weights = new float[(LARGEST - FINE + 1) * STEPS];

  /** Counts a value; negative ones count as zero. */
  public void add(long value, float weight) {
    weights[bucket(value)] += weight;
  }

  private static int bucket(long value) {
    long v = Math.clamp(value, 0, (1L << LARGEST) - 1);
    if (v < STEPS) {
      return (int) v;
    }
    int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(v);
    return (exponent - FINE + 1) * STEPS + (int) (v >>> (exponent - FINE)) % STEPS;
  }

  /** The largest value of a bucket. */
  private static long top(int bucket) {
    if (bucket < STEPS) {
      return bucket;
    }
    int shift = bucket / STEPS - 1;
    return ((STEPS + bucket % STEPS + 1L) << shift) - 1;
  }

  /** All that the other has. */
  void add(Histogram other) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] += other.weights[i];
    }
  }

  /** All that was seen weighs less from now on. */
  public void fade(float factor) {
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= factor;
    }
  }

  void clear() {
    fade(0);
  }

  /** The value that so large a share of what was seen does not exceed; 0 if nothing was seen. */
  public long percentile(double share) {
    double wanted = share * total();
    double seen = 0;
    long last = 0;
    for (int i = 0; i < weights.length && seen < wanted; i++) {
      if (weights[i] > 0) {
        seen += weights[i];
        last = top(i);
      }
    }
    return last;
  }

  /** The largest value that has not faded to below {@code weight}; 0 if there is none. */
  long largest(float weight) {
    for (int i = weights.length - 1; i >= 0; i--) {
      if (weights[i] >= weight) {
        return top(i);
      }
    }
    return 0;
  }

  /** The weight of all that was seen. */
  public double total() {
    double total = 0;
    for (float weight : weights) {
      total += weight;
    }
    return total;
  }
}
