package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.connect.Attempt;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection being made, on a virtual thread of its own, for whoever is first in line when it is
 * ready.
 */
final class Dial {
  final HostPool host;
  final Attempt attempt = new Attempt();

  // All: guarded by the pool's lock.
  final Set<InetAddress> removed = new HashSet<>(); // from its name since it was begun
  @Nullable CloseReason retired; // begun before its origin was drained: good for one exchange
  @Nullable Waiter waiter; // who fails with it; null: nobody

  Dial(HostPool host) {
    this.host = host;
  }

  /** Makes this the attempt of another waiter, or of nobody. */
  void handTo(@Nullable Waiter next) {
    if (waiter != null && !waiter.gone) {
      waiter.dial = null;
      waiter.attempt = null;
    }
    waiter = next;
    if (next != null) {
      next.dial = this;
      next.attempt = attempt;
    }
  }
}
