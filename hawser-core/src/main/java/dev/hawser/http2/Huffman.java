package dev.hawser.http2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The Huffman code of RFC 7541 appendix B. It is canonical: codes of one length follow each other
 * in the order of their symbols, and those of the next length follow them. So the lengths say all.
 */
final class Huffman {
  /** The length of each symbol's code in bits, in base 36; the last is EOS. */
  private static final String LENGTHS =
      "dnsssssssoussussssssssusssssssss"
          + "6aacd68baa8b8666555666666678f6ca"
          + "d67777777777777777777777878djde6"
          + "f56565666577666567655677777fbeds"
          + "kmkkmmmnmnnnnnonoomnonnnnlmnmnno"
          + "mlkmmnnlnmmolmnnllmlnmnnkmmmnmmn"
          + "qqkjmnmpqqqrrqopjlqrrqrollqqsrrr"
          + "koklmllnmmppooqnqrqqrrrrrsrrrrrq"
          + "u";

  private static final int EOS = 256;
  private static final int LONGEST = 30;
  private static final int WINDOW = (1 << LONGEST) - 1; // as many bits as the longest code has
  private static final int SHORT = 8; // codes up to here are decoded by one look

  private static final int[] CODE = new int[EOS + 1];
  private static final byte[] BITS = new byte[EOS + 1];

  /** By the next 8 bits: {@code symbol << 4 | bits}, or 0 if the code is longer. */
  private static final short[] BY_BYTE = new short[1 << SHORT];

  // For longer codes, by length: the first window past these codes, and what leads from code to
  // symbol.
  private static final int[] PAST = new int[LONGEST + 1];
  private static final int[] OFFSET = new int[LONGEST + 1];
  private static final short[] IN_ORDER = new short[EOS + 1];

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  static {
    int code = 0;
    int rank = 0;
    for (int bits = 1; bits <= LONGEST; bits++) {
      code <<= 1;
      OFFSET[bits] = rank - code;
      for (int symbol = 0; symbol <= EOS; symbol++) {
        if (Character.digit(LENGTHS.charAt(symbol), 36) == bits) {
          CODE[symbol] = code;
          BITS[symbol] = (byte) bits;
          IN_ORDER[rank++] = (short) symbol;
          if (bits <= SHORT) {
            int from = code << SHORT - bits;
            for (int i = from; i < from + (1 << SHORT - bits); i++) {
              BY_BYTE[i] = (short) (symbol << 4 | bits);
            }
          }
          code++;
        }
      }
      PAST[bits] = code << LONGEST - bits;
    }
  }

  private Huffman() {}

  /**
   * Decodes all of {@code from} to {@code to}. What {@code out} has no room for is checked and
   * counted, not kept.
   *
   * @return how many bytes it is, which may be more than {@code out} holds
   */
  static int decode(byte[] bytes, int from, int to, byte[] out) throws HpackException {
    long ahead = 0; // the next bits, in the low end
    int bits = 0; // how many
    int next = from;
    int count = 0;
    while (true) {
      if (bits < LONGEST) {
        if (to - next >= 4) {
          ahead = ahead << 32 | (int) INT.get(bytes, next) & 0xFFFF_FFFFL;
          bits += 32;
          next += 4;
        } else {
          for (; next < to; next++) {
            ahead = ahead << 8 | bytes[next] & 0xFF;
            bits += 8;
          }
        }
      }
      // Past the end there are ones, as in the padding: so the window decodes to a symbol that is
      // whole, or to one that is longer than what is left.
      int window =
          bits >= LONGEST
              ? (int) (ahead >>> bits - LONGEST) & WINDOW
              : (int) (ahead << LONGEST - bits) & WINDOW | WINDOW >>> bits;
      int entry = BY_BYTE[window >>> LONGEST - SHORT];
      int length = entry & 15;
      int symbol = entry >>> 4;
      if (entry == 0) {
        length = SHORT + 1;
        while (window >= PAST[length]) {
          length++;
        }
        symbol = IN_ORDER[(window >>> LONGEST - length) + OFFSET[length]];
      }
      if (length > bits) {
        if (bits >= 8 || window != WINDOW) {
          throw new HpackException("Huffman padding that is not up to 7 ones");
        }
        return count;
      }
      if (symbol == EOS) {
        throw new HpackException("EOS in a Huffman-coded string");
      }
      bits -= length;
      if (count < out.length) {
        out[count] = (byte) symbol;
      }
      count++;
    }
  }

  /** The encoded length in bytes. */
  static int length(String text) {
    long bits = 0;
    int all = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      all |= c;
      bits += BITS[c & 0xFF];
    }
    if (all > 0xFF) {
      // Cut to a byte it could become a line end for whoever reads the field.
      throw new IllegalArgumentException("a character above 255 in a header");
    }
    return (int) (bits + 7 >>> 3);
  }

  /** Encodes; {@code out} has room for {@link #length} bytes from {@code at} and 4 more. */
  static void encode(String text, byte[] out, int at) {
    long ready = 0;
    int bits = 0;
    int next = at;
    for (int i = 0; i < text.length(); i++) {
      int c = text.charAt(i) & 0xFF;
      ready = ready << BITS[c] | CODE[c];
      bits += BITS[c];
      if (bits >= 32) {
        bits -= 32;
        INT.set(out, next, (int) (ready >>> bits));
        next += 4;
      }
    }
    if (bits > 0) {
      INT.set(out, next, (int) (ready << 32 - bits) | -1 >>> bits); // padded with ones
    }
  }
}
