package dev.hawser.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Where the frames of one connection gather. One thread writes what has gathered meanwhile: one
 * system call for many answers.
 */
final class Http2Output {
  /** Where those who append wait: the client does not read. */
  private static final int MOST = 1024 * 1024;

  private static final int BUFFER = 64 * 1024;

  private final Hpack hpack;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All guarded by lock, and the encoder too: blocks must go in the order in which they were made.
  private byte[] gathered = new byte[BUFFER];
  private int size;
  private boolean closed;

  Http2Output(Hpack hpack) {
    this.hpack = hpack;
  }

  /** Writes until it is closed and empty. */
  void writeTo(OutputStream out) throws IOException {
    byte[] spare = new byte[BUFFER];
    try {
      while (true) {
        byte[] full;
        int count;
        lock.lock();
        try {
          awaitUntil(() -> size > 0 || closed);
          if (size == 0) {
            return;
          }
          full = gathered;
          count = size;
          gathered = spare;
          size = 0;
          changed.signalAll();
        } finally {
          lock.unlock();
        }
        out.write(full, 0, count);
        out.flush();
        spare = full.length > 4 * BUFFER ? new byte[BUFFER] : full;
      }
    } finally {
      close();
    }
  }

  /** Takes no more; what has gathered is written. */
  void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void frame(Http2Frame frame) throws IOException {
    byte[] payload = frame.payload();
    append(frame.type(), frame.flags(), frame.stream(), payload, 0, payload.length, -1);
  }

  /** DATA, with so much padding; -1 for none. */
  void data(int stream, int flags, byte[] bytes, int offset, int count, int padding)
      throws IOException {
    append(Http2Frame.DATA, flags, stream, bytes, offset, count, padding);
  }

  /** A header block in as many frames as it takes. */
  void headers(int stream, int flags, List<Http2Field> fields, int mostPerFrame)
      throws IOException {
    lock.lock();
    try {
      byte[] block = hpack.encode(fields);
      int type = Http2Frame.HEADERS;
      int begin = flags;
      for (int at = 0; at == 0 || at < block.length; at += mostPerFrame) {
        int count = Math.min(mostPerFrame, block.length - at);
        int end = at + count == block.length ? Http2Frame.END_HEADERS : 0;
        append(type, begin | end, stream, block, at, count, -1);
        type = Http2Frame.CONTINUATION;
        begin = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  /** What the client's decoder allows. */
  void encoderTableSize(long size) {
    lock.lock();
    try {
      hpack.encoderTableSize(size);
    } finally {
      lock.unlock();
    }
  }

  private void append(
      int type, int flags, int stream, byte[] bytes, int offset, int count, int padding)
      throws IOException {
    boolean padded = padding >= 0;
    int length = count + (padded ? 1 + padding : 0);
    lock.lock();
    try {
      // Not within a header block, which must not be interrupted.
      awaitUntil(() -> size <= MOST || closed || type == Http2Frame.CONTINUATION);
      if (closed) {
        throw new IOException("the connection is closed");
      }
      room(Http2Frame.HEAD + length);
      put(length >> 16);
      put(length >> 8);
      put(length);
      put(type);
      put(padded ? flags | Http2Frame.PADDED : flags);
      for (int shift = 24; shift >= 0; shift -= 8) {
        put(stream >> shift);
      }
      if (padded) {
        put(padding);
      }
      System.arraycopy(bytes, offset, gathered, size, count);
      size += count;
      if (padded) {
        Arrays.fill(gathered, size, size + padding, (byte) 0);
        size += padding;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void put(int value) {
    gathered[size++] = (byte) value;
  }

  private void room(int count) {
    if (size + count > gathered.length) {
      gathered = Arrays.copyOf(gathered, Math.max(2 * gathered.length, size + count));
    }
  }

  private void awaitUntil(BooleanSupplier condition) throws IOException {
    try {
      while (!condition.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }
}
