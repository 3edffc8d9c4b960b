package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Target;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection being made, on a virtual thread of its own, for whoever is first in line when it is
 * ready.
 */
final class Dial {
  final HostPool host;
  final Target target; // its host's, or the same over HTTP/1.1 alone
  final Set<InetAddress> taken; // addresses that have connections which others share already
  final Attempt attempt = new Attempt();
  private final long begunAt;

  // All: guarded by the pool's lock.
  final Map<InetAddress, CloseReason> left =
      new HashMap<>(); // addresses that are not to be used since it was begun, and why
  @Nullable CloseReason retired; // begun before its origin was drained: good for who waits now
  @Nullable Waiter waiter; // who fails with it; null: nobody, or everybody in line alike
  int wanted; // connections that were asked for, should it turn out to carry one exchange at a time

  Dial(HostPool host, Target target, Set<InetAddress> taken, long now) {
    this.host = host;
    this.target = target;
    this.taken = taken;
    this.begunAt = now;
  }

  /** Whether that one came when half of its time, now over, had passed. */
  boolean metLate(Waiter other, long now) {
    return now - other.joinedAt < (now - begunAt) / 2;
  }

  /** Makes this the attempt of another waiter, or of nobody. */
  void handTo(@Nullable Waiter next) {
    if (waiter != null && !waiter.gone) {
      waiter.dial = null;
    }
    waiter = next;
    if (next != null) {
      next.dial = this;
    }
  }
}
