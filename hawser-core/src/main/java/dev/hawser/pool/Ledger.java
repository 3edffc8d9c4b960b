package dev.hawser.pool;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The pool's books: who has which connection, who waits, what the limits allow. No thread, no lock
 * and no I/O of its own: the {@link Pool} calls every method under its lock and carries out the
 * {@link Decisions} afterwards.
 *
 * <p>Invariants: {@code open} is the sum of all hosts' connections and dials and never above {@code
 * maxConnections}; nobody waits for what is idle, but for those who want a fresh connection; who
 * waits has a dial made for him unless a limit forbids.
 */
final class Ledger {
  /** A host unused for so long, and without connections, is forgotten. */
  private static final long FORGOTTEN = 300_000_000_000L;

  /**
   * A server that says {@code timeout=5} closes at 5 s of its own clock: a connection is not used
   * in the last second.
   */
  private static final long MARGIN = 1_000_000_000;

  /** Between attempts to keep the minimum idle at a host that does not answer. */
  private static final long MAX_BACKOFF = 30_000_000_000L;

  /** Over which connections move to addresses that a name has gained: no burst of new ones. */
  private static final long REBALANCE = 60_000_000_000L;

  private final PoolOptions options;
  private final RandomGenerator random;
  private final Ticker ticker;
  private final Map<Origin, HostPool> hosts = new HashMap<>();
  private final Set<HostPool> starved =
      new HashSet<>(); // have waiters whom only the total limit keeps from dialling
  private final Map<CloseReason, Long> closes = new EnumMap<>(CloseReason.class);
  private int open; // connections open or being opened, over all hosts
  private int idle; // those of them in an idle stack
  private long waiters; // numbers them
  private long opened; // numbers connections
  private long handshakes;
  private long resumed;
  private boolean closed;

  Ledger(PoolOptions options, RandomGenerator random, Ticker ticker) {
    this.options = options;
    this.random = random;
    this.ticker = ticker;
  }

  // ---- lease

  /** Takes the origin's most recently used idle connection, whatever its condition. */
  @Nullable Connection takeIdle(Origin origin) throws StageFailure {
    ensureOpen();
    HostPool host = hosts.get(origin);
    Connection connection = host == null ? null : host.newest();
    if (host == null || connection == null) {
      return null;
    }
    host.usedAt = ticker.nanos();
    takeFromIdle(connection, Connection.State.LEASED);
    return connection;
  }

  /** Puts the calling thread into its origin's line. */
  Waiter join(Origin origin, boolean fresh, Decisions decisions) throws StageFailure {
    ensureOpen();
    HostPool host = host(origin);
    host.usedAt = ticker.nanos();
    if (host.waiting >= options.maxWaitingPerHost() && !mayDial(host, fresh)) {
      throw StageFailure.of(
          Phase.QUEUE,
          "the line is full (" + usage(host) + ")",
          "Raise pool.maxConnectionsPerHost=%d or pool.maxWaitingPerHost=%d, or send less"
              .formatted(options.maxConnectionsPerHost(), options.maxWaitingPerHost()),
          null);
    }
    var waiter = new Waiter(host, waiters++, fresh);
    host.join(waiter);
    assignDials(host, decisions);
    return waiter;
  }

  /** Takes a waiter out who has not been served; says what he waited for. */
  StageFailure giveUp(Waiter waiter) {
    HostPool host = waiter.host;
    Dial dial = waiter.dial;
    String usage = usage(host);
    host.leave(waiter);
    if (dial != null) {
      return StageFailure.timeout(dial.attempt.phase(), "the caller's time was up", "")
          .at(dial.attempt.address());
    }
    return StageFailure.timeout(
        Phase.QUEUE,
        "no connection became free (" + usage + ")",
        host.open() < options.maxConnectionsPerHost()
            ? "All hosts together have reached pool.maxConnections=%d: raise it"
                .formatted(options.maxConnections())
            : "Raise pool.maxConnectionsPerHost=%d or pool.waitTimeout=%s, or make the calls shorter"
                .formatted(options.maxConnectionsPerHost(), options.waitTimeout()));
  }

  private static String usage(HostPool host) {
    return "%d in use, %d idle, %d being opened, %d waiting"
        .formatted(host.leased(), host.idle + host.checked, host.dials.size(), host.waiting);
  }

