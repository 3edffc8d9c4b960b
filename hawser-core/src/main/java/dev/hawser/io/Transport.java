package dev.hawser.io;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connected byte stream with a deadline: whatever blocks in it past the deadline ends with an
 * exception, and then {@link #expired()} is true. One thread reads and one writes at a time. {@link
 * #close()} may be called by anyone.
 */
public abstract class Transport implements Watchdog.Guarded {
  private static final VarHandle DEADLINE;
  private static final long EXPIRED = -1;

  static {
    try {
      DEADLINE = MethodHandles.lookup().findVarHandle(Transport.class, "deadline", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What a look at an idle connection found. */
  public enum Liveness {
    /** Open, and nothing has come. */
    ALIVE,
    /** The peer has closed or reset it, or we have. */
    CLOSED,
    /** Bytes have come that nobody asked for. */
    UNSOLICITED
  }

  protected final SocketChannel channel;
  protected final Buffers buffers;
  private final InetSocketAddress localAddress;
  private final InetSocketAddress remoteAddress;
  private final Watchdog watchdog;
  private final Input input;
  private volatile long deadline =
      Ticker.NEVER; // by the exchange; to EXPIRED by the watchdog, for good: all by CAS
  private volatile @Nullable Runnable onClose; // by the exchange: who is told when nobody reads

  protected Transport(SocketChannel channel, Watchdog watchdog, Buffers buffers)
      throws IOException {
    this.channel = channel;
    this.buffers = buffers;
    this.watchdog = watchdog;
    this.input = new Input(this, buffers);
    this.localAddress = (InetSocketAddress) channel.getLocalAddress();
    this.remoteAddress = (InetSocketAddress) channel.getRemoteAddress();
    watchdog.add(this);
  }

  /** Reads at least one byte; returns -1 at the end of the stream. */
  public abstract int read(ByteBuffer target) throws IOException;

  /** Writes all of the buffer. */
  public abstract void write(ByteBuffer source) throws IOException;

  /** Writes all of the buffers, gathered where that saves a system call. */
  public abstract void write(ByteBuffer[] sources) throws IOException;

  /** Writes some of a file, at least one byte unless it ends there; returns how many. */
  public long write(FileChannel source, long position, long count) throws IOException {
    byte[] buffer = buffers.acquire();
    try {
      var bytes = ByteBuffer.wrap(buffer, 0, (int) Math.min(count, buffer.length));
      if (source.read(bytes, position) <= 0) {
        return 0;
      }
      write(bytes.flip());
      return bytes.limit();
    } finally {
      buffers.release(buffer);
    }
  }

  /**
   * Whether bytes have been received that neither {@link #read} has returned nor the protocol
   * itself has used up.
   */
  public abstract boolean pending();

  /**
   * Looks, without blocking, whether an idle connection is still good. Whatever has come is lost.
   */
  public abstract Liveness probe();

  /**
   * After {@link #read} returned -1: whether the peer ended the stream on purpose, as far as the
   * protocol can tell.
   */
  public abstract boolean endedCleanly();

  /** What a failed exchange has to do with the layer below HTTP; null: nothing. */
  public @Nullable StageFailure explain(IOException e) {
    return null;
  }

  /** What has been received. */
  public final Input input() {
    return input;
  }

  /**
   * Gives back the memory that an idle connection does not need. Only while nobody reads or writes.
   */
  public void releaseBuffers() {
    input.release();
  }

  /** Our end. */
  public final InetSocketAddress localAddress() {
    return localAddress;
  }

  /** The peer's end. */
  public final InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  /**
   * Sets when to end what blocks; {@link Ticker#NEVER} for not at all. Of no effect once a deadline
   * has passed.
   */
  public final void deadline(long newDeadline) {
    if (set(newDeadline)) {
      watchdog.noticed(newDeadline);
    }
  }

  /** Takes the deadline off; false if it has passed already, and this is closed or about to be. */
  public final boolean disarm() {
    return set(Ticker.NEVER);
  }

  private boolean set(long newDeadline) {
    while (true) {
      long current = deadline;
      if (current == EXPIRED) {
        return false;
      }
      if (DEADLINE.compareAndSet(this, current, newDeadline)) {
        return true;
      }
    }
  }

  @Override
  public final long deadline() {
    long current = deadline;
    return current == EXPIRED ? Ticker.NEVER : current;
  }

  /**
   * Sets who is told when this is closed while no thread reads; null for nobody. Must not block.
   */
  public final void onClose(@Nullable Runnable action) {
    onClose = action;
  }

  @Override
  public final void expire(long seen) {
    // By CAS: the exchange may have ended, and another one begun, since the watchdog looked.
    if (DEADLINE.compareAndSet(this, seen, EXPIRED)) {
      close();
    }
  }

  /**
   * Ends this transport but not its socket, which another one takes over. Only while nobody reads
   * or writes, and after {@link #disarm}.
   */
  public final SocketChannel handOver() {
    watchdog.remove(this);
    releaseBuffers();
    return channel;
  }

  /** Whether the deadline has passed, and this transport is closed or about to be. */
  public final boolean expired() {
    return deadline == EXPIRED;
  }

  /** Whether this side is still open. */
  public final boolean isOpen() {
    return channel.isOpen();
  }

  /** Closes the socket at once, whatever is going on; ends every call that blocks in it. */
  public final void close() {
    watchdog.remove(this);
    try {
      channel.close();
    } catch (IOException e) {
      // The descriptor is gone all the same: close(2) reports earlier write errors.
    }
    Runnable action = onClose;
    if (action != null) {
      onClose = null;
      action.run();
    }
  }
}
