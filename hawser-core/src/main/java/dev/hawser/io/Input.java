package dev.hawser.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a transport has received and nobody has consumed yet: {@code array[position, limit)}. Used
 * by one thread at a time, the one that reads the connection. Its buffer is taken at first use and
 * can be given back while it is empty.
 */
public final class Input {
  private static final byte[] NONE = new byte[0];

  private final Transport transport;
  private final Buffers buffers;
  private byte[] array = NONE;
  private @Nullable ByteBuffer view; // of array, so that a read makes no object
  private int position;
  private int limit;

  Input(Transport transport, Buffers buffers) {
    this.transport = transport;
    this.buffers = buffers;
  }

  /** The bytes; an empty array after {@link #release}. */
  public byte[] array() {
    return array;
  }

  /** Index of the first byte not consumed. */
  public int position() {
    return position;
  }

  /** Index after the last byte received. */
  public int limit() {
    return limit;
  }

  /** How many bytes are there. */
  public int remaining() {
    return limit - position;
  }

  /** Consumes up to {@code newPosition}. */
  public void position(int newPosition) {
    position = newPosition;
    if (position == limit) {
      position = 0;
      limit = 0;
    }
  }

  /**
   * Makes sure that there is a buffer, which then can be used for other things while {@link
   * #remaining} is 0.
   */
  public ByteBuffer open() throws IOException {
    ByteBuffer open = view;
    if (open == null) {
      array = buffers.acquire();
      open = ByteBuffer.wrap(array);
      view = open;
    }
    return open;
  }

  /**
   * Reads more, once, after what is there; moves that to the front when the buffer's end is
   * reached.
   *
   * @return how many bytes came; -1 at the end of the stream; 0 if the buffer is full
   */
  public int fill() throws IOException {
    ByteBuffer buffer = open();
    if (limit == array.length) {
      if (position == 0) {
        return 0;
      }
      System.arraycopy(array, position, array, 0, limit - position);
      limit -= position;
      position = 0;
    }
    buffer.limit(array.length).position(limit);
    int count = transport.read(buffer);
    if (count > 0) {
      limit += count;
    }
    return count;
  }

  /**
   * Puts bytes back that were consumed just now; there is room for as many as the last {@link
   * #fill} brought.
   */
  public void unread(byte[] bytes, int from, int count) {
    System.arraycopy(bytes, from, array, 0, count);
    position = 0;
    limit = count;
  }

  /**
   * Room for one byte to look for bytes with that nobody asked for, in the buffer if there is one:
   * every lease looks.
   */
  ByteBuffer spareByte() {
    ByteBuffer open = view;
    return open == null ? ByteBuffer.allocate(1) : open.limit(1).position(0);
  }

  /** Gives the buffer back. Whatever is in it is lost. */
  public void release() {
    if (view != null) {
      buffers.release(array);
      view = null;
      array = NONE;
      position = 0;
      limit = 0;
    }
  }
}
