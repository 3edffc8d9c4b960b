package dev.hawser.websocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** Compresses messages, and hands on the frames that come of it (RFC 7692 7.2.1). One thread. */
final class Deflation {
  /** Takes the payload of one frame. */
  @FunctionalInterface
  interface Frames {
    void frame(ByteBuffer payload, boolean last) throws IOException;
  }

  private static final int TAIL = 4; // 00 00 FF FF, which a flush ends with and a message does not
  private static final ByteBuffer EMPTY = ByteBuffer.wrap(new byte[] {0}).asReadOnlyBuffer();

  private final boolean takeover;
  private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
  private final byte[] output = new byte[16 * 1024];

  Deflation(Deflate agreed) {
    takeover = agreed.clientTakeover();
  }

  /** Compresses a part of a message into one or more frames. */
  void compress(ByteBuffer part, boolean last, Frames to) throws IOException {
    deflater.setInput(part);
    int length = 0;
    while (true) {
      length += deflater.deflate(output, length, output.length - length, Deflater.SYNC_FLUSH);
      if (length < output.length) {
        break;
      }
      to.frame(ByteBuffer.wrap(output, 0, length - TAIL), false);
      System.arraycopy(output, length - TAIL, output, 0, TAIL); // it may be the flush's
      length = TAIL;
    }
    if (!last) {
      to.frame(ByteBuffer.wrap(output, 0, length), false);
    } else if (length >= TAIL) {
      to.frame(ByteBuffer.wrap(output, 0, length - TAIL), true);
    } else { // nothing since the last flush: an empty block (RFC 7692 7.2.3.6)
      to.frame(EMPTY.duplicate(), true);
    }
    if (last && !takeover) {
      deflater.reset();
    }
  }

  /** Frees the memory outside the heap. */
  void end() {
    deflater.end();
  }
}
