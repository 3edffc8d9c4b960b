package dev.hawser.http2;

import dev.hawser.io.Buffers;
import dev.hawser.io.Input;
import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What has come from the peer, frame by frame. A frame is there as a whole before anybody sees it.
 * Reader only.
 *
 * <p>While no stream is open the reader blocks with 1 KiB, its own, in which the answer to a small
 * request often fits. Else it has one of the client's buffers, and one of 64 KiB once a read has
 * filled that.
 */
final class FrameInput {
  private static final int SMALL = 1024;
  private static final int LARGE = 64 * 1024;

  private final Transport transport;
  private final Buffers buffers;
  private final ByteBuffer small = ByteBuffer.allocate(SMALL);
  private ByteBuffer view = small;
  private byte[] array = small.array();
  private int position;
  private int limit;
  private int brought; // by the last read
  private boolean filled; // that was all that there was room for

  // The present frame.
  private int length;
  private int type;
  private int flags;
  private int stream;
  private int payload;

  FrameInput(Transport transport, Buffers buffers) {
    this.transport = transport;
    this.buffers = buffers;
  }

  /** Takes over what was received before HTTP/2 was spoken. */
  void takeOver(Input input) throws IOException {
    int count = input.remaining();
    if (count > 0) {
      if (count > array.length) {
        use(Buffers.SIZE);
      }
      System.arraycopy(input.array(), input.position(), array, 0, count);
      limit = count;
    }
    input.release();
  }

  /** Goes to the next frame, if it is there. */
  boolean next() throws ConnectionError {
    int at = position;
    if (limit - at < Frames.HEAD) {
      return false;
    }
    byte[] bytes = array;
    length = (bytes[at] & 0xff) << 16 | (bytes[at + 1] & 0xff) << 8 | bytes[at + 2] & 0xff;
    type = bytes[at + 3];
    flags = bytes[at + 4];
    stream = Frames.int31(bytes, at + 5);
    if (length > Frames.LEAST_MAX_SIZE) {
      throw new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, "a frame of " + length + " bytes");
    }
    if (limit - at < Frames.HEAD + length) {
      return false;
    }
    payload = at + Frames.HEAD;
    position = payload + length;
    return true;
  }

  int length() {
    return length;
  }

  int type() {
    return type;
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  int stream() {
    return stream;
  }

  byte[] array() {
    return array;
  }

  /** Index of the first byte of the payload. */
  int payload() {
    return payload;
  }

  /** A part of the array; valid until the next call. */
  ByteBuffer view(int from, int count) {
    return view.limit(from + count).position(from);
  }

  /** The first bytes that are there, for a peer that speaks something else. */
  byte[] start() {
    byte[] copy = new byte[Math.min(limit, 32)];
    System.arraycopy(array, 0, copy, 0, copy.length);
    return copy;
  }

  /**
   * Reads once; false at the end of the stream.
   *
   * @param idle whether no stream is open
   */
  boolean fill(boolean idle) throws IOException {
    makeRoom(idle);
    int count = transport.read(view.limit(array.length).position(limit));
    if (count < 0) {
      return false;
    }
    limit += count;
    brought = count;
    filled = limit == array.length;
    return true;
  }

  /** How many bytes the last read has brought. */
  int brought() {
    return brought;
  }

  private void makeRoom(boolean idle) throws IOException {
    int left = limit - position;
    int wanted = left < Frames.HEAD ? Frames.HEAD : Frames.HEAD + length;
    if (left == 0) {
      position = 0;
      limit = 0;
    }
    if (idle && left == 0) {
      use(SMALL);
    } else if (wanted > Buffers.SIZE || filled && array.length == Buffers.SIZE) {
      use(LARGE);
    } else if (array.length == SMALL) {
      use(Buffers.SIZE);
    }
    if (position + wanted > array.length || limit == array.length) {
      System.arraycopy(array, position, array, 0, left);
      position = 0;
      limit = left;
    }
  }

  /** Goes on with an array of this size, or keeps a larger one. */
  private void use(int size) throws IOException {
    if (array.length == size || size != SMALL && array.length > size) {
      return;
    }
    byte[] before = array;
    int left = limit - position;
    if (size == SMALL) {
      view = small;
    } else if (size == LARGE) {
      buffers.reserve(LARGE);
      view = ByteBuffer.allocate(LARGE);
    } else {
      view = ByteBuffer.wrap(buffers.acquire());
    }
    array = view.array();
    System.arraycopy(before, position, array, 0, left);
    position = 0;
    limit = left;
    giveBack(before);
  }

  private void giveBack(byte[] before) {
    if (before.length == LARGE) {
      buffers.unreserve(LARGE);
    } else if (before.length == Buffers.SIZE) {
      buffers.release(before);
    }
  }

  /** Gives the memory back; what is there is lost. */
  void release() {
    byte[] before = array;
    view = small;
    array = small.array();
    position = 0;
    limit = 0;
    giveBack(before);
  }
}
