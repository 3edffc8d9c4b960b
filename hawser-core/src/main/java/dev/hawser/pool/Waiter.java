package dev.hawser.pool;

import dev.hawser.connect.Attempt;
import dev.hawser.io.Parked;
import dev.hawser.io.StageFailure;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * A caller in line. Whichever is first serves it: a connection given back, a stream that has become
 * free, a connection newly made (for it or for another), or the failure of the attempt made for it.
 * Fields without a word of their own are guarded by the pool's lock.
 */
final class Waiter extends Parked<Waiter.Outcome> {
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
}