  // ---- give back

  /** A connection comes back that can carry another exchange. */
  void giveBack(Connection connection, Decisions decisions) {
    long now = ticker.nanos();
    connection.idleSince = now;
    CloseReason verdict = closed ? CloseReason.CLIENT_CLOSED : connection.retired;
    if (verdict == null && now >= connection.expiresAt) {
      verdict = CloseReason.MAX_AGE;
    }
    if (verdict != null) {
      remove(connection, verdict, decisions);
    } else {
      serve(connection, decisions);
    }
  }

  /** The connection, or its place under the limits, goes to whoever has waited longest. */
  private void serve(Connection connection, Decisions decisions) {
    HostPool host = connection.host;
    if (host.waiting == 0 && starved.isEmpty()) {
      toIdle(connection, decisions);
      return;
    }
    Waiter taker = connection.used() ? host.firstForUsed() : host.first();
    Waiter placeWanted = longestStarved();
    Waiter picky = connection.used() ? host.firstFreshWithoutDial() : null;
    if (picky != null && picky.before(placeWanted)) {
      placeWanted = picky;
    }
    if (placeWanted != null && placeWanted.before(taker)) {
      remove(connection, CloseReason.EVICTED, decisions);
    } else if (taker != null) {
      host.leave(taker);
      taker.settle(new Waiter.Outcome.Served(connection));
      decisions.wake(taker);
    } else {
      toIdle(connection, decisions);
    }
  }

  private void toIdle(Connection connection, Decisions decisions) {
    HostPool host = connection.host;
    host.push(connection);
    idle++;
    if (host.idle > options.maxIdlePerHost()) {
      evict(host.oldest(), decisions);
    } else if (idle > options.maxIdle()) {
      evict(oldestIdle(null), decisions);
    }
  }

  private void takeFromIdle(Connection connection, Connection.State state) {
    connection.host.unlink(connection);
    idle--;
    connection.state = state;
  }

  private void evict(@Nullable Connection victim, Decisions decisions) {
    if (victim != null) {
      takeFromIdle(victim, Connection.State.LEASED);
      remove(victim, CloseReason.EVICTED, decisions);
    }
  }

  /**
   * Takes out a connection that is not in an idle stack; its place goes to whoever waits for one.
   */
  void remove(Connection connection, CloseReason reason, Decisions decisions) {
    if (connection.state != Connection.State.CLOSED) {
      strike(connection, reason, decisions);
      placeFree(connection.host, decisions);
    }
  }

  private void strike(Connection connection, CloseReason reason, Decisions decisions) {
    connection.state = Connection.State.CLOSED;
    connection.host.connections.remove(connection);
    open--;
    closes.merge(reason, 1L, Long::sum);
    decisions.close(connection, reason);
  }

  // ---- new connections

  /** A place under the limits has become free at {@code host}. */
  private void placeFree(HostPool host, Decisions decisions) {
    if (host.waiting > 0) {
      starved.add(host); // until assignDials finds otherwise
    }
    for (Waiter longest = longestStarved(); longest != null; longest = longestStarved()) {
      assignDials(longest.host, decisions);
      if (starved.contains(longest.host)) {
        return; // the total limit is reached again
      }
    }
  }

  private @Nullable Waiter longestStarved() {
    Waiter longest = null;
    for (HostPool host : starved) {
      Waiter first = host.firstWithoutDial();
      if (first != null && first.before(longest)) {
        longest = first;
      }
    }
    return longest;
  }

  private boolean mayDial(HostPool host, boolean fresh) {
    if (fresh && host.oldest() != null) {
      return true;
    }
    return host.open() < options.maxConnectionsPerHost()
        && (open < options.maxConnections() || oldestIdle(host) != null);
  }

  /** Begins a connection for each waiter who has none, as far as the limits go. */
  private void assignDials(HostPool host, Decisions decisions) {
    starved.remove(host);
    if (closed) {
      return;
    }
    for (Waiter waiter = host.firstWithoutDial();
        waiter != null;
        waiter = host.firstWithoutDial()) {
      Dial orphan = host.orphan();
      if (orphan != null) {
        orphan.handTo(waiter);
        continue;
      }
      boolean hostIsFull = host.open() >= options.maxConnectionsPerHost();
      if (hostIsFull || open >= options.maxConnections()) {
        Connection victim = makesPlace(host, hostIsFull, waiter.fresh);
        if (victim == null) {
          if (!hostIsFull) {
            starved.add(host);
          }
          return; // one will come back
        }
        takeFromIdle(victim, Connection.State.LEASED);
        strike(victim, CloseReason.EVICTED, decisions);
      }
      begin(host, waiter, decisions);
    }
  }

