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
      byte @Nullable [] written = null;
      while (true) {
        ByteBuffer batch;
        synchronized (connection.lock) {
          if (written != null) {
            connection.out.giveBack(written, connection.streams.size() == 0);
            written = null;
          }
          batch = next();
        }
        if (batch == null) {
          LockSupport.park(this);
        } else if (batch.hasRemaining()) {
          written = batch.array();
          transport.write(batch);
        } else {
          transport.close(); // all has been said
          return;
        }
      }
    } catch (IOException e) {
      connection.unwritable();
    }
  }

  /** Under the lock: what to write; null: to wait; empty: to end. */
  private @Nullable ByteBuffer next() {
    Outgoing out = connection.out;
    if (out.length() > 0) {
      begun = out.batch();
      ByteBuffer batch = out.take();
      connection.sending.wakeLine();
      return batch;
    }
    if (out.ended()) {
      return ByteBuffer.allocate(0);
    }
    out.writerWaits();
    return null;
  }
}
