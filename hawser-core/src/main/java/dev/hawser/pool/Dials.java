package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Target;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which connections are to be made, and for whom. Called under the pool's lock, as the {@link
 * Ledger} is.
 *
 * <p>A connection that carries one exchange at a time is made for one waiter, who fails with it.
 * Where one may carry many ({@link HostPool#multiplexes}) it is made for all who wait: the first
 * alone, however many they are, and more only when all streams are taken.
 */
final class Dials {
  private final PoolOptions options;
  private final Http2Options http2;
  private final Stock stock;
  private final Ticker ticker;
  private final Set<HostPool> starved =
      new HashSet<>(); // have waiters whom only the total limit keeps from dialling
  private final ArrayDeque<HostPool> robbed =
      new ArrayDeque<>(); // have waiters, and an idle connection less than when they began to wait
  private boolean closed;

  Dials(PoolOptions options, Http2Options http2, Stock stock, Ticker ticker) {
    this.options = options;
    this.http2 = http2;
    this.stock = stock;
    this.ticker = ticker;
  }

  // ---- for those who wait

  /**
   * Whether one may be begun for a caller, or one that is being made will have a stream for him.
   */
  boolean mayBegin(HostPool host, boolean fresh) {
    if (host.multiplexes(ticker.nanos())) {
      int riders = host.waitingWithoutDial();
      if (riders < (long) host.orphans() * expectedRoom(host)) {
        return true; // one is on its way, and will have a stream
      }
      if (host.multiplexed.size() + host.dials.size() >= http2.maxConnectionsPerHost()) {
        return false;
      }
    } else if (fresh && host.oldest() != null) {
      return true;
    }
    return host.open() < options.maxConnectionsPerHost()
        && (stock.open() < options.maxConnections() || stock.oldestIdle(host) != null);
  }

  private int expectedRoom(HostPool host) {
    return host.roomOfOneMore(http2.maxConcurrentStreams());
  }

  /** Begins connections for those who wait, as far as the limits go. */
  void assign(HostPool host, Decisions decisions) {
    starved.remove(host);
    if (closed || host.line.waiting() == 0) {
      return;
    }
    long now = ticker.nanos();
    if (host.multiplexes(now)) {
      dialForAll(host, now, decisions);
    }
    if (!host.multiplexes(now)) { // which may have changed just now: its last shared one made place
      dialForEach(host, decisions);
    }
    for (HostPool next = robbed.poll(); next != null; next = robbed.poll()) {
      assign(next, decisions); // ends: each that is robbed has one idle connection less
    }
  }

  /** One for each waiter who has none. */
  private void dialForEach(HostPool host, Decisions decisions) {
    handOut(host);
    for (Waiter waiter = nextToDialFor(host);
        waiter != null && makePlace(host, waiter.fresh, decisions); // else one will come back
        waiter = nextToDialFor(host)) {
      begin(host, waiter.avoid, decisions).handTo(waiter);
    }
  }

  /**
   * An idle connection that the sweep looks at is as good as one that is made: the look takes
   * microseconds, and then it is for those in line. Without that a caller who met the sweep got a
   * second connection made beside his only one.
   */
  private static @Nullable Waiter nextToDialFor(HostPool host) {
    return host.waitingWithoutDial() > host.checked
        ? host.line.firstWithoutDial()
        : host.line.firstFreshWithoutDial();
  }

  /** What is being made for nobody in particular is for those who wait, one for each. */
  private static void handOut(HostPool host) {
    for (Dial orphan = host.orphan(); orphan != null; orphan = host.orphan()) {
      Waiter waiter = host.line.firstWithoutDial();
      if (waiter == null) {
        return;
      }
      orphan.handTo(waiter);
    }
  }

  /** As many as all who wait need together; one while nobody knows how many that will serve. */
  private void dialForAll(HostPool host, long now, Decisions decisions) {
    for (Waiter first = host.line.firstWithoutDial();
        first != null && host.orphans() < wanted(host, now);
        first = host.line.firstWithoutDial()) {
      if (host.multiplexed.size() + host.dials.size() >= http2.maxConnectionsPerHost()
          || !makePlace(host, first.fresh, decisions)) {
        return;
      }
      begin(host, first.avoid, decisions);
    }
  }

  private int wanted(HostPool host, long now) {
    if (host.multiplexed.isEmpty()) {
      return 1;
    }
    return Ages.backsOff(host, now)
        ? 0
        : Math.ceilDiv(host.waitingWithoutDial(), expectedRoom(host));
  }

  /** Whether there is a place for one more connection, or can be. */
  private boolean makePlace(HostPool host, boolean fresh, Decisions decisions) {
    boolean hostIsFull = host.open() >= options.maxConnectionsPerHost();
    if (!hostIsFull && stock.open() < options.maxConnections()) {
      return true;
    }
    // One of its own only for who does not want that one.
    Connection victim = hostIsFull ? null : stock.oldestIdle(host);
    if (victim == null && fresh) {
      victim = host.oldest();
    }
    if (victim == null) {
      if (!hostIsFull) {
        starved.add(host);
      }
      return false;
    }
    stock.takeFromIdle(victim, Connection.State.LEASED);
    stock.strike(victim, CloseReason.EVICTED, decisions);
    if (victim.host != host && victim.host.line.waiting() > 0) {
      robbed.add(victim.host);
    }
    return true;
  }

  private Dial begin(HostPool host, Decisions decisions) {
    return begin(host, null, decisions);
  }

  /** Begins one, to other addresses than {@code avoid} if there are some. */
  private Dial begin(HostPool host, @Nullable InetAddress avoid, Decisions decisions) {
    Set<InetAddress> taken = host.taken();
    if (avoid != null) {
      taken.add(avoid);
    }
    long now = ticker.nanos();
    var dial = new Dial(host, host.asked(now), taken, now);
    stock.begun(dial);
    decisions.begin(dial);
    return dial;
  }

  // ---- ahead of need

  /**
   * Begins connections ahead of need, until {@code count} are idle or being made, within the
   * limits.
   */
  void warmUp(Target target, int count, Decisions decisions) {
    if (!closed) {
      HostPool host = stock.host(target);
      host.usedAt = ticker.nanos();
      if (host.sizer != null) {
        host.sizer.expect(count);
      }
      fillUp(host, Math.min(count, options.maxIdlePerHost()), decisions);
    }
  }

  /** The same; one that carries many exchanges at once is as good as many. */
  void fillUp(HostPool host, int count, Decisions decisions) {
    if (closed) {
      return;
    }
    if (host.multiplexes(ticker.nanos())) {
      if (count > 0 && host.multiplexed.isEmpty() && host.dials.isEmpty() && placeForIdle(host)) {
        begin(host, decisions).wanted = count;
      }
      return;
    }
    while (host.idle + host.checked + host.dials.size() < count && placeForIdle(host)) {
      begin(host, decisions);
    }
  }

  private boolean placeForIdle(HostPool host) {
    return stock.idle() + host.checked + host.dials.size() < options.maxIdle()
        && host.open() < options.maxConnectionsPerHost()
        && stock.open() < options.maxConnections();
  }

  // ---- between hosts

  /** A place under the limits has become free at {@code host}. */
  void placeFree(HostPool host, Decisions decisions) {
    if (host.line.waiting() > 0) {
      if (!host.multiplexes(ticker.nanos())) {
        handOut(host); // they may have been for all, who would have shared the one that is gone
      }
      starved.add(host); // until assignDials finds otherwise
    }
    for (Waiter longest = longestStarved(); longest != null; longest = longestStarved()) {
      assign(longest.host, decisions);
      if (starved.contains(longest.host)) {
        return; // the total limit is reached again
      }
    }
  }

  /** Whom only the total limit keeps from having one made, for longest. */
  @Nullable Waiter longestStarved() {
    Waiter longest = null;
    for (HostPool host : starved) {
      Waiter first = host.line.firstWithoutDial();
      if (first != null && first.before(longest)) {
        longest = first;
      }
    }
    return longest;
  }

  boolean nobodyStarves() {
    return starved.isEmpty();
  }

  /** A host is forgotten. */
  void forget(HostPool host) {
    starved.remove(host);
  }

  /** None is begun any more. */
  void close() {
    closed = true;
    starved.clear();
  }
}
