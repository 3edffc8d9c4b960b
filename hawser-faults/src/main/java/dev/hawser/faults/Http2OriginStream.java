package dev.hawser.faults;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** One stream of a {@link Http2OriginConnection}; as an InputStream it is the request's body. */
final class Http2OriginStream extends InputStream {
  private final Http2OriginConnection connection;
  private final int id;
  private final ReentrantLock lock; // the connection's
  private final Condition changed;
  // All guarded by lock.
  private final Deque<byte[]> pieces = new ArrayDeque<>();
  private int taken; // of the first piece
  private boolean requestEnded;
  private boolean reset;
  private long sendWindow;
  private long receiveWindow;
  private int notGivenBack;

  Http2OriginStream(
      Http2OriginConnection connection,
      int id,
      ReentrantLock lock,
      long sendWindow,
      long receiveWindow) {
    this.connection = connection;
    this.id = id;
    this.lock = lock;
    this.changed = lock.newCondition();
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  int id() {
    return id;
  }

  // By the connection, under its lock

  /** A piece of the body; false when it is more than the window has room for. */
  boolean came(byte[] piece, int onTheWire) {
    receiveWindow -= onTheWire;
    if (piece.length > 0) {
      pieces.add(piece);
    }
    notGivenBack += onTheWire - piece.length; // padding is used at once
    changed.signalAll();
    return receiveWindow >= 0;
  }

  void requestEnds() {
    requestEnded = true;
    changed.signalAll();
  }

  /** Ends it early; returns how much of the body nobody is going to read. */
  int resets() {
    reset = true;
    changed.signalAll();
    return discard();
  }

  /** Forgets the rest of the body; returns how much of it has come. */
  int discard() {
    int unread = pieces.stream().mapToInt(piece -> piece.length).sum() - taken;
    pieces.clear();
    taken = 0;
    return unread;
  }

  void widen(long increment) {
    sendWindow += increment;
    changed.signalAll();
  }

  long sendWindow() {
    return sendWindow;
  }

  void windowChanged() {
    changed.signalAll();
  }

  boolean requestEnded() {
    return requestEnded;
  }

  boolean isReset() {
    return reset;
  }

  /** How much of the window to give back now: nothing, or at least this. */
  int giveBack(int used, int least) {
    notGivenBack += used;
    if (requestEnded || notGivenBack < least) {
      return 0;
    }
    int all = notGivenBack;
    notGivenBack = 0;
    receiveWindow += all;
    return all;
  }

  /** Waits, and lets go of the lock meanwhile. */
  void awaitUntil(BooleanSupplier condition) throws IOException {
    try {
      while (!condition.getAsBoolean()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  // By the stream's thread

  /** Whether the request has come to its end. */
  boolean hasWholeRequest() {
    lock.lock();
    try {
      return requestEnded;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the client has had enough of it. */
  void awaitReset() throws IOException {
    lock.lock();
    try {
      awaitUntil(() -> reset);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int count) throws IOException {
    int got;
    lock.lock();
    try {
      awaitUntil(() -> !pieces.isEmpty() || requestEnded || reset);
      if (reset) {
        throw new IOException("stream " + id + " was reset");
      }
      byte[] first = pieces.peek();
      if (first == null) {
        return -1;
      }
      got = Math.min(count, first.length - taken);
      System.arraycopy(first, taken, bytes, offset, got);
      taken += got;
      if (taken == first.length) {
        pieces.remove();
        taken = 0;
      }
    } finally {
      lock.unlock();
    }
    connection.used(this, got);
    return got;
  }
}