  /**
   * The idle connection that a new one may take the place of; one of its own only for who does not
   * want that one.
   */
  private @Nullable Connection makesPlace(HostPool host, boolean hostIsFull, boolean fresh) {
    Connection others = hostIsFull ? null : oldestIdle(host);
    return others == null && fresh ? host.oldest() : others;
  }

  private void begin(HostPool host, @Nullable Waiter waiter, Decisions decisions) {
    var dial = new Dial(host);
    dial.handTo(waiter);
    host.dials.add(dial);
    open++;
    decisions.begin(dial);
  }

  private @Nullable Connection oldestIdle(@Nullable HostPool except) {
    Connection oldest = null;
    for (HostPool host : hosts.values()) {
      Connection candidate = host == except ? null : host.oldest();
      if (candidate != null && (oldest == null || candidate.idleSince < oldest.idleSince)) {
        oldest = candidate;
      }
    }
    return oldest;
  }

  /**
   * A dial has succeeded: its connection goes to the first in line, who need not be the one whom it
   * was begun for.
   */
  Connection connected(Dial dial, Connected connected, Decisions decisions) {
    HostPool host = dial.host;
    long now = ticker.nanos();
    long age = options.maxAge().toNanos();
    long expiresAt = Ticker.after(now, age - (long) (random.nextDouble() * 0.1 * age));
    var connection = new Connection(++opened, host, connected, dial.attempt, expiresAt, ticker);
    connection.idleSince = now;
    connection.retired = dial.retired;
    if (!dial.removed.isEmpty() && dial.removed.contains(connection.address())) {
      connection.retired = CloseReason.ADDRESS_REMOVED;
    }
    host.failures = 0;
    if (connected.tls() != null) {
      handshakes++;
      resumed += connected.tls().resumed() ? 1 : 0;
    }
    host.dials.remove(dial);
    host.connections.add(connection);
    dial.handTo(null);
    CloseReason verdict = closed ? CloseReason.CLIENT_CLOSED : connection.retired;
    if (verdict != null && (closed || host.first() == null)) {
      remove(connection, verdict, decisions);
    } else {
      serve(connection, decisions);
      assignDials(host, decisions);
    }
    return connection;
  }

  /** A dial has failed, and with it the one whom it was made for. */
  void failed(Dial dial, StageFailure failure, Decisions decisions) {
    HostPool host = dial.host;
    host.dials.remove(dial);
    host.failures++;
    host.failedAt = ticker.nanos();
    open--;
    Waiter waiter = dial.waiter;
    if (waiter != null) {
      waiter.dial = null; // but keeps the attempt, for its times
      host.leave(waiter);
      waiter.settle(new Waiter.Outcome.Failed(failure));
      decisions.wake(waiter);
    }
    placeFree(host, decisions);
  }

  /** Begins connections until {@code count} are idle or being made, within the limits. */
  void warmUp(Origin origin, int count, Decisions decisions) {
    if (!closed) {
      HostPool host = host(origin);
      host.usedAt = ticker.nanos();
      fillUp(host, Math.min(count, options.maxIdlePerHost()), decisions);
    }
  }

  private void fillUp(HostPool host, int count, Decisions decisions) {
    while (host.idle + host.checked + host.dials.size() < count
        && idle + host.checked + host.dials.size() < options.maxIdle()
        && host.open() < options.maxConnectionsPerHost()
        && open < options.maxConnections()) {
      begin(host, null, decisions);
    }
  }

  // ---- freshness

  /** Why this connection must not be used at {@code now}, or null. */
  @Nullable CloseReason expiry(Connection connection, long now) {
    if (now >= connection.expiresAt) {
      return CloseReason.MAX_AGE;
    }
    return now - connection.idleSince >= idleLimit(connection, now)
        ? CloseReason.IDLE_TIMEOUT
        : null;
  }

