package dev.hawser.connect;

import dev.hawser.io.Ticker;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which addresses have failed lately, or were so slow that another was faster: they are tried last
 * for a while, longer with each failure, and first-come again with the first success.
 */
final class Penalties {
  private static final long FIRST = 10_000_000_000L;
  private static final long LONGEST = 300_000_000_000L;
  private static final int MANY = 1_000;

  private record Penalty(int strikes, long until) {}

  private final Ticker ticker;
  private final Map<InetSocketAddress, Penalty> penalties = new ConcurrentHashMap<>();

  Penalties(Ticker ticker) {
    this.ticker = ticker;
  }

  /** The same addresses, those with a penalty last, the one that is over soonest first. */
  List<InetSocketAddress> order(List<InetSocketAddress> addresses) {
    if (penalties.isEmpty()) {
      return addresses;
    }
    long now = ticker.nanos();
    var ordered = new ArrayList<>(addresses);
    ordered.sort(Comparator.comparingLong(address -> remaining(address, now)));
    return ordered;
  }

  private long remaining(InetSocketAddress address, long now) {
    Penalty penalty = penalties.get(address);
    return penalty == null ? 0 : Math.max(0, penalty.until() - now);
  }

  void failed(InetSocketAddress address) {
    long now = ticker.nanos();
    if (penalties.size() >= MANY) {
      penalties.values().removeIf(penalty -> penalty.until() <= now);
    }
    penalties.merge(address, new Penalty(1, now + FIRST), (old, first) -> next(old, first, now));
  }

  private static Penalty next(Penalty old, Penalty first, long now) {
    if (now < old.until()) {
      return old; // many connections that fail together are one failure
    }
    if (now - old.until() >= LONGEST) {
      return first;
    }
    long length = Math.min(FIRST << Math.min(old.strikes(), 10), LONGEST);
    return new Penalty(old.strikes() + 1, now + length);
  }

  void succeeded(InetSocketAddress address) {
    penalties.remove(address);
  }
}
