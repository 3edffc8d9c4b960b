package dev.hawser.pool;

import dev.hawser.connect.Attempt;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.net.InetAddress;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A caller in line. Whichever is first serves it: a connection given back, a stream that has become
 * free, a connection newly made (for it or for another), or the failure of the attempt made for it.
 * Fields without a word of their own are guarded by the pool's lock.
 */
final class Waiter implements Watchdog.Guarded {
  /** What a waiter gets. */
  sealed interface Outcome {
    /**
     * A connection, or a stream of one.
     *
     * @param made whether it was just made, for whoever was in line
     */
    record Served(Connection connection, boolean made) implements Outcome {}

    record Failed(StageFailure failure) implements Outcome {}
  }

  final HostPool host;
  final boolean fresh; // wants no connection that may be stale
  final @Nullable InetAddress avoid; // wants none to this address, if there is a choice
  final long joinedAt;
  boolean gone; // served, failed or given up: no longer in line
  @Nullable Dial dial; // the connection being made for this waiter alone
  volatile @Nullable Attempt
      attempt; // how far what was made for it had come when its wait ended; read by the waiter
  private final long sequence; // order of arrival over all hosts
  private final Thread thread = Thread.currentThread();
  private volatile @Nullable Outcome outcome; // set once, under the lock; then the thread is woken
  private volatile long until = Ticker.NEVER; // when to wake: by the thread; back by the watchdog
  private volatile boolean expired; // by the watchdog

  Waiter(HostPool host, long sequence, Wish wish, long now) {
    this.host = host;
    this.sequence = sequence;
    this.fresh = wish.fresh();
    this.avoid = wish.avoid();
    this.joinedAt = now;
  }

  /** Whether this one can use the connection. */
  boolean takes(Connection connection) {
    return !fresh || connection.isMultiplexed() || !connection.used();
  }

  /** Whether this one has waited longer than the other, or there is no other. */
  boolean before(@Nullable Waiter other) {
    return other == null || sequence < other.sequence;
  }

  @Nullable Outcome outcome() {
    return outcome;
  }

  void settle(Outcome settled) {
    outcome = settled;
  }

  void wake() {
    LockSupport.unpark(thread);
  }

  /**
   * Waits to be woken, or until then. The watchdog keeps the time: a virtual thread that parks for
   * so long costs two wake-ups of the JDK's timer thread, a tenth of what a connection costs.
   */
  void await(long instant, Watchdog watchdog) {
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
  public long deadline() {
    return until;
  }

  @Override
  public void expire(long deadline) {
    until = Ticker.NEVER;
    expired = true;
    wake();
  }
}
