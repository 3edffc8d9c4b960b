package dev.hawser.exchange;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as a stream. The thread that reads takes the parts from the connection itself:
 * with the JDK's stream, whose place this takes, another thread is started for each, and puts it
 * into a queue.
 *
 * <p>The body and the end of its exchange are one thread's at a time, the one that has the turn.
 * Nobody waits for a turn but a second reader: who closes the stream while another thread reads
 * ends that read, and leaves the rest to that thread. Between reads nothing refers to the stream
 * but whoever is to read it, so that {@link Leaks} can find one that is forgotten.
 */
final class BodyStream extends InputStream {
  private static final Class<?> JDKS = BodySubscribers.ofInputStream().getClass();
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int LOOKS = 2; // without a read between them, until a part is read ahead

  private final Inbound inbound;
  private final ReentrantLock turn = new ReentrantLock(); // held while the network is waited for

  private volatile ByteBuffer part = NOTHING; // another only when this is used up, and in turn
  private volatile @Nullable Throwable failure; // in turn, before the exchange ends by it
  private volatile boolean closed; // by anyone, for good
  private int asked; // in turn: how often available() has found nothing since the last part

  private BodyStream(Inbound inbound) {
    this.inbound = inbound;
  }

  /**
   * Returns what the caller gets instead of the JDK's own subscriber for a stream; null: it is
   * another subscriber. What has been received already is taken here.
   */
  @SuppressWarnings("unchecked") // that subscriber is its body itself, so T is InputStream
  static <T> @Nullable T inPlaceOf(BodySubscriber<T> subscriber, Inbound inbound)
      throws InterruptedException {
    if (subscriber.getClass() != JDKS) {
      return null;
    }
    // A handler may have kept it: a read of it must not wait for ever.
    subscriber.onError(new ReadElsewhere());
    var stream = new BodyStream(inbound);
    stream.begin();
    return (T) stream;
  }

  private static final class ReadElsewhere extends IOException {
    private static final long serialVersionUID = 1;

    ReadElsewhere() {
      super("the stream to read is the response's body(), not the handler's BodySubscriber");
    }

    @Override
    public Throwable fillInStackTrace() {
      return this; // one for each response, and mostly nobody sees it
    }
  }

  private void begin() throws InterruptedException {
    turn.lock();
    try {
      if (inbound.ready()) {
        fetch();
      }
      if (inbound.isOpen()) {
        letGo();
      }
    } catch (InterruptedException e) {
      close();
      throw e;
    } finally {
      leave();
    }
  }

  /** What comes first is read in any case: of a small body that is all, and nobody may want it. */
  private void letGo() {
    inbound.awaitConsumer();
    var weak = new WeakReference<>(this);
    inbound.letGo(this, () -> attend(weak));
    notice();
    if (!part.hasRemaining() && inbound.isOpen()) {
      asked = LOOKS; // as it were
      attendElsewhere();
    }
  }

  // ---- reading

  @Override
  public int read() throws IOException {
    return hasMore() ? part.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (length == 0) {
      return 0;
    }
    if (!hasMore()) {
      return -1;
    }
    ByteBuffer from = part;
    int count = Math.min(length, from.remaining());
    from.get(target, offset, count);
    return count;
  }

  /** Whether there is something in {@link #part}. Blocks until that, or the end, has come. */
  private boolean hasMore() throws IOException {
    if (!part.hasRemaining() && !closed && !inbound.isEnded()) {
      take();
    }
    if (closed) {
      throw new IOException("closed", failure);
    }
    boolean more = part.hasRemaining();
    if (!more && failure != null) {
      throw new IOException("closed", failure);
    }
    return more;
  }

  private void take() throws IOException {
    try {
      turn.lockInterruptibly();
      try {
        fetch();
      } finally {
        leave();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** As the JDK's: then it is closed. */
  private IOException interrupted(InterruptedException e) {
    close();
    Thread.currentThread().interrupt();
    return new IOException(e);
  }

  /**
   * {@inheritDoc} As far as can be told without reading from the connection. Who looks once has
   * just read, as readers of text have; who looks again waits for something to come, so a thread
   * reads.
   */
  @Override
  public int available() throws IOException {
    if (!part.hasRemaining() && !closed && !inbound.isEnded() && turn.tryLock()) {
      try {
        if (inbound.ready()) {
          fetch();
        } else if (++asked == LOOKS) {
          attendElsewhere();
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      } finally {
        leave();
      }
    }
    return closed ? 0 : part.remaining();
  }

  /** {@inheritDoc} Whoever reads meanwhile gets an exception at once. */
  @Override
  public void close() {
    closed = true;
    if (!settled()) {
      inbound.cancel();
      settled();
    }
  }

  // ---- in turn

  /** Gets a part when there is none left, unless it ends. */
  private void fetch() throws InterruptedException {
    asked = 0;
    try {
      if (inbound.isOpen()) {
        inbound.completeIfAtEnd();
      }
      while (!part.hasRemaining() && !closed && inbound.isOpen()) {
        ByteBuffer next = inbound.next();
        if (next == null) {
          inbound.complete();
        } else {
          part = next;
          inbound.completeIfAtEnd();
        }
      }
    } catch (IOException e) {
      Call.interruptedBy(e);
      if (inbound.isOpen()) { // not closed by another thread
        fail(inbound.failure(e));
      }
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  private void fail(Throwable error) {
    failure = error;
    inbound.fail(error);
  }

  /** Ends what has ended from the other side. */
  private void notice() {
    if (inbound.isOpen() && !inbound.isConnected()) {
      fail(inbound.lost());
    }
  }

  private void leave() {
    turn.unlock();
    if (closed) { // meanwhile, by another thread, which could not
      settled();
    }
  }

  /** Gives up what is closed, unless it is soon at its end; false: another thread has the turn. */
  private boolean settled() {
    if (!turn.tryLock()) {
      return false;
    }
    try {
      if (!inbound.isEnded() && !inbound.completeIfAtEnd() && !inbound.completeAtOnce()) {
        inbound.abandon(Inbound.unwanted());
      }
    } catch (IOException e) {
      inbound.abandon(e);
    } finally {
      turn.unlock();
    }
    return true;
  }

  // ---- on a thread of its own

  private static void attend(WeakReference<BodyStream> weak) {
    BodyStream stream = weak.get();
    if (stream != null) {
      stream.attendElsewhere();
    }
  }

  private void attendElsewhere() {
    Thread.ofVirtual().name("hawser-body").start(this::attend);
  }

  /** Reads for whoever waits for it without reading; ends what has ended from the other side. */
  private void attend() {
    turn.lock();
    try {
      if (asked >= LOOKS || !inbound.isConnected() || inbound.atEnd()) {
        fetch();
      }
      notice();
    } catch (InterruptedException e) { // by nobody: nobody knows of this thread
      close();
    } finally {
      leave();
    }
  }
}
