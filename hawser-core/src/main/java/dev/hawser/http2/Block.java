package dev.hawser.http2;

import java.util.Arrays;

/**
 * A field block in the making, with HPACK's primitives (RFC 7541 5). Used again for the next one.
 * One thread at a time.
 */
public final class Block {
  private static final int INITIAL = 512;
  private static final int KEPT = 16 * 1024; // what a rare large block took is given back

  private byte[] bytes = new byte[INITIAL];
  private int length;

  /** The array that holds the block from index 0; another one once the block has grown. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
    if (bytes.length > KEPT) {
      bytes = new byte[INITIAL];
    }
  }

  /** An integer in the low {@code prefix} bits of its first byte, whose other bits are given. */
  void integer(int high, int prefix, int value) {
    reserve(6);
    int most = (1 << prefix) - 1;
    if (value < most) {
      bytes[length++] = (byte) (high | value);
      return;
    }
    bytes[length++] = (byte) (high | most);
    int rest = value - most;
    while (rest >= 0x80) {
      bytes[length++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  /** A string of characters up to 255, by the Huffman code if that is shorter. */
  void string(String text) {
    int plain = text.length();
    int coded = Huffman.length(text);
    if (coded < plain) {
      integer(0x80, 7, coded);
      reserve(coded + 4);
      Huffman.encode(text, bytes, length);
      length += coded;
    } else {
      integer(0, 7, plain);
      reserve(plain);
      latin1(text);
      length += plain;
    }
  }

  @SuppressWarnings("deprecation") // it copies the low bytes, which is what is wanted
  private void latin1(String text) {
    text.getBytes(0, text.length(), bytes, length);
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }
}
