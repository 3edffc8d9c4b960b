package dev.hawser.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of a client's busy connections, within one budget. A connection gives its buffer back
 * when it has been idle for a moment, so ten thousand idle connections hold none.
 *
 * <p>Heap arrays: the parser reads them fastest, the collector frees them, and the JDK's copy from
 * its own direct buffer costs 15 ns for a small response.
 */
public final class Buffers {
  /** Size of a buffer: a TLS record's plaintext, and more than nearly every head. */
  public static final int SIZE = 16 * 1024;

  private static final int KEPT = 64; // 1 MiB of free buffers at most

  private final long budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<byte[]> free = new ArrayDeque<>(); // guarded by lock
  private long used; // guarded by lock

  public Buffers(long budget) {
    this.budget = budget;
  }

  /** The client's budget is used up. */
  public static final class BudgetExceededException extends IOException {
    private static final long serialVersionUID = 1;

    BudgetExceededException(long budget) {
      super("the client's buffers have reached their budget of " + budget + " bytes");
    }
  }

  /** Takes a buffer of {@link #SIZE} bytes. */
  public byte[] acquire() throws BudgetExceededException {
    byte @Nullable [] buffer;
    lock.lock();
    try {
      take(SIZE);
      buffer = free.pollFirst();
    } finally {
      lock.unlock();
    }
    return buffer != null ? buffer : new byte[SIZE];
  }

  /** Gives a buffer back. */
  public void release(byte[] buffer) {
    lock.lock();
    try {
      used -= SIZE;
      if (free.size() < KEPT) {
        free.addFirst(buffer);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Counts memory that somebody else allocates, such as TLS records. */
  public void reserve(int bytes) throws BudgetExceededException {
    lock.lock();
    try {
      take(bytes);
    } finally {
      lock.unlock();
    }
  }

  /** Takes back what {@link #reserve} counted. */
  public void unreserve(int bytes) {
    lock.lock();
    try {
      used -= bytes;
    } finally {
      lock.unlock();
    }
  }

  /** Bytes in use. */
  public long used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }

  private void take(int bytes) throws BudgetExceededException {
    if (used + bytes > budget) {
      throw new BudgetExceededException(budget);
    }
    used += bytes;
  }
}
