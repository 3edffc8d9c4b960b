package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.io.Ticker;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Body;
import dev.hawser.wire.Promise;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What servers push beside the responses of one call (RFC 9113 8.4), as far as its handler wants
 * it. The handler is asked of one promise after the other, on a thread of its own; a response's
 * body ends when all have been answered that came with it, as {@link PushPromiseHandler#of} has it.
 *
 * <p>What is accepted is a call of its own: it goes on when the one that it came with has failed.
 */
final class Pushes<T> {
  /** Takes what is promised on one stream. */
  @FunctionalInterface
  interface Taker {
    /** Must not block. */
    void promised(Promise promise);
  }

  private final Engine engine;
  private final PushPromiseHandler<T> handler;
  private final @Nullable Executor executor; // the user's, for the user's code

  private final Queue<Offer> offers = new ArrayDeque<>(); // guarded by this, and so is the next
  private boolean asking; // a thread asks, until there are no more

  Pushes(Engine engine, PushPromiseHandler<T> handler, @Nullable Executor executor) {
    this.engine = engine;
    this.handler = handler;
    this.executor = executor;
  }

  /** For what comes with one request's response. */
  Taker with(HttpRequest initiating, Connection connection) {
    return promise -> offer(new Offer(initiating, connection, promise));
  }

  /** The same body, whose end waits. */
  Body answeredBefore(Body body, Course course) {
    return new AnsweredBefore(body, this, course);
  }

  // ---- asking

  private void offer(Offer offer) {
    boolean first;
    synchronized (this) {
      offers.add(offer);
      first = !asking;
      asking = true;
    }
    if (first) {
      Thread.ofVirtual().name("hawser-push").start(this::ask);
    }
  }

  private void ask() {
    for (Offer offer = next(); offer != null; offer = next()) {
      offer.ask();
    }
  }

  private synchronized @Nullable Offer next() {
    Offer next = offers.poll();
    if (next == null) {
      asking = false;
      notifyAll();
    }
    return next;
  }

  private synchronized boolean asking() {
    return asking;
  }

  /** A handler that takes longer than the call may holds up nobody any more. */
  private synchronized void awaitAnswers(Course course) throws InterruptedIOException {
    try {
      for (long left = left(course); asking && left > 0; left = left(course)) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a push promise handler is asked");
    }
  }

  private static long left(Course course) {
    return course.deadline() == Ticker.NEVER ? Ticker.NEVER : course.deadline() - course.now();
  }

  private record AnsweredBefore(Body body, Pushes<?> pushes, Course course) implements Body {
    @Override
    public @Nullable ByteBuffer next() throws IOException {
      ByteBuffer part = body.next();
      if (part == null) {
        pushes.awaitAnswers(course);
      }
      return part;
    }

    @Override
    public boolean atEnd() {
      return body.atEnd();
    }

    @Override
    public boolean ready() {
      return body.ready() && !(body.atEnd() && pushes.asking());
    }

    @Override
    public HttpHeaders trailers() {
      return body.trailers();
    }
  }

  // ---- one promise

  /** Is what the handler accepts it by, too: once, and before it returns. */
  private final class Offer
      implements Function<BodyHandler<T>, CompletableFuture<HttpResponse<T>>> {
    private final HttpRequest initiating;
    private final Connection connection;
    private final Promise promise;
    private final PromisedRequest request;

    // Guarded by this.
    private @Nullable BodyHandler<T> accepted;
    private boolean answered;

    private final AsyncCall<T> receiving;
    private volatile @Nullable Call<T> call; // once it is received

    Offer(HttpRequest initiating, Connection connection, Promise promise) {
      this.initiating = initiating;
      this.connection = connection;
      this.promise = promise;
      this.request = new PromisedRequest(promise);
      this.receiving = new AsyncCall<>(this::receive, executor);
    }

    @Override
    public synchronized CompletableFuture<HttpResponse<T>> apply(BodyHandler<T> bodyHandler) {
      Objects.requireNonNull(bodyHandler, "bodyHandler");
      if (answered || accepted != null) {
        throw new IllegalStateException("the push promise has been answered already");
      }
      accepted = bodyHandler;
      return receiving.future();
    }

    /** What the handler does not want, or not in the end, is refused. */
    void ask() {
      try {
        if (executor == null) {
          handler.applyPushPromise(initiating, request, this);
        } else {
          OnExecutor.call(
              executor,
              () -> {
                handler.applyPushPromise(initiating, request, this);
                return true;
              });
        }
      } catch (Throwable e) { // whatever it is belongs to whoever waits for what was accepted
        close();
        promise.refuse();
        receiving.fail(e);
        return;
      }
      BodyHandler<T> wanted = close();
      if (wanted == null || receiving.future().isDone() || engine.isTerminated()) {
        promise.refuse();
        receiving.fail(Client.closed()); // mostly nobody has it, or it is done
      } else {
        engine.pool().hold(connection);
        BodyHandler<T> receiver = executor == null ? wanted : OnExecutor.handler(wanted, executor);
        call = new Call<>(engine, request, Origin.of(request.uri()), receiver, true, null);
        receiving.start();
      }
    }

    private synchronized @Nullable BodyHandler<T> close() {
      answered = true;
      return accepted;
    }

    private ExchangeResponse<T> receive() throws IOException, InterruptedException {
      return Objects.requireNonNull(call).receive(new Pushed(connection, promise, initiating));
    }
  }
}
