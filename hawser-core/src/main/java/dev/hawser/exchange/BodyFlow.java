package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.wire.Body;
import dev.hawser.wire.MalformedResponseException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Brings a response's body from the connection to its subscriber, as the subscriber asks for it.
 *
 * <p>At most one thread runs the flow at a time: first the call's own, which for most responses is
 * all. When the caller can have its response before the body has ended (an {@code InputStream}), a
 * virtual thread goes on; when the subscriber wants no more for now, no thread waits, and its next
 * request starts one. So a body that nobody reads is held by nothing but its subscriber, and {@link
 * Leaks} can find it.
 */
final class BodyFlow<T> {
  /** Those of the JDK's subscribers that want everything, and have their result only then. */
  private static final Set<Class<?>> COLLECTORS =
      Set.of(
          BodySubscribers.ofByteArray().getClass(),
          BodySubscribers.ofByteArrayConsumer(part -> {}).getClass(),
          BodySubscribers.discarding().getClass());

  private static final VarHandle DEMAND;
  private static final VarHandle RUNNING;
  private static final VarHandle STATE;

  static {
    try {
      var lookup = MethodHandles.lookup();
      DEMAND = lookup.findVarHandle(BodyFlow.class, "demand", long.class);
      RUNNING = lookup.findVarHandle(BodyFlow.class, "running", boolean.class);
      STATE = lookup.findVarHandle(BodyFlow.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Who ends the flow. */
  private enum State {
    OPEN,
    /**
     * The subscriber or the caller wants no more; the connection may be closed under the running
     * thread.
     */
    CANCELLED,
    /** The running thread has ended it; the connection is no longer the flow's. */
    ENDED
  }

  private final Call<T> call;
  private final Hop hop;
  private final Engine engine;
  private final Body body;
  private final Subscription subscription =
      new Subscription(this); // keeps it reachable while a thread runs the flow
  private @Nullable BodySubscriber<T> subscriber; // set before anybody else knows of the flow

  private volatile long demand; // buffers wanted
  private volatile boolean running = true; // a thread runs the flow; passed on by CAS
  private volatile State state =
      State.OPEN; // moved on by CAS, so that exactly one side ends the flow
  private volatile @Nullable Throwable illegal; // a faulty request by the subscriber

  // By the running thread only.
  private long received;
  private volatile boolean passedOn; // it may run elsewhere than on the caller's thread
  private Leaks.@Nullable Watch watch; // set when the flow first goes on without its caller

  private volatile @Nullable Throwable failure; // what the subscriber was told
  private volatile @Nullable CompletableFuture<Void>
      failed; // what a caller waits for beside the body

  BodyFlow(Call<T> call, Hop hop, Engine engine) {
    this.call = call;
    this.hop = hop;
    this.engine = engine;
    this.body = hop.body();
  }

  /** What the subscriber holds. All that can keep the flow alive once no thread runs it. */
  private record Subscription(BodyFlow<?> flow) implements Flow.Subscription {
    @Override
    public void request(long n) {
      flow.request(n);
    }

    @Override
    public void cancel() {
      flow.cancel();
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  // ---- the caller's thread

  /**
   * Returns what the subscriber makes of the body. A subscriber of the JDK that collects it is fed
   * here, to the end. Of any other only what has been received already is delivered here, and the
   * rest elsewhere: it may have its result before the end (an {@code InputStream}), and its {@code
   * getBody} may wait for more to come (a mapping that reads one).
   */
  @Nullable T receive(BodyHandler<T> handler) throws IOException, InterruptedException {
    CompletableFuture<T> body;
    try {
      BodySubscriber<T> wanted = handler.apply(hop.head());
      subscriber = wanted;
      wanted.onSubscribe(subscription);
      run(COLLECTORS.contains(wanted.getClass()));
      body = wanted.getBody().toCompletableFuture();
    } catch (RuntimeException | Error e) {
      refused(e);
      throw rethrown(e);
    }
    Throwable known = failure;
    if (!body.isDone() && known != null) {
      Call.interruptedBy(known);
      throw rethrown(known);
    }
    return result(body);
  }

  /**
   * The handler or the subscriber has thrown before there was a body to wait for; the flow may be
   * under way elsewhere.
   */
  private void refused(Throwable error) {
    if (subscriber == null || !passedOn) {
      fail(error);
    } else {
      cancel();
    }
  }

  private @Nullable T result(CompletableFuture<T> body) throws IOException, InterruptedException {
    CompletableFuture<Void> elsewhere = failed;
    try {
      if (!body.isDone()) {
        CompletableFuture<?> either =
            elsewhere == null ? body : CompletableFuture.anyOf(body, elsewhere);
        either.get(call.nanosLeft(), TimeUnit.NANOSECONDS);
      }
      return body.get();
    } catch (InterruptedException e) {
      cancel();
      throw e;
    } catch (TimeoutException e) { // the flow may have ended well, and its subscriber not
      cancel();
      throw call.failure(call.timedOut(Phase.BODY), hop.origin(), hop.connection().info());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Call.interruptedBy(cause);
      IOException thrown = rethrown(cause);
      if (elsewhere != null) {
        thrown.addSuppressed(new CallerTrace());
      }
      throw thrown;
    }
  }

  /** As the JDK's client: an I/O failure as it is, anything else as the cause of one. */
  private static IOException rethrown(@Nullable Throwable error) {
    if (error instanceof IOException failure) {
      return failure;
    }
    return new IOException(error == null ? "failed" : String.valueOf(error.getMessage()), error);
  }

  /** Where a failure that arose on another thread met its caller. */
  private static final class CallerTrace extends Exception {
    private static final long serialVersionUID = 1;
  }

  // ---- running

  /**
   * Delivers until the end, until nothing is wanted, or, if this thread must not wait, until
   * nothing is there.
   */
  private void run(boolean mayWait) {
    try {
      while (state != State.ENDED) {
        if (state == State.CANCELLED) {
          abandon(new IOException("the response's body was abandoned before its end"));
        } else if (illegal != null) {
          fail(illegal);
        } else if (demand == 0 && !body.atEnd()) {
          if (!hop.exchange().isOpen()) {
            broken(new ClosedChannelException());
          } else if (!rest()) {
            return;
          }
        } else if (!mayWait && !body.ready()) {
          letGo();
          passOn();
          return;
        } else {
          deliver();
        }
      }
    } catch (RuntimeException | Error e) { // by the subscriber
      if (state == State.ENDED) { // in onComplete: the exchange is over, but its caller must know
        failure = e;
        tellSubscriber(e);
        tellCaller(e);
      } else {
        fail(e);
      }
    }
  }

  /** Another thread takes the flow over, and with it the right to run it. */
  private void passOn() {
    Thread.ofVirtual().name("hawser-body").start(() -> run(true));
  }

  /**
   * Ends this thread's turn until something is wanted; returns whether something came meanwhile,
   * and this is still its turn.
   */
  private boolean rest() {
    letGo();
    hop.exchange().awaitConsumer();
    running = false;
    boolean nothingCame =
        demand == 0 && state == State.OPEN && illegal == null && hop.exchange().isOpen();
    return !nothingCame && RUNNING.compareAndSet(this, false, true);
  }

  private void deliver() {
    ByteBuffer part;
    try {
      if (!body.ready()) {
        hop.exchange().awaitBody();
      }
      part = body.next();
      if (!body.atEnd()) {
        hop.exchange()
            .awaitConsumer(); // however long the subscriber takes with this, the peer is not to
        // blame
      }
    } catch (IOException e) {
      broken(e);
      return;
    }
    if (part == null) {
      complete();
      return;
    }
    received += part.remaining();
    if (demand != Long.MAX_VALUE) {
      DEMAND.getAndAdd(this, -1L);
    }
    subscriber().onNext(List.of(part));
    if (body.atEnd() && state == State.OPEN && illegal == null) {
      finishReading();
    }
  }

  /** Completes at once when the end needs no further read: a subscriber may never ask for more. */
  private void finishReading() {
    try {
      if (body.next() == null) {
        complete();
      }
    } catch (IOException e) {
      broken(e);
    }
  }

  private void complete() {
    if (end()) {
      hop.giveBack(engine.pool());
      call.completed(hop.head().statusCode(), received);
      subscriber().onComplete();
    }
  }

  private void broken(IOException e) {
    IOException publisher = hop.exchange().publisherFailure();
    StageFailure reason;
    if (hop.exchange().expired()) {
      reason = call.timedOut(Phase.BODY);
    } else if (engine.closed()) {
      reason = StageFailure.of(Phase.BODY, "the client was closed", "", e);
    } else if (publisher != null) {
      reason =
          StageFailure.of(Phase.REQUEST, String.valueOf(publisher.getMessage()), "", publisher);
    } else {
      String what = e instanceof MalformedResponseException ? "the server sent " : "";
      reason = StageFailure.of(Phase.BODY, what + e.getMessage(), "", e);
    }
    fail(call.failure(reason, hop.origin(), hop.connection().info()));
  }

  /**
   * Ends the flow with an error, if it has not ended: the exchange is given up, the subscriber
   * told.
   */
  private void fail(Throwable error) {
    if (end()) {
      failure = error;
      close(CloseReason.EXCHANGE_FAILED);
      call.failed(error);
      tellSubscriber(error);
      tellCaller(error);
    } else if (state == State.CANCELLED) {
      abandon(error);
    }
  }

  private void tellSubscriber(Throwable error) {
    try {
      if (subscriber != null) {
        subscriber.onError(error);
      }
    } catch (RuntimeException | Error e) {
      error.addSuppressed(e);
    }
  }

  /** After a cancellation, of which the subscriber needs no word. */
  private void abandon(Throwable error) {
    state = State.ENDED;
    afterEnd();
    failure = error;
    close(CloseReason.EXCHANGE_ABANDONED);
    call.failed(error);
    tellCaller(error);
  }

  private void tellCaller(Throwable error) {
    CompletableFuture<Void> waiting = failed;
    if (waiting != null) {
      waiting.completeExceptionally(error);
    }
  }

  private void close(CloseReason reason) {
    hop.close(engine.pool(), reason);
  }

  /** Exactly one succeeds: the end, or a cancellation. */
  private boolean end() {
    if (STATE.compareAndSet(this, State.OPEN, State.ENDED)) {
      afterEnd();
      return true;
    }
    return false;
  }

  private void afterEnd() {
    hop.exchange().onClose(null);
    if (watch != null) {
      watch.end();
    }
  }

  /**
   * The flow goes on without its caller: from now on it can be forgotten, and its connection can be
   * closed under it.
   */
  private void letGo() {
    if (watch == null) {
      failed = new CompletableFuture<>();
      passedOn = true;
      watch = engine.watch(subscription, hop, call.describe(), call.async());
      var weak = new WeakReference<>(this);
      hop.exchange().onClose(() -> wake(weak));
    }
  }

  private static void wake(WeakReference<? extends BodyFlow<?>> weak) {
    BodyFlow<?> flow = weak.get();
    if (flow != null) {
      flow.wake();
    }
  }

  private BodySubscriber<T> subscriber() {
    if (subscriber == null) {
      throw new IllegalStateException("no subscriber yet");
    }
    return subscriber;
  }

  // ---- any thread

  private void request(long n) {
    if (n <= 0) {
      if (illegal == null) {
        illegal =
            new IllegalArgumentException("Flow.Subscription.request(" + n + "): must be positive");
      }
    } else {
      long before = demand;
      while (!DEMAND.compareAndSet(this, before, before + n < 0 ? Long.MAX_VALUE : before + n)) {
        before = demand;
      }
    }
    wake();
  }

  private void cancel() {
    if (STATE.compareAndSet(this, State.OPEN, State.CANCELLED)) {
      hop.exchange().cancel(); // ends a read that blocks
      wake();
    }
  }

  private void wake() {
    if (RUNNING.compareAndSet(this, false, true)) {
      passOn();
    }
  }
}
