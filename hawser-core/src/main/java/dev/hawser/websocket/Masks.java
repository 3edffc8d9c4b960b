package dev.hawser.websocket;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.random.RandomGenerator;

/**
 * Masking keys, and masking (RFC 6455 5.3). Keys must not be foreseeable, or a page could write
 * what it likes to a proxy on the way; a strong source costs a microsecond a call, so they are
 * drawn by the dozen. One thread at a time.
 */
final class Masks {
  private static final int KEYS = 64; // a draw
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final RandomGenerator random;
  private final byte[] drawn = new byte[KEYS * Integer.BYTES];
  private final ByteBuffer keys = ByteBuffer.wrap(drawn).position(drawn.length);

  /**
   * Makes a source.
   *
   * @param random a strong one
   */
  Masks(RandomGenerator random) {
    this.random = random;
  }

  /** A key for one frame. */
  int next() {
    if (!keys.hasRemaining()) {
      random.nextBytes(drawn);
      keys.clear();
    }
    return keys.getInt();
  }

  /** The key as it is after {@code count} bytes of payload. */
  static int after(int key, long count) {
    return Integer.rotateLeft(key, (int) (count & 3) * 8);
  }

  /** Masks, eight bytes a step; the first of them with the key's first byte. */
  static void apply(int key, byte[] bytes, int from, int to) {
    long wide = (long) key << 32 | Integer.toUnsignedLong(key);
    int i = from;
    for (; i <= to - Long.BYTES; i += Long.BYTES) {
      LONGS.set(bytes, i, (long) LONGS.get(bytes, i) ^ wide);
    }
    for (int shift = 56; i < to; i++, shift -= 8) {
      bytes[i] ^= (byte) (wide >>> shift);
    }
  }
}
