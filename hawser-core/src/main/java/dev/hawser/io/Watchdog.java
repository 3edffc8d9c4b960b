package dev.hawser.io;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Ends what has gone past its deadline. A blocking read on a virtual thread has no time-out of its
 * own; closing the socket is what ends it, and this thread does so.
 *
 * <p>Setting a deadline is one volatile write and one read: no timer object per request, no queue.
 * The thread looks at all guarded sockets, sleeps until the earliest deadline that it saw, and is
 * woken only by an earlier one. Since deadlines of successive requests mostly move forward, it
 * wakes about once per time-out period however many requests there are.
 *
 * <p>It is a platform thread, so that virtual threads whose carriers are all taken still meet their
 * deadlines. It starts with the first guarded socket, and ends when there has been none for a
 * second: an abandoned client leaves no thread behind.
 */
public final class Watchdog {
  /** Something with a deadline. */
  public interface Guarded {
    /** The instant at which it ends, or {@link Ticker#NEVER}. */
    long deadline();

    /**
     * Ends it, if its deadline is still {@code deadline}. Called on the watchdog's thread: must not
     * block.
     */
    void expire(long deadline);
  }

  /** Periodic work, done on a virtual thread, never twice at once. */
  @FunctionalInterface
  public interface Chore {
    /** Does what is due and returns when it wants to be called next, or {@link Ticker#NEVER}. */
    long run(long now);
  }

  private static final long LEAST_SLEEP =
      1_000_000; // bounds the scans that many short deadlines cause
  private static final long LINGER = 1_000_000_000;

  private static final System.Logger LOG = System.getLogger("dev.hawser");

  private final Ticker ticker;
  private final AtomicBoolean complained = new AtomicBoolean();
  private final Set<Guarded> guarded = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lifecycle = new ReentrantLock();
  private volatile @Nullable Thread thread; // written under lifecycle
  private volatile long wakeAt = Ticker.NEVER; // written by the thread: when it will look next
  private volatile long choreAt =
      Ticker.NEVER; // written by the thread and callAt: when the chore is due
  private volatile boolean
      choring; // the chore is under way; true by the thread, false by the chore's
  private volatile Chore chore = now -> Ticker.NEVER; // written once, before use

  public Watchdog(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Sets the one chore. */
  public void chore(Chore newChore) {
    chore = newChore;
  }

  /** Asks for the chore to be run at {@code instant}, or earlier. */
  public void callAt(long instant) {
    if (instant < choreAt) {
      choreAt =
          instant; // a lost race with another caller delays nothing: both are within one period
      ensureRunning();
      noticed(instant);
    }
  }

  /** Begins to guard. */
  public void add(Guarded socket) {
    guarded.add(socket);
    ensureRunning();
  }

  /** Ends guarding. */
  public void remove(Guarded socket) {
    if (guarded.remove(socket) && guarded.isEmpty() && wakeAt - ticker.nanos() > LINGER) {
      LockSupport.unpark(thread); // it may end; if it will soon look anyway, it learns it then
    }
  }

  /** To be called after a guarded deadline was set to {@code deadline}. */
  public void noticed(long deadline) {
    if (deadline < wakeAt) {
      LockSupport.unpark(thread);
    }
  }

  /** How many sockets are guarded. */
  public int size() {
    return guarded.size();
  }

  private void ensureRunning() {
    if (thread == null) {
      lifecycle.lock();
      try {
        if (thread == null) {
          wakeAt = Ticker.NEVER;
          thread = Thread.ofPlatform().daemon().name("hawser-watchdog").start(this::run);
        }
      } finally {
        lifecycle.unlock();
      }
    }
  }

  private void run() {
    long idleSince = ticker.nanos();
    while (true) {
      long now = ticker.nanos();
      runChore(now);
      // From here on, whoever sets a deadline wakes us; so none is missed between look and sleep.
      // Not from before the chore:
      // that may wait for a lock, which would use up the wake-up.
      wakeAt = Ticker.NEVER;
      long next = Math.min(choring ? Ticker.NEVER : choreAt, expireDue(now));
      if (guarded.isEmpty() && next == Ticker.NEVER && !choring) {
        if (now - idleSince >= LINGER && stop()) {
          return;
        }
        next = idleSince + LINGER;
      } else {
        idleSince = now;
      }
      long sleep = Math.max(next - now, LEAST_SLEEP);
      wakeAt = Ticker.after(now, sleep);
      LockSupport.parkNanos(sleep);
    }
  }

  private long expireDue(long now) {
    long next = Ticker.NEVER;
    for (Guarded socket : guarded) {
      long deadline = socket.deadline();
      if (deadline <= now) {
        try {
          socket.expire(deadline);
        } catch (RuntimeException | Error e) {
          survived(e);
        }
        next = now; // closing may have used up a wake-up: look once more
      } else {
        next = Math.min(next, deadline);
      }
    }
    return next;
  }

  private void runChore(long now) {
    if (choreAt > now || choring) {
      return;
    }
    choreAt = Ticker.NEVER;
    choring = true;
    Thread.ofVirtual().name("hawser-chore").start(this::doChore);
  }

  /**
   * On a thread of its own: what it calls may be slow, a listener for example, and deadlines must
   * hold meanwhile.
   */
  private void doChore() {
    long next;
    long now = ticker.nanos();
    try {
      next = chore.run(now);
    } catch (RuntimeException | Error e) {
      survived(e);
      next = now + LINGER;
    }
    if (next < choreAt) {
      choreAt = next;
    }
    choring = false;
    LockSupport.unpark(thread);
  }

  /**
   * Whatever is thrown here, an out-of-memory error included: without this thread no deadline would
   * hold.
   */
  private void survived(Throwable e) {
    if (complained.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the watchdog met an error and goes on; this is logged once",
          e);
    }
  }

  /** Ends the thread, unless something came while it decided to. */
  private boolean stop() {
    lifecycle.lock();
    try {
      thread = null;
    } finally {
      lifecycle.unlock();
    }
    if (guarded.isEmpty() && choreAt == Ticker.NEVER && !choring) {
      return true;
    }
    lifecycle.lock();
    try {
      if (thread != null) {
        return true; // another one was started meanwhile
      }
      thread = Thread.currentThread();
      return false;
    } finally {
      lifecycle.unlock();
    }
  }
}
