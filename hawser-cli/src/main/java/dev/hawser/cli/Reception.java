package dev.hawser.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/**
 * Takes one response: keeps its head, passes its body on as it comes, and counts it. One buffer at
 * a time: a slow disk slows the server down, and memory stays what it is.
 */
final class Reception implements BodyHandler<Long>, BodySubscriber<Long> {
  /** Where the body goes. */
  interface Destination {
    /** Opens it; called when the head has come. */
    OutputStream open(Exchange.Head head) throws IOException;

    /** Called after each part, with the bytes so far. */
    default void received(long bytes) {}
  }

  /** The body could not be written: not the exchange's fault. */
  static final class DestinationException extends IOException {
    private static final long serialVersionUID = 1;

    DestinationException(IOException cause) {
      super("the body cannot be written: " + cause.getMessage(), cause);
    }
  }

  private final Destination destination;
  private final CompletableFuture<Long> done = new CompletableFuture<>();
  // Written by the thread that runs the exchange, which calls all methods.
  private Exchange.@Nullable Head head;
  private @Nullable OutputStream out;
  private @Nullable Subscription subscription;
  private byte[] buffer = {};
  private long bytes;

  Reception(Destination destination) {
    this.destination = destination;
  }

  /** The response's head, once it has come. */
  Exchange.@Nullable Head head() {
    return head;
  }

  /** The bytes of the body that have come. */
  long bytes() {
    return bytes;
  }

  @Override
  public BodySubscriber<Long> apply(ResponseInfo info) {
    head = new Exchange.Head(info.statusCode(), info.version(), info.headers());
    return this;
  }

  @Override
  public CompletionStage<Long> getBody() {
    return done;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    try {
      out = destination.open(head == null ? noHead() : head);
      given.request(1);
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    try {
      for (ByteBuffer part : parts) {
        write(part);
      }
      destination.received(bytes);
      if (subscription != null) {
        subscription.request(1);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  @Override
  public void onError(Throwable error) {
    close();
    done.completeExceptionally(error);
  }

  @Override
  public void onComplete() {
    IOException failure = close();
    if (failure == null) {
      done.complete(bytes);
    } else {
      done.completeExceptionally(new DestinationException(failure));
    }
  }

  private void write(ByteBuffer part) throws IOException {
    int count = part.remaining();
    bytes += count;
    if (out == null) {
      return;
    }
    if (part.hasArray()) {
      out.write(part.array(), part.arrayOffset() + part.position(), count);
      return;
    }
    if (buffer.length < count) {
      buffer = new byte[count];
    }
    part.get(buffer, 0, count);
    out.write(buffer, 0, count);
  }

  private void fail(IOException e) {
    if (subscription != null) {
      subscription.cancel();
    }
    close();
    done.completeExceptionally(new DestinationException(e));
  }

  private @Nullable IOException close() {
    try {
      if (out != null) {
        out.close();
      }
      return null;
    } catch (IOException e) {
      return e;
    } finally {
      out = null;
    }
  }

  private static Exchange.Head noHead() {
    throw new IllegalStateException("a body without a head");
  }
}
