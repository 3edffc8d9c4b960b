package dev.hawser.http2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Strings decoded lately, by the bytes they came as. Servers that leave the dynamic table alone
 * (nginx) send the same literals with each response: found here, they cost neither decoding nor an
 * object.
 */
final class RecentStrings {
  private static final int SLOTS = 64;
  private static final int WIDTH = 48; // bytes; a longer string is seldom the same again
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] wire = new byte[SLOTS * WIDTH];
  private final byte[] sizes = new byte[SLOTS]; // in wire, negative if Huffman-coded; 0: none
  private final String[] texts = new String[SLOTS];

  RecentStrings() {
    Arrays.fill(texts, "");
  }

  /** Where a string of this wire form has its place; negative if it has none. */
  static int slot(byte[] bytes, int from, int size) {
    if (size < 4 || size > WIDTH) {
      return -1;
    }
    int last = from + size - 4;
    int hash = (int) INT.get(bytes, last);
    for (int i = from; i < last; i += 4) {
      hash = hash * 31 + (int) INT.get(bytes, i);
    }
    hash *= 0x9E3779B9; // so that the high bits depend on all others
    return hash >>> 26; // 64 slots
  }

  @Nullable String find(int slot, byte[] bytes, int from, int size, boolean coded) {
    int start = slot * WIDTH;
    return sizes[slot] == (coded ? -size : size)
            && Arrays.equals(wire, start, start + size, bytes, from, from + size)
        ? texts[slot]
        : null;
  }

  void keep(int slot, byte[] bytes, int from, int size, boolean coded, String text) {
    System.arraycopy(bytes, from, wire, slot * WIDTH, size);
    sizes[slot] = (byte) (coded ? -size : size);
    texts[slot] = text;
  }
}
