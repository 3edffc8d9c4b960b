package dev.hawser.exchange;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
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
 * all. When the caller can have its response before the body has ended (lines, a publisher), a
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

  static {
    try {
      var lookup = MethodHandles.lookup();
      DEMAND = lookup.findVarHandle(BodyFlow.class, "demand", long.class);
      RUNNING = lookup.findVarHandle(BodyFlow.class, "running", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Inbound inbound;
  private final BodySubscriber<T> subscriber;
  private final Subscription subscription =
      new Subscription(this); // keeps it reachable while a thread runs the flow

  private volatile long demand; // buffers wanted
  private volatile boolean running = true; // a thread runs the flow; passed on by CAS
  private volatile @Nullable Throwable illegal; // a faulty request by the subscriber

  private volatile boolean passedOn; // it may run elsewhere than on the caller's thread
  private volatile @Nullable Throwable failure; // what the subscriber was told
  private volatile @Nullable CompletableFuture<Void>
      failed; // what a caller waits for beside the body

  BodyFlow(Inbound inbound, BodySubscriber<T> subscriber) {
    this.inbound = inbound;
    this.subscriber = subscriber;
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
   * rest elsewhere: it may have its result before the end (lines), and its {@code getBody} may wait
   * for more to come (a mapping that reads one).
   */
  @Nullable T receive() throws IOException, InterruptedException {
    CompletableFuture<T> body;
    try {
      subscriber.onSubscribe(subscription);
      run(COLLECTORS.contains(subscriber.getClass()));
      body = subscriber.getBody().toCompletableFuture();
    } catch (RuntimeException | Error e) {
      refused(e);
      throw Call.thrown(e);
    }
    Throwable known = failure;
    if (!body.isDone() && known != null) {
      Call.interruptedBy(known);
      throw Call.thrown(known);
    }
    return result(body);
  }

  /**
   * The subscriber has thrown before there was a body to wait for; the flow may be under way
   * elsewhere.
   */
  private void refused(Throwable error) {
    if (!passedOn) {
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
        either.get(inbound.nanosLeft(), TimeUnit.NANOSECONDS);
      }
      return body.get();
    } catch (InterruptedException e) {
      cancel();
      throw e;
    } catch (TimeoutException e) { // the flow may have ended well, and its subscriber not
      cancel();
      throw inbound.timedOut();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      Call.interruptedBy(cause);
      IOException thrown = Call.thrown(cause);
      if (elsewhere != null) {
        thrown.addSuppressed(new CallerTrace());
      }
      throw thrown;
    }
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
      while (!inbound.isEnded()) {
        if (inbound.isCancelled()) {
          abandon(Inbound.unwanted());
        } else if (illegal != null) {
          fail(illegal);
        } else if (demand == 0 && !inbound.atEnd()) {
          if (!inbound.isConnected()) {
            fail(inbound.lost());
          } else if (!rest()) {
            return;
          }
        } else if (!mayWait && !inbound.ready()) {
          letGo();
          passOn();
          return;
        } else {
          deliver();
        }
      }
    } catch (RuntimeException | Error e) { // by the subscriber
      if (inbound.isEnded()) { // in onComplete: the exchange is over, but its caller must know
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
    inbound.awaitConsumer();
    running = false;
    boolean nothingCame =
        demand == 0
            && inbound.isOpen()
            && illegal == null
            && inbound.isConnected()
            && !inbound.atEnd();
    return !nothingCame && RUNNING.compareAndSet(this, false, true);
  }

  private void deliver() {
    ByteBuffer part;
    try {
      part = inbound.next();
    } catch (IOException e) {
      broken(e);
      return;
    }
    if (part == null) {
      if (inbound.complete()) {
        subscriber.onComplete();
      }
      return;
    }
    if (demand != Long.MAX_VALUE) {
      DEMAND.getAndAdd(this, -1L);
    }
    subscriber.onNext(List.of(part));
    if (inbound.isOpen() && illegal == null) {
      completeIfAtEnd();
    }
  }

  private void completeIfAtEnd() {
    boolean complete;
    try {
      complete = inbound.completeIfAtEnd();
    } catch (IOException e) {
      broken(e);
      return;
    }
    if (complete) {
      subscriber.onComplete();
    }
  }

  private void broken(IOException e) {
    fail(inbound.failure(e));
  }

  /**
   * Ends the flow with an error, if it has not ended: the exchange is given up, the subscriber
   * told.
   */
  private void fail(Throwable error) {
    if (inbound.fail(error)) {
      failure = error;
      tellSubscriber(error);
      tellCaller(error);
    } else if (inbound.isCancelled()) {
      abandon(error);
    }
  }

  private void tellSubscriber(Throwable error) {
    try {
      subscriber.onError(error);
    } catch (RuntimeException | Error e) {
      error.addSuppressed(e);
    }
  }

  /** After a cancellation, of which the subscriber needs no word. */
  private void abandon(Throwable error) {
    if (inbound.abandon(error)) {
      failure = error;
      tellCaller(error);
    }
  }

  private void tellCaller(Throwable error) {
    CompletableFuture<Void> waiting = failed;
    if (waiting != null) {
      waiting.completeExceptionally(error);
    }
  }

  /**
   * The flow goes on without its caller: from now on it can be forgotten, and its connection can be
   * closed under it.
   */
  private void letGo() {
    if (!passedOn) {
      failed = new CompletableFuture<>();
      passedOn = true;
      var weak = new WeakReference<>(this);
      inbound.letGo(subscription, () -> wake(weak));
    }
  }

  private static void wake(WeakReference<? extends BodyFlow<?>> weak) {
    BodyFlow<?> flow = weak.get();
    if (flow != null) {
      flow.wake();
    }
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
    if (inbound.cancel()) {
      wake();
    }
  }

  private void wake() {
    if (RUNNING.compareAndSet(this, false, true)) {
      passOn();
    }
  }
}
