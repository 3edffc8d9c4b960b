package dev.hawser.websocket;

import dev.hawser.io.Buffers;
import dev.hawser.io.Transport;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads frames (RFC 6455 5.2): checks what concerns each by itself. Has a small buffer of its own,
 * so that ten thousand quiet WebSockets hold 40 MB; large payloads are read past it. One thread.
 */
final class FrameReader {
  private static final int SIZE = 4096;

  private final Transport transport;
  private final Buffers buffers;
  private final Deadlines deadlines;
  private final long maxFrame;
  private byte[] buffer;
  private ByteBuffer view; // of buffer
  private int position;
  private int limit;

  private boolean fin;
  private int reserved;
  private int opcode;
  private long left; // of the payload

  /**
   * Makes a reader.
   *
   * @param early what came with the answer to the opening handshake
   */
  FrameReader(
      Transport transport, Buffers buffers, Deadlines deadlines, byte[] early, long maxFrame)
      throws IOException {
    this.transport = transport;
    this.buffers = buffers;
    this.deadlines = deadlines;
    this.maxFrame = maxFrame;
    buffers.reserve(SIZE);
    this.buffer = Arrays.copyOf(early, Math.max(early.length, SIZE));
    this.view = ByteBuffer.wrap(buffer);
    this.limit = early.length;
  }

  /** Gives back what the reader holds. */
  void release() {
    buffers.unreserve(SIZE);
    buffer = new byte[0];
    view = ByteBuffer.wrap(buffer);
    position = 0;
    limit = 0;
  }

  /** Whether the frame ends its message. */
  boolean fin() {
    return fin;
  }

  /** RSV1, RSV2 and RSV3, as they stand in the first byte. */
  int reserved() {
    return reserved;
  }

  int opcode() {
    return opcode;
  }

  /** How much of the payload has not been read. */
  long left() {
    return left;
  }

  /** Reads the next frame's head; false at the end of the stream. */
  boolean next() throws IOException {
    if (!ensure(2)) {
      return false;
    }
    int first = buffer[position];
    int second = buffer[position + 1];
    fin = first < 0;
    reserved = first & 0x70;
    opcode = first & 0x0f;
    if (!Opcode.isKnown(opcode)) {
      throw Violation.protocol("a frame of the unknown opcode " + opcode);
    }
    if (second < 0) {
      throw Violation.protocol("a masked frame");
    }
    left = length(second & 0x7f);
    if (Opcode.isControl(opcode)) {
      if (!fin) {
        throw Violation.protocol("a control frame in fragments");
      }
      if (left > 125) {
        throw Violation.protocol("a control frame of " + left + " bytes");
      }
    } else if (left > maxFrame) {
      throw Violation.tooBig("a frame", "maxFrame", maxFrame);
    }
    return true;
  }

  private long length(int seven) throws IOException {
    if (seven < 126) {
      position += 2;
      return seven;
    }
    int bytes = seven == 126 ? 2 : 8;
    ensure(2 + bytes);
    long length = 0;
    for (int i = position + 2; i < position + 2 + bytes; i++) {
      length = length << 8 | buffer[i] & 0xff;
    }
    position += 2 + bytes;
    if (length < 0) {
      throw Violation.protocol("a frame length of 2^63 or more");
    }
    if (length < 126 || bytes == 8 && length < 65_536) {
      throw Violation.protocol("a frame length in more bytes than it needs");
    }
    return length;
  }

  /** Reads all of the payload. */
  byte[] payload() throws IOException {
    byte[] payload = new byte[(int) left];
    read(payload, payload.length);
    return payload;
  }

  /** Reads so many bytes of the payload. */
  void read(byte[] target, int count) throws IOException {
    for (int done = 0; done < count; ) {
      done += readSome(target, done, count - done);
    }
  }

  /** Reads some bytes of the payload, at most {@code count}; returns how many. */
  int readSome(byte[] target, int offset, int count) throws IOException {
    int got;
    if (position == limit && count >= SIZE) {
      deadlines.reading();
      got = transport.read(ByteBuffer.wrap(target, offset, count));
      if (got < 0) {
        throw cut();
      }
    } else {
      if (position == limit) {
        fill();
      }
      got = Math.min(count, limit - position);
      System.arraycopy(buffer, position, target, offset, got);
      position += got;
    }
    left -= got;
    return got;
  }

  /** Reads and drops whatever comes until the stream ends or fails, or the deadline ends it. */
  void drain() throws IOException {
    do {
      view.clear();
    } while (transport.read(view) >= 0);
  }

  /** Makes sure that so many bytes are there; false if the stream ends before the first. */
  private boolean ensure(int count) throws IOException {
    if (limit - position < count) {
      if (position > 0) {
        System.arraycopy(buffer, position, buffer, 0, limit - position);
        limit -= position;
        position = 0;
      }
      if (limit == 0) {
        letOthersRun();
        if (!fillFrom(0)) {
          return false;
        }
      }
      while (limit < count) {
        if (!fillFrom(limit)) {
          throw cut();
        }
      }
    }
    return true;
  }

  /** As in decision 5: what others send now is there afterwards. */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void letOthersRun() {
    Thread.yield();
  }

  private void fill() throws IOException {
    position = 0;
    limit = 0;
    if (!fillFrom(0)) {
      throw cut();
    }
  }

  private boolean fillFrom(int from) throws IOException {
    deadlines.reading();
    int got = transport.read(view.clear().position(from));
    limit = from + Math.max(got, 0);
    return got >= 0;
  }

  private static EOFException cut() {
    return new EOFException("the server closed the connection in the middle of a frame");
  }
}
