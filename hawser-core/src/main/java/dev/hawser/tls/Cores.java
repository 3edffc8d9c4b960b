package dev.hawser.tls;

import dev.hawser.io.Ticker;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The cores that handshakes may compute on: a herd of them leaves one to those who have nothing to
 * do with it.
 */
final class Cores {
  /** Of the process, as cores are. */
  static final Cores PROCESS = new Cores(Runtime.getRuntime().availableProcessors() - 1);

  /**
   * A full handshake computes for 1 ms, in cold code for 4; who takes longer may be waiting for
   * something, and then needs no core.
   */
  private static final long LOOK = 5_000_000;

  /**
   * And after so long it is no computing, though its thread may be in a read that looks like it.
   */
  private static final long LONG = 40_000_000;

  private final Semaphore free;
  private final Set<Claim> claims = ConcurrentHashMap.newKeySet();

  Cores(int count) {
    this.free = new Semaphore(Math.max(1, count), true);
  }

  /** A core, for the thread that took it. */
  final class Claim {
    private final Thread thread = Thread.currentThread();
    private final long since;
    private final AtomicBoolean holds = new AtomicBoolean(true);

    private Claim(long since) {
      this.since = since;
    }

    /** Gives the core back; of no effect if that has been done. Any thread. */
    void end() {
      claims.remove(this);
      if (holds.getAndSet(false)) {
        free.release();
      }
    }

    private boolean passOn(long now) {
      long held = now - since;
      return (held > LONG || held > LOOK && thread.getState() != Thread.State.RUNNABLE)
          && holds.compareAndSet(true, false);
    }
  }

  /** Waits for a core, or for one whose thread computes no longer; null: there was none in time. */
  @Nullable Claim take(long deadline, Ticker ticker) throws InterruptedException {
    boolean taken = free.tryAcquire();
    for (long wait = LOOK; !taken; wait = Math.min(2 * wait, LONG)) {
      long now = ticker.nanos();
      if (now >= deadline) {
        return null;
      }
      taken =
          claims.stream().anyMatch(claim -> claim.passOn(now))
              || free.tryAcquire(Math.min(wait, deadline - now), TimeUnit.NANOSECONDS);
    }
    var claim = new Claim(ticker.nanos());
    claims.add(claim);
    return claim;
  }
}
