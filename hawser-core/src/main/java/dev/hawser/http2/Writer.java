package dev.hawser.http2;

import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Sends what has gathered, and parks while there is nothing. */
final class Writer implements Runnable {
  private final Http2Connection connection;
  private final Transport transport;
  private final Thread thread;
  private volatile long begun; // by this thread: the batch that it writes, or wrote last

  Writer(Http2Connection connection, Transport transport) {
    this.connection = connection;
    this.transport = transport;
    this.thread = Thread.ofVirtual().name("hawser-h2-write").unstarted(this);
  }

  Thread thread() {
    return thread;
  }

  /** There is something, or nothing more to come. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** The last batch of which a byte may have been sent. */
  long begun() {
    return begun;
  }

  @Override
  public void run() {
    try {
      boolean written = false;
      while (true) {
        ByteBuffer batch;
        synchronized (connection.lock) {
          if (written) {
            connection.out.giveBack(connection.streams().table.size() == 0);
            written = false;
          }
          batch = next();
        }
        if (batch == null) {
          LockSupport.park(this);
          letOthersAppend();
        } else if (batch.hasRemaining()) {
          transport.write(batch);
          written = true;
        } else {
          transport.close(); // all has been said
          return;
        }
      }
    } catch (IOException e) {
      connection.unwritable();
    } finally {
      connection.threadEnded();
    }
  }

  /**
   * Callers whose responses have come together are about to run: with nginx and 64 of them on one
   * core a write carries 3.5 requests with this and 2.1 without.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void letOthersAppend() {
    Thread.yield();
  }

  /** Under the lock: what to write; null: to wait; empty: to end. */
  private @Nullable ByteBuffer next() {
    Outgoing out = connection.out;
    if (out.length() > 0) {
      begun = out.batch();
      ByteBuffer batch = out.take();
      connection.streams().sending.wakeLine();
      return batch;
    }
    if (out.ended()) {
      return ByteBuffer.allocate(0);
    }
    out.writerWaits();
    return null;
  }
}
