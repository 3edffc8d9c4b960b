package dev.hawser.tls;

import dev.hawser.HandshakeParts;
import dev.hawser.io.Ticker;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * What one handshake computes on this side, and how long its parts take. Key agreement and the
 * check of certificates are done on a thread of their own: a check that waits for somebody, as that
 * of a user's trust manager may, holds nobody up for longer than its bound. A herd of handshakes
 * leaves a core to those who have nothing to do with it.
 */
final class Handshake {
  /** This side took longer than its bound. */
  static final class OverranException extends SSLException {
    private static final long serialVersionUID = 1;

    OverranException() {
      super("the computing of the handshake took too long");
    }
  }

  /** Of the process, as cores are. */
  private static final Semaphore CORES =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() - 1), true);

  /**
   * A full handshake computes for 1 ms, in cold code for 4; who takes longer may be waiting for
   * something, and then needs no core.
   */
  private static final long LOOK = 5_000_000;

  private static final ScopedValue<Handshake> CURRENT = ScopedValue.newInstance();

  private final long bound;
  private final long deadline;
  private final Ticker ticker;
  private final long startedAt;
  private final GroupWitness group = new GroupWitness();
  private long computed;
  private long heardAt;
  // By the thread that computes; who reads them has waited for that.
  private long checkedFrom;
  private long checkedUntil;

  /**
   * Begins.
   *
   * @param bound of what this side computes, in all
   * @param deadline of the whole
   */
  Handshake(Duration bound, long deadline, Ticker ticker) {
    this.bound = bound.toNanos();
    this.deadline = deadline;
    this.ticker = ticker;
    this.startedAt = ticker.nanos();
  }

  /** The server has sent something. */
  void heard(ByteBuffer bytes) {
    if (heardAt == 0) {
      heardAt = ticker.nanos();
    }
    group.heard(bytes);
  }

  /** The group that the keys come from; empty if there is none, or if it is not known. */
  Optional<String> group(String suite) {
    return group.agreed(suite);
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

  /**
   * Runs the engine's tasks. Returns how long that took, in nanoseconds, the wait for a core
   * included.
   *
   * @throws OverranException if it takes longer than it may; a task may then go on until it notices
   *     that its thread is interrupted
   */
  long compute(SSLEngine engine) throws SSLException, ClosedByInterruptException {
    long start = ticker.nanos();
    try {
      compute(tasks(engine));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    }
    return ticker.nanos() - start;
  }

  private static List<Runnable> tasks(SSLEngine engine) {
    var tasks = new ArrayList<Runnable>();
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      tasks.add(task);
    }
    return tasks;
  }

  /** The wait for a core is not part of the bound: after a start in cold code it may be long. */
  private void compute(List<Runnable> tasks) throws SSLException, InterruptedException {
    if (!CORES.tryAcquire(Math.max(0, deadline - ticker.nanos()), TimeUnit.NANOSECONDS)) {
      throw new OverranException();
    }
    long start = ticker.nanos();
    long end =
        Math.min(deadline, Ticker.after(start, Duration.ofNanos(Math.max(0, bound - computed))));
    boolean core = true;
    var thrown = new AtomicReference<@Nullable Throwable>();
    Thread worker =
        Thread.ofVirtual()
            .name("hawser-handshake")
            .uncaughtExceptionHandler((thread, error) -> thrown.set(error))
            .start(() -> ScopedValue.where(CURRENT, this).run(() -> tasks.forEach(Runnable::run)));
    try {
      long left = end - ticker.nanos();
      while (!worker.join(Duration.ofNanos(Math.min(left, core ? LOOK : left)))) {
        if (core && worker.getState() != Thread.State.RUNNABLE) {
          CORES.release();
          core = false;
        }
        left = end - ticker.nanos();
        if (left <= 0) {
          throw new OverranException();
        }
      }
    } finally {
      computed += ticker.nanos() - start;
      worker.interrupt(); // of no effect if it is done
      if (core) {
        CORES.release();
      }
    }
    switch (thrown.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      // No task says that it throws this; providers are known to do so.
      case Exception e -> throw new SSLHandshakeException(String.valueOf(e.getMessage()), e);
      default -> throw new AssertionError(thrown.get());
    }
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
