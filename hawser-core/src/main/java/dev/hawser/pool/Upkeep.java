package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Origin;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What time and the world do to connections, as the {@link Ledger} does what callers want: they
 * grow old, servers close them, names move away from them, they are drained. A retired one takes no
 * other exchange, finishes those that it has, and is closed then. Called under the pool's lock, as
 * the ledger is.
 */
final class Upkeep {
  /** A host unused for so long, and without connections, is forgotten. */
  private static final long FORGOTTEN = 300_000_000_000L;

  /** Over which connections move to addresses that a name has gained: no burst of new ones. */
  private static final long REBALANCE = 60_000_000_000L;

  private final Stock stock;
  private final Dials dials;
  private final Ledger ledger;
  private final Ages ages;
  private final Ticker ticker;

  Upkeep(Stock stock, Dials dials, Ledger ledger, Ages ages, Ticker ticker) {
    this.stock = stock;
    this.dials = dials;
    this.ledger = ledger;
    this.ages = ages;
    this.ticker = ticker;
  }

  // ---- the sweep

  /**
   * Closes idle connections past their limits, keeps the minimum idle, forgets hosts; adds those to
   * be looked at, which are those that no reader watches.
   */
  void sweep(long now, Collection<Connection> toCheck, Decisions decisions) {
    for (HostPool host : stock.hostsNow()) {
      var expired = new LinkedHashMap<Connection, CloseReason>();
      Connection connection = host.oldest();
      while (connection != null && now - connection.idleSince >= Pool.SWEEP_PERIOD / 2) {
        CloseReason reason = ages.expiry(connection, now);
        if (reason != null) {
          expired.put(connection, reason);
        } else if (!connection.isMultiplexed()) {
          toCheck.add(connection);
        }
        connection = connection.newer;
      }
      expired.forEach(
          (old, reason) -> {
            if (old.state
                == Connection.State.IDLE) { // not evicted for the place that one before it left
              if (reason == CloseReason.IDLE_TIMEOUT && host.sizer != null) {
                host.sizer.traffic().expired(old.idleSince);
              }
              stock.takeFromIdle(old, Connection.State.LEASED);
              ledger.remove(old, reason, decisions);
            }
          });
      if (now - host.usedAt < FORGOTTEN) {
        // A host that refuses connections is not asked for idle ones at every sweep.
        if (!Ages.backsOff(host, now)) {
          dials.fillUp(host, host.size().minIdle(), decisions);
        }
      } else if (host.unused()) {
        stock.forget(host);
        dials.forget(host);
      }
    }
  }

  /** Whether there is something to sweep later. */
  boolean needsSweep() {
    return stock.idle() > 0
        || !ledger.isClosed() && stock.hosts().stream().anyMatch(host -> host.size().minIdle() > 0);
  }

  /** Withholds an idle connection from lease; false if it is no longer idle, or shared. */
  boolean withhold(Connection connection) {
    if (connection.state != Connection.State.IDLE || connection.isMultiplexed()) {
      return false;
    }
    stock.takeFromIdle(connection, Connection.State.CHECKED);
    connection.host.checked++;
    return true;
  }

  /** Ends withholding; {@code verdict} says why it must be closed, or is null. */
  void backFromCheck(Connection connection, @Nullable CloseReason verdict, Decisions decisions) {
    connection.host.checked--;
    connection.state = Connection.State.LEASED;
    CloseReason reason =
        verdict != null
            ? verdict
            : ledger.isClosed() ? CloseReason.CLIENT_CLOSED : connection.retired;
    if (reason != null) {
      ledger.remove(connection, reason, decisions);
    } else {
      ledger.serve(connection, false, decisions); // keeps its idleSince
      dials.assign(connection.host, decisions); // for whoever had counted on it, and is left over
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

  // ---- names that move

  /** The names of hosts to which there are connections. */
  Set<String> connectedHosts() {
    return stock.hosts().stream()
        .filter(host -> !host.connections.isEmpty())
        .map(host -> host.target.peerHost())
        .collect(Collectors.toSet());
  }

  /**
   * A name has other addresses: connections to removed ones take no new exchange, and where there
   * were busy ones, as many are begun to the present ones. Where addresses only came, their share
   * of the connections is made anew, spread over {@link #REBALANCE}.
   */
  void moved(String name, int addresses, int added, Set<InetAddress> removed, Decisions decisions) {
    for (HostPool host : stock.hostsNow()) {
      if (host.target.peerHost().equals(name)) {
        leave(host, removed, CloseReason.ADDRESS_REMOVED, decisions);
        rebalance(host, addresses, added);
      }
    }
  }

  /** An origin's address is not to be used for a while: as if the name had lost it. */
  void ejected(Origin origin, InetAddress address, Decisions decisions) {
    for (HostPool host : stock.hostsNow()) {
      if (host.reaches(origin)) {
        leave(host, Set.of(address), CloseReason.EJECTED, decisions);
      }
    }
  }

  /** So many addresses of an origin are to be used again: as if the name had gained them. */
  void reinstated(Origin origin, int addresses, int back) {
    for (HostPool host : stock.hostsNow()) {
      if (host.reaches(origin)) {
        rebalance(host, addresses, back);
      }
    }
  }

  private void leave(
      HostPool host, Set<InetAddress> addresses, CloseReason reason, Decisions decisions) {
    if (ledger.isClosed()) {
      return;
    }
    int busy = 0;
    host.dials.forEach(dial -> addresses.forEach(address -> dial.left.put(address, reason)));
    for (Connection connection : List.copyOf(host.connections)) {
      if (addresses.contains(connection.address())) {
        busy += connection.state == Connection.State.IDLE ? 0 : 1;
        ledger.retire(connection, reason, decisions);
      }
    }
    dials.fillUp(host, Math.min(busy, host.maxIdle()), decisions);
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
                connection.expiresAt = Math.min(connection.expiresAt, ages.within(REBALANCE, now)));
  }

  // ---- drain, close

  /** All connections to the origin take no new exchange. */
  void drain(Origin origin, Decisions decisions) {
    for (HostPool host : stock.hostsNow()) {
      if (host.origin.equals(origin)) {
        retire(host, CloseReason.DRAINED, decisions);
      }
    }
  }

  /**
   * All connections over TLS take no new exchange; where there were busy ones, as many are begun.
   */
  void drainSecure(CloseReason reason, Decisions decisions) {
    for (HostPool host : stock.hostsNow()) {
      if (host.origin.secure() && !ledger.isClosed()) {
        long busy =
            host.connections.stream()
                .filter(connection -> connection.state != Connection.State.IDLE)
                .count();
        retire(host, reason, decisions);
        dials.fillUp(host, (int) Math.min(busy, host.maxIdle()), decisions);
      }
    }
  }

  /** Nobody is to wait any more, and no connection to take another exchange. */
  void close(Decisions decisions) {
    ledger.close(decisions);
    for (HostPool host : stock.hosts()) {
      retire(host, CloseReason.CLIENT_CLOSED, decisions);
    }
  }

  private void retire(HostPool host, CloseReason reason, Decisions decisions) {
    host.dials.forEach(dial -> dial.retired = reason);
    for (Connection connection : List.copyOf(host.connections)) {
      ledger.retire(connection, reason, decisions);
    }
  }
}