  private long idleLimit(Connection connection, long now) {
    long own = options.idleTimeout().toNanos();
    long server = Math.min(connection.idleHint(), connection.host.habit.limit(now));
    // A server's limit of under two seconds keeps half of it: the margin must leave some reuse.
    return server == Ticker.NEVER ? own : Math.min(own, Math.max(server - MARGIN, server / 2));
  }

  /**
   * Closes idle connections past their limits, keeps the minimum idle, forgets hosts; adds those to
   * be looked at.
   */
  void sweep(long now, Collection<Connection> toCheck, Decisions decisions) {
    for (HostPool host : List.copyOf(hosts.values())) {
      var expired = new LinkedHashMap<Connection, CloseReason>();
      Connection connection = host.oldest();
      while (connection != null && now - connection.idleSince >= Pool.SWEEP_PERIOD / 2) {
        CloseReason reason = expiry(connection, now);
        if (reason == null) {
          toCheck.add(connection);
        } else {
          expired.put(connection, reason);
        }
        connection = connection.newer;
      }
      expired.forEach(
          (old, reason) -> {
            if (old.state
                == Connection.State.IDLE) { // not evicted for the place that one before it left
              takeFromIdle(old, Connection.State.LEASED);
              remove(old, reason, decisions);
            }
          });
      if (now - host.usedAt < FORGOTTEN) {
        if (!closed && now - host.failedAt >= backoff(host)) {
          fillUp(host, options.minIdlePerHost(), decisions);
        }
      } else if (host.unused()) {
        hosts.remove(host.origin);
        starved.remove(host);
      }
    }
  }

  /** A host that refuses connections is not asked for idle ones at every sweep. */
  private static long backoff(HostPool host) {
    return host.failures == 0
        ? Long.MIN_VALUE
        : Math.min(Pool.SWEEP_PERIOD << Math.min(host.failures, 10), MAX_BACKOFF);
  }

  /** Whether there is something to sweep later. */
  boolean needsSweep() {
    return idle > 0 || options.minIdlePerHost() > 0 && !hosts.isEmpty() && !closed;
  }

  /** Withholds an idle connection from lease; false if it is no longer idle. */
  boolean withhold(Connection connection) {
    if (connection.state != Connection.State.IDLE) {
      return false;
    }
    takeFromIdle(connection, Connection.State.CHECKED);
    connection.host.checked++;
    return true;
  }

  /** Ends withholding; {@code verdict} says why it must be closed, or is null. */
  void backFromCheck(Connection connection, @Nullable CloseReason verdict, Decisions decisions) {
    connection.host.checked--;
    connection.state = Connection.State.LEASED;
    CloseReason reason =
        verdict != null ? verdict : closed ? CloseReason.CLIENT_CLOSED : connection.retired;
    if (reason != null) {
      remove(connection, reason, decisions);
    } else {
      serve(connection, decisions); // keeps its idleSince
    }
  }

  /** The server has closed an idle connection: returns the habit if this completes one. */
  Optional<Duration> closedByPeer(Connection connection) {
    long now = ticker.nanos();
    IdleHabit habit = connection.host.habit;
    return habit.closedAfter(now - connection.idleSince, now)
        ? Optional.of(Duration.ofNanos(habit.limit(now)))
        : Optional.empty();
  }

  // ---- drain, close, look

  void drain(Origin origin, Decisions decisions) {
    HostPool host = hosts.get(origin);
    if (host != null) {
      retire(host, CloseReason.DRAINED, decisions);
    }
  }

  /**
   * All connections over TLS take no new exchange; where there were busy ones, as many are begun.
   */
  void drainSecure(CloseReason reason, Decisions decisions) {
    for (HostPool host : List.copyOf(hosts.values())) {
      if (host.origin.secure() && !closed) {
        long busy =
            host.connections.stream()
                .filter(connection -> connection.state != Connection.State.IDLE)
                .count();
        retire(host, reason, decisions);
        fillUp(host, (int) Math.min(busy, options.maxIdlePerHost()), decisions);
      }
    }
  }

  private void retire(HostPool host, CloseReason reason, Decisions decisions) {
    host.dials.forEach(dial -> dial.retired = reason);
    for (Connection connection : List.copyOf(host.connections)) {
      retire(connection, reason, decisions);
    }
  }

