package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.wire.Body;
import dev.hawser.wire.MalformedResponseException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A response's body as it comes in, to the end of its exchange and with it of the call, which comes
 * once:
 *
 * <pre>
 *          cancel
 *   OPEN ──────────▶ CANCELLED ──abandon──▶ ENDED
 *     └─ complete, fail, abandon ─────────────▲
 * </pre>
 *
 * <p>One thread at a time takes from it and ends it. Who is that is decided by what the caller gets
 * of the body, a {@link BodyStream} or what a {@link BodyFlow}'s subscriber makes of it; any thread
 * may cancel.
 */
final class Inbound {
  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Inbound.class, "state", State.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Who closes a stream waits for the rest of its body no longer than this; OkHttp's, too. */
  private static final long PATIENCE = 100_000_000;

  private enum State {
    OPEN,
    /** Nobody wants more; the connection may be closed under the thread that takes. */
    CANCELLED,
    /** The connection is no longer the exchange's. */
    ENDED
  }

  private final Call<?> call;
  private final Hop hop;
  private final Engine engine;
  private final Body body;
  private volatile State state = State.OPEN; // out of OPEN by CAS, so that one side ends it

  // By the thread that takes.
  private long received;
  private Leaks.@Nullable Watch watch; // once it goes on without its caller

  Inbound(Call<?> call, Hop hop, Engine engine) {
    this.call = call;
    this.hop = hop;
    this.engine = engine;
    this.body = hop.body();
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isCancelled() {
    return state == State.CANCELLED;
  }

  boolean isEnded() {
    return state == State.ENDED;
  }

  /** Whether anything may still come. */
  boolean isConnected() {
    return hop.exchange().isOpen();
  }

  // ---- taking

  /** Whether {@link #next} will not block. */
  boolean ready() {
    return body.ready();
  }

  /** Whether all has been taken. */
  boolean atEnd() {
    return body.atEnd();
  }

  /** Returns more of the body, or null at its end. Blocks, for as long as the peer may take. */
  @Nullable ByteBuffer next() throws IOException {
    if (!body.ready()) {
      hop.exchange().awaitBody();
    }
    ByteBuffer part = body.next();
    if (!body.atEnd()) {
      awaitConsumer(); // however long that takes with this, the peer is not to blame
    }
    if (part != null) {
      received += part.remaining();
    }
    return part;
  }

  /** The peer is not waited for. */
  void awaitConsumer() {
    hop.exchange().awaitConsumer();
  }

  /**
   * It goes on without its caller: from now on it can be forgotten, and its connection can be
   * closed while no thread is in it.
   *
   * @param holder by which it is read and ended; to be found when that is unreachable
   * @param onClose must not refer to the holder
   */
  void letGo(Object holder, Runnable onClose) {
    watch = engine.watch(holder, hop, call.describe(), call.async());
    hop.exchange().onClose(onClose);
  }

  // ---- the end; whether this was it

  /** After its last part. */
  boolean complete() {
    if (!end()) {
      return false;
    }
    hop.giveBack(engine.pool());
    call.completed(hop.head().statusCode(), received);
    return true;
  }

  /** Completes when no further read is needed for that: nobody may ever ask for one. */
  boolean completeIfAtEnd() throws IOException {
    return body.atEnd() && body.ready() && body.next() == null && complete();
  }

  /**
   * Completes what nobody wants any more, if little is left and comes at once: that costs less than
   * another connection does.
   */
  boolean completeAtOnce() {
    try {
      return hop.exchange().awaitRest(Hop.SHORT, PATIENCE) && hop.skipRest() && complete();
    } catch (IOException e) {
      return false;
    }
  }

  /** The exchange is given up because of an error. */
  boolean fail(Throwable error) {
    if (!end()) {
      return false;
    }
    close(CloseReason.EXCHANGE_FAILED, error);
    return true;
  }

  /** The exchange is given up because nobody wants more of it. */
  boolean abandon(Throwable error) {
    if (state == State.ENDED) {
      return false;
    }
    state = State.ENDED; // for whoever has cancelled, too
    afterEnd();
    close(CloseReason.EXCHANGE_ABANDONED, error);
    return true;
  }

  /** What it is abandoned with when there is nothing else to say. */
  static IOException unwanted() {
    return new IOException("the response's body was abandoned before its end");
  }

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

  private void close(CloseReason reason, Throwable error) {
    hop.close(engine.pool(), reason);
    call.failed(error);
  }

  /** Ends a read that blocks; whoever takes then abandons it. Any thread. */
  boolean cancel() {
    if (STATE.compareAndSet(this, State.OPEN, State.CANCELLED)) {
      hop.exchange().cancel();
      return true;
    }
    return false;
  }

  // ---- what callers are told

  /** What has ended a read, as callers get it. */
  IOException failure(IOException e) {
    IOException publisher = hop.exchange().publisherFailure();
    if (hop.exchange().expired()) {
      return timedOut();
    }
    if (engine.closed()) {
      return failure(StageFailure.of(Phase.BODY, "the client was closed", "", e));
    }
    if (publisher != null) {
      String why = String.valueOf(publisher.getMessage());
      return failure(StageFailure.of(Phase.REQUEST, why, "", publisher));
    }
    String what = e instanceof MalformedResponseException ? "the server sent " : "";
    return failure(StageFailure.of(Phase.BODY, what + e.getMessage(), "", e));
  }

  /**
   * What has ended it from the other side while no thread was in it. What had come by then, and was
   * not taken, is gone.
   */
  IOException lost() {
    try {
      while (body.next() != null) {
        // what is there comes before the reason why there is no more
      }
      return failure(new ClosedChannelException());
    } catch (IOException e) {
      return failure(e);
    }
  }

  /** A deadline has passed. */
  IOException timedOut() {
    return failure(call.timedOut(Phase.BODY));
  }

  private IOException failure(StageFailure reason) {
    return call.failure(reason, hop.origin(), hop.connection().info());
  }

  /** How long its caller waits for what comes of it. */
  long nanosLeft() {
    return call.nanosLeft();
  }
}
