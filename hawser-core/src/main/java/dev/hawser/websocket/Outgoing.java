package dev.hawser.websocket;

import dev.hawser.io.Buffers;
import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes masked frames, several in one write where they are small. The payload is copied once, and
 * masked in the copy: what it was given stays as it is. One thread at a time.
 */
final class Outgoing {
  private static final byte[] NONE = {};
  private static final int MOST_HEAD = 14;
  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final int MASK = 0x80;

  private final Transport transport;
  private final Buffers buffers;
  private final Deadlines deadlines;
  private final Masks masks;
  private byte[] array = NONE; // taken at first use in a turn
  private @Nullable ByteBuffer gathered; // in the array

  Outgoing(Transport transport, Buffers buffers, Deadlines deadlines, Masks masks) {
    this.transport = transport;
    this.buffers = buffers;
    this.deadlines = deadlines;
    this.masks = masks;
  }

  /** Whether a frame of this payload can be gathered with those before it. */
  boolean fits(long payload) {
    return gathered == null || payload <= gathered.remaining() - MOST_HEAD;
  }

  /** Gathers a frame; writes as often as the buffer is full. */
  void frame(int opcode, boolean fin, boolean compressed, ByteBuffer payload) throws IOException {
    ByteBuffer target = gathered();
    if (target.remaining() < MOST_HEAD) {
      flush();
    }
    int key = masks.next();
    target.put((byte) (opcode | (fin ? FIN : 0) | (compressed ? RSV1 : 0)));
    int length = payload.remaining();
    if (length < 126) {
      target.put((byte) (MASK | length));
    } else if (length < 65_536) {
      target.put((byte) (MASK | 126)).putShort((short) length);
    } else {
      target.put((byte) (MASK | 127)).putLong(length);
    }
    target.putInt(key);
    for (int done = 0; done < length; ) {
      if (!target.hasRemaining()) {
        flush();
      }
      int from = target.position();
      int count = Math.min(target.remaining(), length - done);
      payload.get(array, from, count);
      target.position(from + count);
      Masks.apply(Masks.after(key, done), array, from, from + count);
      done += count;
    }
  }

  /** Writes what was gathered. */
  void flush() throws IOException {
    ByteBuffer source = gathered;
    if (source != null && source.position() > 0) {
      deadlines.writing();
      transport.write(source.flip());
      deadlines.written();
      source.clear();
    }
  }

  /** Gives the buffer back. */
  void release() {
    if (gathered != null) {
      buffers.release(array);
      array = NONE;
      gathered = null;
    }
  }

  private ByteBuffer gathered() throws IOException {
    ByteBuffer present = gathered;
    if (present == null) {
      array = buffers.acquire();
      present = ByteBuffer.wrap(array);
      gathered = present;
    }
    return present;
  }
}