  private void retire(Connection connection, CloseReason reason, Decisions decisions) {
    connection.retired = reason;
    if (connection.state == Connection.State.IDLE) {
      takeFromIdle(connection, Connection.State.LEASED);
      remove(connection, reason, decisions);
    }
  }

  /**
   * A name has other addresses: connections to removed ones take no new exchange, and where there
   * were busy ones, as many are begun to the present ones. Where addresses only came, their share
   * of the connections is made anew, spread over {@link #REBALANCE}.
   */
  void moved(String name, int addresses, int added, Set<InetAddress> removed, Decisions decisions) {
    for (HostPool host : List.copyOf(hosts.values())) {
      if (!host.origin.host().equals(name) || closed) {
        continue;
      }
      int busy = 0;
      for (Connection connection : List.copyOf(host.connections)) {
        if (removed.contains(connection.address())) {
          busy += connection.state == Connection.State.IDLE ? 0 : 1;
          retire(connection, CloseReason.ADDRESS_REMOVED, decisions);
        }
      }
      host.dials.forEach(dial -> dial.removed.addAll(removed));
      fillUp(host, Math.min(busy, options.maxIdlePerHost()), decisions);
      rebalance(host, addresses, added);
    }
  }

  private void rebalance(HostPool host, int addresses, int added) {
    long now = ticker.nanos();
    List<Connection> staying =
        host.connections.stream().filter(connection -> connection.retired == null).toList();
    int share = staying.size() * added / addresses;
    staying.stream()
        .sorted(Comparator.comparingLong(connection -> connection.expiresAt))
        .limit(share)
        .forEach(
            connection ->
                connection.expiresAt =
                    Math.min(connection.expiresAt, now + (long) (random.nextDouble() * REBALANCE)));
  }

  /** The names of hosts to which there are connections. */
  Set<String> connectedHosts() {
    return hosts.values().stream()
        .filter(host -> !host.connections.isEmpty())
        .map(host -> host.origin.host())
        .collect(Collectors.toSet());
  }

  /** Takes no new callers, fails those in line, retires all connections. */
  void close(Decisions decisions) {
    closed = true;
    for (HostPool host : hosts.values()) {
      for (Waiter waiter = host.first(); waiter != null; waiter = host.first()) {
        host.leave(waiter);
        waiter.settle(new Waiter.Outcome.Failed(clientClosed()));
        decisions.wake(waiter);
      }
      retire(host, CloseReason.CLIENT_CLOSED, decisions);
    }
    starved.clear();
  }

  List<Connection> leased() {
    return hosts.values().stream()
        .flatMap(host -> host.connections.stream())
        .filter(connection -> connection.state == Connection.State.LEASED)
        .toList();
  }

  Pool.Totals totals() {
    int opening = hosts.values().stream().mapToInt(host -> host.dials.size()).sum();
    int checked = hosts.values().stream().mapToInt(host -> host.checked).sum();
    int waiting = hosts.values().stream().mapToInt(host -> host.waiting).sum();
    return new Pool.Totals(
        open,
        idle + checked,
        open - idle - checked - opening,
        waiting,
        opened,
        handshakes,
        resumed,
        Map.copyOf(closes));
  }

  List<ClientSnapshot.Host> snapshot() {
    long now = ticker.nanos();
    return hosts.values().stream()
        .sorted(Comparator.comparing(host -> host.origin.toString()))
        .map(host -> snapshot(host, now))
        .toList();
  }

  private static ClientSnapshot.Host snapshot(HostPool host, long now) {
    long limit = host.habit.limit(now);
    return new ClientSnapshot.Host(
        host.origin,
        host.dials.size(),
        host.idle + host.checked,
        host.leased(),
        host.waiting,
        limit == Ticker.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(limit)),
        host.connections.stream()
            .map(Connection::info)
            .sorted(Comparator.comparingLong(ConnectionInfo::id))
            .toList());
  }

  private HostPool host(Origin origin) {
    return hosts.computeIfAbsent(origin, HostPool::new);
  }

  private void ensureOpen() throws StageFailure {
    if (closed) {
      throw clientClosed();
    }
  }

  private static StageFailure clientClosed() {
    return StageFailure.of(Phase.QUEUE, "the client was closed", "", null);
  }
}
