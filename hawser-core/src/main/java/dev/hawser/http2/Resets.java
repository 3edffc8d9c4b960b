package dev.hawser.http2;

import java.util.Arrays;

/**
 * The streams that we have reset lately: what the peer had sent before it knew is passed over (RFC
 * 9113 5.1), while frames on any other closed stream are an error. Guarded by the connection's
 * lock.
 */
final class Resets {
  private static final int MOST = 1024;

  private int[] ring = new int[0]; // negative: a head has come since
  private int count; // in all
  private int forgotten; // the highest id that has been overwritten

  void remember(int id) {
    if (count == ring.length && ring.length < MOST) {
      ring = Arrays.copyOf(ring, Math.max(16, ring.length * 2));
    }
    int place = count % ring.length;
    forgotten = Math.max(forgotten, Math.abs(ring[place]));
    ring[place] = id;
    count++;
    if (count == 2 * MOST) {
      count = MOST; // the same place, without an overflow
    }
  }

  /**
   * Whether a head may come late on a stream that has been reset: one, the first time it is asked.
   */
  boolean expectsHead(int id) {
    for (int i = 0; i < Math.min(count, ring.length); i++) {
      if (ring[i] == id) {
        ring[i] = -id;
        return true;
      }
    }
    return false;
  }

  /** Whether the stream has been reset by us, as far as is remembered; in doubt it has. */
  boolean mayHave(int id) {
    if (id <= forgotten) {
      return true;
    }
    for (int i = 0; i < Math.min(count, ring.length); i++) {
      if (Math.abs(ring[i]) == id) {
        return true;
      }
    }
    return false;
  }
}
