package dev.hawser.io;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that makes it, which waits for an outcome that others settle, and for so long at most.
 *
 * <p>The watchdog keeps the time: a virtual thread that parks for so long costs two wake-ups of the
 * JDK's timer thread, a tenth of what a connection costs.
 */
public abstract class Parked<O> implements Watchdog.Guarded {
  private final Thread thread = Thread.currentThread();
  private volatile @Nullable O outcome; // set once, by others, who wake the thread then
  private volatile long until = Ticker.NEVER; // when to wake: by the thread; back by the watchdog
  private volatile boolean expired; // by the watchdog

  protected Parked() {}

  /** Null: there is none yet. */
  public final @Nullable O outcome() {
    return outcome;
  }

  /** Once; {@link #wake} is to follow. */
  public final void settle(O settled) {
    outcome = settled;
  }

  /** Ends {@link #await}. */
  public final void wake() {
    LockSupport.unpark(thread);
  }

  /** Waits to be woken, or until then; it may return earlier. */
  public final void await(long instant, Watchdog watchdog) {
    expired = false;
    until = instant;
    watchdog.add(this);
    watchdog.noticed(instant);
    try {
      // Looked at last: a wait for the watchdog's lock may use up a wake-up.
      if (outcome == null && !expired) {
        LockSupport.park(this);
      }
    } finally {
      watchdog.remove(this);
    }
  }

  @Override
  public final long deadline() {
    return until;
  }

  @Override
  public final void expire(long deadline) {
    until = Ticker.NEVER;
    expired = true;
    wake();
  }
}
