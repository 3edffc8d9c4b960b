package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Ticker;
import dev.hawser.wire.Multiplexed;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The connections that there are, idle or in use, and the places that they and those being made
 * take under the limits. Guarded by the pool's lock.
 *
 * <p>Invariant: {@link #open} is the sum of all hosts' connections and dials.
 */
final class Stock {
  private final PoolOptions options;
  private final Http2Options http2;
  private final Ticker ticker;
  private final Map<Target, HostPool> hosts = new HashMap<>();
  private final Map<CloseReason, Long> closes = new EnumMap<>(CloseReason.class);
  private int open; // connections open or being opened, over all hosts
  private int idle; // those of them in an idle stack
  private long opened; // numbers connections
  private long handshakes;
  private long resumed;

  Stock(PoolOptions options, Http2Options http2, Ticker ticker) {
    this.options = options;
    this.http2 = http2;
    this.ticker = ticker;
  }

  // ---- hosts

  @Nullable HostPool find(Target target) {
    return hosts.get(target);
  }

  HostPool host(Target target) {
    return hosts.computeIfAbsent(
        target, wanted -> new HostPool(wanted, options, http2.priorKnowledge(), ticker.nanos()));
  }

  void forget(HostPool host) {
    hosts.remove(host.target);
  }

  Collection<HostPool> hosts() {
    return hosts.values();
  }

  /** For who changes them meanwhile. */
  List<HostPool> hostsNow() {
    return List.copyOf(hosts.values());
  }

  // ---- places

  int open() {
    return open;
  }

  int idle() {
    return idle;
  }

  /** A connection begins to be made. */
  void begun(Dial dial) {
    dial.host.dials.add(dial);
    open++;
  }

  /** One could not be made. */
  void failed(Dial dial) {
    dial.host.dials.remove(dial);
    open--;
  }

  /** One was made; it is leased, to nobody yet. */
  Connection made(Dial dial, Connected connected, long expiresAt) {
    HostPool host = dial.host;
    var connection = new Connection(++opened, host, connected, dial.attempt, expiresAt, ticker);
    connection.idleSince = ticker.nanos();
    if (connected.tls() != null) {
      handshakes++;
      resumed += connected.tls().resumed() ? 1 : 0;
    }
    host.dials.remove(dial);
    host.connections.add(connection);
    return connection;
  }

  /** A connection carries several exchanges at once, from now on. */
  void share(Connection connection, Multiplexed multiplexed) {
    connection.multiplexed = multiplexed;
    limit(connection, Math.min(multiplexed.capacity(), connection.host.streams()));
    if (connection.retired == null) {
      connection.host.multiplexed.add(connection);
    }
  }

  /** The peer allows so many exchanges at once. */
  void limit(Connection connection, int capacity) {
    connection.limit = Math.min(http2.maxConcurrentStreams(), capacity);
  }

  /** Takes out a connection that is not in an idle stack. */
  void strike(Connection connection, CloseReason reason, Decisions decisions) {
    connection.state = Connection.State.CLOSED;
    connection.host.connections.remove(connection);
    if (connection.isMultiplexed()) {
      connection.host.multiplexed.remove(connection);
    }
    open--;
    closes.merge(reason, 1L, Long::sum);
    decisions.close(connection, reason);
  }

  // ---- idle connections

  /**
   * Makes a connection idle, unless it is one too many to share; another goes if they are too many
   * now. Returns one that is to be closed for that, no longer in its stack.
   */
  @Nullable Connection toIdle(Connection connection) {
    HostPool host = connection.host;
    if (connection.isMultiplexed() && host.multiplexed.size() > http2.maxConnectionsPerHost()) {
      return connection;
    }
    host.push(connection);
    idle++;
    Connection victim = null;
    if (host.idle > host.maxIdle()) {
      victim = host.oldest();
    } else if (idle > options.maxIdle()) {
      victim = oldestIdle(null);
    }
    if (victim != null) {
      takeFromIdle(victim, Connection.State.LEASED);
    }
    return victim;
  }

  void takeFromIdle(Connection connection, Connection.State state) {
    connection.host.unlink(connection);
    idle--;
    connection.state = state;
  }

  @Nullable Connection oldestIdle(@Nullable HostPool except) {
    Connection oldest = null;
    for (HostPool host : hosts.values()) {
      Connection candidate = host == except ? null : host.oldest();
      if (candidate != null && (oldest == null || candidate.idleSince < oldest.idleSince)) {
        oldest = candidate;
      }
    }
    return oldest;
  }

  // ---- counts

  /** Those that carry an exchange. */
  List<Connection> leased() {
    return hosts.values().stream()
        .flatMap(host -> host.connections.stream())
        .filter(connection -> connection.state == Connection.State.LEASED)
        .toList();
  }

  Pool.Totals totals() {
    int opening = hosts.values().stream().mapToInt(host -> host.dials.size()).sum();
    int checked = hosts.values().stream().mapToInt(host -> host.checked).sum();
    int waiting = hosts.values().stream().mapToInt(host -> host.line.waiting()).sum();
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
}
