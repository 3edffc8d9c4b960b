package dev.hawser.tls;

import dev.hawser.HandshakeParts;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * One handshake: who computes for it, for how long, and how long its parts take. It is done on a
 * thread of its own, which whoever wants the connection can leave behind: a check of certificates
 * that waits for somebody, as that of a user's trust manager may, holds nobody up for longer than
 * its bound.
 *
 * <pre>
 *   TALKING ◀──────▶ COMPUTING (bounded by itself; the server's deadline stands still)
 *                        │
 *                        ▼ the bound is over, or nobody wants it any more
 *                    LEFT_BEHIND
 * </pre>
 */
final class Handshake {
  /** This side took longer than its bound. */
  static final class OverranException extends SSLException {
    private static final long serialVersionUID = 1;

    OverranException() {
      super("the computing of the handshake took too long");
    }
  }

  /** The whole, or a step of it. */
  @FunctionalInterface
  interface Work<T, E extends Exception> {
    T run() throws E;
  }

  private enum State {
    TALKING,
    COMPUTING,
    LEFT_BEHIND
  }

  private static final ScopedValue<Handshake> CURRENT = ScopedValue.newInstance();

  private final long bound;
  private final long deadline;
  private final Executor threads;
  private final Ticker ticker;
  private final long startedAt;
  private final AtomicReference<State> state = new AtomicReference<>(State.TALKING);
  private final ServerHelloWitness hello = new ServerHelloWitness();
  private volatile Cores.@Nullable Claim core; // by the thread that computes
  private volatile boolean overran; // by the thread of the handshake
  private volatile boolean ended; // by the thread of the handshake; publishes what is below
  // By the thread of the handshake alone.
  private @Nullable Throwable thrown;
  private long computed;
  private long heardAt;
  private long checkedFrom;
  private long checkedUntil;

  /**
   * Begins.
   *
   * @param bound of what this side computes, in all
   * @param deadline of the whole
   * @param threads gives it one of its own
   */
  Handshake(Duration bound, long deadline, Executor threads, Ticker ticker) {
    this.bound = bound.toNanos();
    this.deadline = deadline;
    this.threads = threads;
    this.ticker = ticker;
    this.startedAt = ticker.nanos();
  }

  /**
   * Runs the handshake on a thread of its own, and waits for it.
   *
   * @throws OverranException if this side takes longer than it may; the thread may then go on until
   *     it notices that it is interrupted, and must not touch what is the connection's
   */
  <T> T run(Transport transport, Work<T, IOException> whole) throws IOException {
    Thread caller = Thread.currentThread();
    var result = new AtomicReference<@Nullable T>();
    transport.onClose(() -> LockSupport.unpark(caller));
    // Can be interrupted, and nothing else that its thread does later.
    var task =
        new FutureTask<@Nullable Void>(
            () -> {
              try {
                ScopedValue.where(CURRENT, this).call(() -> result.getAndSet(whole.run()));
              } catch (Throwable e) {
                thrown = e;
              } finally {
                ended = true;
                LockSupport.unpark(caller);
              }
            },
            null);
    threads.execute(task);
    boolean interrupted = false;
    while (!ended) {
      if (!transport.isOpen() && state.compareAndSet(State.COMPUTING, State.LEFT_BEHIND)) {
        leave(task);
        throw interrupted ? new ClosedByInterruptException() : new OverranException();
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        interrupted = true;
        transport.close();
      }
    }
    transport.onClose(null);
    if (interrupted) {
      throw new ClosedByInterruptException();
    }
    T made = result.get();
    if (thrown != null || made == null) {
      throw rethrown(thrown);
    }
    return made;
  }

  private void leave(Future<?> task) {
    boolean ignored = task.cancel(true);
    Cores.Claim claim = core;
    if (claim != null) {
      claim.end();
    }
  }

  private static IOException rethrown(@Nullable Throwable thrown) {
    return switch (thrown) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      // No task says that it throws others; providers are known to do so.
      case null, default ->
          new SSLHandshakeException(thrown == null ? null : thrown.getMessage(), thrown);
    };
  }

  /**
   * Computes, on the handshake's thread, bounded by itself. The wait for a core is not part of the
   * bound: after a start in cold code it may be long. Neither is part of the transport's deadline,
   * which is about the server.
   */
  <T> T compute(Transport transport, Work<T, SSLException> step) throws IOException {
    long end = transport.deadline();
    long came = ticker.nanos();
    transport.deadline(deadline);
    Cores.Claim claim = claim();
    long start = ticker.nanos();
    core = claim;
    state.set(State.COMPUTING);
    if (!transport.isOpen()) { // or whoever closed it may have looked before there was a computing
      claim.end();
      throw state.compareAndSet(State.COMPUTING, State.TALKING)
          ? new ClosedChannelException()
          : new OverranException();
    }
    transport.deadline(
        Math.min(deadline, Ticker.after(start, Duration.ofNanos(Math.max(0, bound - computed)))));
    try {
      return step.run();
    } finally {
      claim.end();
      computed += ticker.nanos() - start;
      talkOn(transport, Ticker.after(end, Duration.ofNanos(ticker.nanos() - came)));
    }
  }

  private Cores.Claim claim() throws IOException {
    try {
      Cores.Claim claim = Cores.PROCESS.take(deadline, ticker);
      if (claim == null) {
        overran = true;
        throw new OverranException();
      }
      return claim;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
  }

  private void talkOn(Transport transport, long end) throws OverranException {
    boolean late = !transport.isOpen(); // closed meanwhile, by the watchdog as a rule
    if (!state.compareAndSet(State.COMPUTING, State.TALKING)) {
      throw new OverranException(); // the connection is no longer this thread's
    }
    if (late) {
      overran = true;
      throw new OverranException();
    }
    transport.deadline(end);
  }

  /** Whether the handshake's thread was left behind, and may still be in the engine. */
  boolean leftBehind() {
    return state.get() == State.LEFT_BEHIND;
  }

  /** Whether it failed because this side computed for too long, or waited for a core. */
  boolean overran() {
    return overran || leftBehind();
  }

  /** The server has sent something. */
  void heard(ByteBuffer bytes) {
    if (heardAt == 0) {
      heardAt = ticker.nanos();
    }
    hello.heard(bytes);
  }

  /** What the server's first records say. */
  ServerHelloWitness hello() {
    return hello;
  }

  /** Whether a check of certificates has begun. */
  boolean checked() {
    return checkedFrom != 0;
  }

  /** To be run around the check of certificates, by whoever does it. */
  static Runnable checking() {
    if (!CURRENT.isBound()) {
      return () -> {};
    }
    Handshake handshake = CURRENT.get();
    handshake.checkedFrom = handshake.ticker.nanos();
    return () -> handshake.checkedUntil = handshake.ticker.nanos();
  }

  /** The parts, now that it is done. */
  HandshakeParts parts(long waited) {
    long end = ticker.nanos();
    long heard = heardAt == 0 ? end : heardAt;
    long from = checkedFrom == 0 ? heard : checkedFrom;
    long until = checkedUntil == 0 ? from : checkedUntil;
    return new HandshakeParts(
        Duration.ofNanos(waited),
        Duration.ofNanos(heard - startedAt),
        Duration.ofNanos(from - heard),
        Duration.ofNanos(until - from),
        Duration.ofNanos(end - until));
  }
}
