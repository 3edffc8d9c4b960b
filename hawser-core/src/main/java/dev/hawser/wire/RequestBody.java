package dev.hawser.wire;

import dev.hawser.FileBody;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a request's body, pulled from its publisher by one thread, which blocks until there
 * is something. The publisher may answer on whatever thread it likes.
 */
public final class RequestBody implements Flow.Subscriber<ByteBuffer> {
  /** The publisher failed, or did not keep its word. */
  public static final class PublisherFailedException extends IOException {
    private static final long serialVersionUID = 1;

    public PublisherFailedException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** How a publisher ended. */
  private sealed interface End {
    record Complete() implements End {}

    record Failed(Throwable error) implements End {}
  }

  /**
   * Those of the JDK's publishers that answer at once, on the thread that asks, and never block.
   */
  private static final Class<?> BYTES = BodyPublishers.ofByteArray(new byte[1]).getClass();

  private static final Class<?> TEXT = BodyPublishers.ofString("").getClass();

  private static final Class<?> EMPTY = BodyPublishers.noBody().getClass();

  private static final @Nullable Class<?> FILE = filePublisher();

  /**
   * So many buffers are asked for at once where that cannot delay the first: the JDK's publishers
   * give 16 KiB at a time, and a write of each costs both ends as much as one of eight together.
   */
  private static final int AHEAD = 8;

  private final BodyPublisher publisher;
  private final long declared; // negative: not known
  private long pulled;
  private volatile @Nullable Thread puller; // set before subscribing
  private volatile Flow.@Nullable Subscription subscription; // by the publisher, once
  private final Queue<ByteBuffer> published = new ConcurrentLinkedQueue<>();
  private final AtomicInteger requested = new AtomicInteger(); // and not published yet
  private volatile @Nullable End end; // by the publisher, once
  private volatile boolean cancelled;
  private boolean begun; // puller only

  /** Prepares; {@link #begin} subscribes. */
  public RequestBody(BodyPublisher publisher) {
    this.publisher = publisher;
    this.declared = publisher.contentLength();
  }

  /** What the publisher says its length is; negative: it does not know. */
  public long declared() {
    return declared;
  }

  /** Whether pulling it on the caller's thread cannot block. */
  public boolean immediate() {
    return immediate(publisher);
  }

  private static boolean immediate(BodyPublisher publisher) {
    Class<?> type = publisher.getClass();
    return type == BYTES || type == TEXT;
  }

  /**
   * Whether it can be sent once more from its start. A stream or a publisher of the user's may have
   * given what it had: sending the rest, or nothing, would be taken for the whole.
   */
  public boolean repeatable() {
    return !begun || repeatable(publisher);
  }

  /** The same of a body that has been begun, or will be; null is none. */
  public static boolean repeatable(@Nullable BodyPublisher publisher) {
    return publisher == null
        || publisher.getClass() == EMPTY
        || immediate(publisher)
        || fromFile(publisher);
  }

  /** The file that it is, if it is one that the kernel can send. */
  public @Nullable FileBody file() {
    return publisher instanceof FileBody file ? file : null;
  }

  /** How many buffers to ask for: a stream that dribbles must not fill eight before one is sent. */
  private int ahead() {
    return immediate() || fromFile(publisher) ? AHEAD : 1;
  }

  private static boolean fromFile(BodyPublisher publisher) {
    return publisher instanceof FileBody || publisher.getClass() == FILE;
  }

  private static @Nullable Class<?> filePublisher() {
    try {
      return BodyPublishers.ofFile(Path.of(System.getProperty("java.home"), "release")).getClass();
    } catch (IOException e) {
      return null; // a JDK without that file: uploads of files are then not repeated
    }
  }

  /** Subscribes. The thread that calls is the one that pulls. */
  public void begin() throws IOException {
    begun = true;
    puller = Thread.currentThread();
    try {
      publisher.subscribe(this);
    } catch (RuntimeException e) {
      throw new PublisherFailedException(
          "the request's body publisher threw in subscribe: " + e, e);
    }
  }

  /**
   * Returns the next bytes, not empty; null at the end. Blocks until the publisher gives something.
   */
  public @Nullable ByteBuffer pull() throws IOException {
    while (true) {
      await(
          () ->
              subscription != null
                  || end != null); // it may come later, on the publisher's own thread
      if (published.isEmpty() && end == null) {
        if (requested.get() == 0) {
          request();
        }
        await(() -> !published.isEmpty() || end != null);
      }
      if (!published.isEmpty()) {
        ByteBuffer buffer = poll();
        if (buffer != null) {
          return buffer;
        }
        continue;
      }
      if (end instanceof End.Failed(Throwable error)) {
        throw new PublisherFailedException("the request's body publisher failed: " + error, error);
      }
      if (declared >= 0 && pulled < declared) {
        throw new PublisherFailedException(
            "the request's body publisher gave %d bytes after it had declared %d"
                .formatted(pulled, declared),
            null);
      }
      return null;
    }
  }

  /** Returns the next bytes, not empty, if they have been published already; else null. */
  public @Nullable ByteBuffer poll() throws IOException {
    for (ByteBuffer buffer = published.poll(); buffer != null; buffer = published.poll()) {
      if (buffer.hasRemaining()) {
        return counted(buffer);
      }
    }
    return null;
  }

  private void request() throws IOException {
    Flow.Subscription current = subscription;
    if (current != null) {
      try {
        requested.set(ahead());
        current.request(requested.get());
      } catch (RuntimeException e) {
        throw new PublisherFailedException(
            "the request's body publisher threw in request: " + e, e);
      }
    }
  }

  private ByteBuffer counted(ByteBuffer buffer) throws IOException {
    pulled += buffer.remaining();
    if (declared >= 0 && pulled > declared) {
      cancel();
      throw new PublisherFailedException(
          "the request's body publisher gives more than the %d bytes it declared"
              .formatted(declared),
          null);
    }
    return buffer;
  }

  private void await(BooleanSupplier something) throws IOException {
    while (!something.getAsBoolean()) {
      if (cancelled) {
        throw new InterruptedIOException("the request's body is no longer wanted");
      }
      if (Thread.interrupted()) {
        throw new InterruptedIOException("interrupted while waiting for the request's body");
      }
      LockSupport.park(this);
    }
  }

  /** Tells the publisher that no more is wanted; ends a blocked pull. */
  public void cancel() {
    cancelled = true;
    Flow.Subscription current = subscription;
    if (current != null) {
      try {
        current.cancel();
      } catch (RuntimeException e) {
        // It is of no interest any more.
      }
    }
    LockSupport.unpark(puller);
  }

  @Override
  public void onSubscribe(Flow.Subscription newSubscription) {
    Objects.requireNonNull(newSubscription);
    if (subscription != null || cancelled) {
      newSubscription.cancel();
      return;
    }
    subscription = newSubscription;
    LockSupport.unpark(puller);
  }

  @Override
  public void onNext(ByteBuffer item) {
    Objects.requireNonNull(item);
    if (requested.getAndUpdate(n -> Math.max(n - 1, 0)) == 0) {
      onError(new IllegalStateException("more was published than requested"));
      return;
    }
    published.add(item);
    LockSupport.unpark(puller);
  }

  @Override
  public void onError(Throwable throwable) {
    Objects.requireNonNull(throwable);
    if (end == null) {
      end = new End.Failed(throwable);
      LockSupport.unpark(puller);
    }
  }

  @Override
  public void onComplete() {
    if (end == null) {
      end = new End.Complete();
      LockSupport.unpark(puller);
    }
  }
}
