package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.tune.Sizer;
import dev.hawser.tune.Traffic;
import dev.hawser.wire.Multiplexed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pool's books: who has which connection or stream, and who waits. No thread, no lock and no
 * I/O of its own: the {@link Pool} calls every method under its lock and carries out the {@link
 * Decisions} afterwards.
 *
 * <p>Invariants: what is open or being made is never above {@code maxConnections}; nobody waits for
 * what is idle or for a free stream, but for those who want another one than that; for who waits
 * something is being made unless a limit forbids; no connection has more streams than its limit,
 * unless that was lowered or the server pushes.
 */
final class Ledger {
  /**
   * How long a host is taken to speak only HTTP/1.1 when it has shown so: as with a habit, long
   * enough to matter, and short enough for a server that has learned HTTP/2.
   */
  private static final long HTTP1_REMEMBERED = 300_000_000_000L;

  private final PoolOptions options;
  private final Http2Options http2;
  private final Stock stock;
  private final Dials dials;
  private final Ages ages;
  private final Ticker ticker;
  private long waiters; // numbers them
  private boolean closed;

  Ledger(
      PoolOptions options, Http2Options http2, Stock stock, Dials dials, Ages ages, Ticker ticker) {
    this.options = options;
    this.http2 = http2;
    this.stock = stock;
    this.dials = dials;
    this.ages = ages;
    this.ticker = ticker;
  }

  // ---- lease

  /**
   * Takes the most recently used idle connection, whatever its condition if it carries one exchange
   * at a time; else a stream of the connection with the fewest.
   */
  @Nullable Connection take(Target target, Wish wish, long now) throws StageFailure {
    ensureOpen();
    HostPool host = stock.find(target);
    if (host == null) {
      return null;
    }
    Connection connection = host.newest();
    while (connection != null && !(wish.accepts(connection) && canCarry(connection, now))) {
      connection = connection.older;
    }
    if (connection == null) {
      connection = host.leastLoaded(wish, now);
    }
    if (connection != null) {
      host.usedAt = now;
      lease(connection, now);
    }
    return connection;
  }

  /** The others can be closed when they turn out to be too old; one that is shared cannot. */
  private boolean canCarry(Connection idle, long now) {
    return !idle.isMultiplexed() || idle.hasRoom() && ages.expiry(idle, now) == null;
  }

  /**
   * A stream of the server's holds its connection, too, until it is given back as any other is. It
   * takes a place from those that the server leaves for requests, and may have one beyond them.
   */
  void hold(Connection connection) {
    lease(connection, ticker.nanos());
  }

  private void lease(Connection connection, long now) {
    long idleFor = Traffic.UNKNOWN;
    if (connection.state == Connection.State.IDLE) {
      stock.takeFromIdle(connection, Connection.State.LEASED);
      idleFor = now - connection.idleSince;
    }
    connection.leases++;
    countIn(connection, idleFor, now);
  }

  private static void countIn(Connection connection, long idleFor, long now) {
    Sizer sizer = connection.host.sizer;
    if (sizer != null) {
      connection.leasedAt = now;
      sizer.traffic().leased(idleFor, now);
    }
  }

  /** An exchange has ended, or one of a connection's streams. */
  private static void countOut(Connection connection, long now) {
    Sizer sizer = connection.host.sizer;
    if (sizer != null) {
      long held = connection.isMultiplexed() ? Traffic.UNKNOWN : now - connection.leasedAt;
      sizer.traffic().returned(held, now);
    }
  }

  /** Puts the calling thread into its target's line. */
  Waiter join(Target target, Wish wish, Decisions decisions) throws StageFailure {
    ensureOpen();
    long now = ticker.nanos();
    HostPool host = stock.host(target);
    host.usedAt = now;
    retireExpired(host, now, decisions);
    if (host.line.waiting() >= options.maxWaitingPerHost() && !dials.mayBegin(host, wish.fresh())) {
      throw Refusals.lineIsFull(host, options);
    }
    if (wish.atOnce() && !dials.mayBegin(host, false)) {
      throw Refusals.nothingBecameFree(host, options, http2);
    }
    var waiter = new Waiter(host, waiters++, wish, now);
    host.line.join(waiter);
    if (host.sizer != null) {
      host.sizer.traffic().queued(host.line.waiting(), now);
    }
    dials.assign(host, decisions);
    noOtherToCome(host, decisions);
    return waiter;
  }

  /** Then who wanted another connection than one that has a free stream takes that. */
  private void noOtherToCome(HostPool host, Decisions decisions) {
    if (host.dials.isEmpty()) {
      serveStreams(host, decisions);
    }
  }

  /** The sweep may come late for connections that are never idle. */
  private void retireExpired(HostPool host, long now, Decisions decisions) {
    for (Connection connection : List.copyOf(host.multiplexed)) {
      CloseReason reason =
          connection.leases > 0
              ? now >= connection.expiresAt ? CloseReason.MAX_AGE : null
              : ages.expiry(connection, now);
      if (reason != null) {
        retire(connection, reason, decisions);
      }
    }
  }

  /** Takes a waiter out who has not been served; says what he waited for. */
  StageFailure giveUp(Waiter waiter) {
    HostPool host = waiter.host;
    Dial dial = dialFor(waiter);
    StageFailure failure =
        dial != null ? Refusals.timeWasUp(dial) : Refusals.nothingBecameFree(host, options, http2);
    if (dial != null) {
      waiter.attempt = dial.attempt;
    }
    host.leave(waiter);
    return failure;
  }

  /** What is being made for him, alone or with all others in line; null: he waits for a return. */
  @Nullable Dial dialFor(Waiter waiter) {
    if (waiter.dial != null || !waiter.host.multiplexed.isEmpty()) {
      return waiter.dial;
    }
    return waiter.host.orphan();
  }

  // ---- give back

  /** A connection comes back that can carry another exchange, or a stream has ended. */
  void giveBack(Connection connection, Decisions decisions) {
    long now = ticker.nanos();
    connection.leases--;
    countOut(connection, now);
    if (connection.state == Connection.State.CLOSED) {
      return; // it ended under its streams
    }
    if (connection.leases > 0) {
      if (connection.retired == null && now >= connection.expiresAt) {
        retire(connection, CloseReason.MAX_AGE, decisions);
      } else if (connection.retired == null) {
        serveStreams(connection, false, decisions);
      }
      return;
    }
    connection.idleSince = now;
    CloseReason verdict = closed ? CloseReason.CLIENT_CLOSED : connection.retired;
    if (verdict == null && now >= connection.expiresAt) {
      verdict = CloseReason.MAX_AGE;
    }
    if (verdict != null) {
      remove(connection, verdict, decisions);
    } else {
      serve(connection, false, decisions);
    }
  }

  /**
   * An exchange has ended in a way that its connection, if it carried only that, cannot outlive.
   */
  void discard(Connection connection, CloseReason reason, Decisions decisions) {
    if (connection.isMultiplexed()) {
      giveBack(connection, decisions);
    } else {
      countOut(connection, ticker.nanos());
      remove(connection, reason, decisions);
    }
  }

  /** What nobody uses at this moment, or its place, goes to whoever has waited longest. */
  void serve(Connection connection, boolean made, Decisions decisions) {
    HostPool host = connection.host;
    if (host.line.waiting() == 0 && dials.nobodyStarves()) {
      toIdle(connection, decisions);
      return;
    }
    Waiter taker = connection.hasRoom() ? host.line.firstFor(connection) : null;
    Waiter placeWanted = dials.longestStarved();
    Waiter picky =
        connection.used() && !connection.isMultiplexed() ? host.line.firstFreshWithoutDial() : null;
    if (picky != null && picky.before(placeWanted)) {
      placeWanted = picky;
    }
    if (placeWanted != null && placeWanted.before(taker)) {
      remove(connection, CloseReason.EVICTED, decisions);
    } else if (taker != null) {
      give(connection, taker, made, decisions);
      serveStreams(connection, made, decisions);
    } else if (connection.retired != null) {
      remove(connection, connection.retired, decisions); // made too late, and without a stream
    } else {
      toIdle(connection, decisions);
    }
  }

  private void give(Connection connection, Waiter taker, boolean made, Decisions decisions) {
    connection.leases++;
    countIn(connection, Traffic.UNKNOWN, ticker.nanos());
    connection.host.leave(taker);
    taker.settle(new Waiter.Outcome.Served(connection, made));
    decisions.wake(taker);
  }

  /** Streams of a connection that carries some already go to those in line. */
  private void serveStreams(Connection connection, boolean made, Decisions decisions) {
    Waiter taker = connection.host.line.first();
    while (connection.hasRoom() && taker != null) {
      give(connection, taker, made, decisions);
      taker = connection.host.line.first();
    }
  }

  private void serveStreams(HostPool host, Decisions decisions) {
    for (Connection connection : List.copyOf(host.multiplexed)) {
      if (host.line.waiting() > 0 && connection.hasRoom()) {
        if (connection.state == Connection.State.IDLE) {
          stock.takeFromIdle(connection, Connection.State.LEASED);
        }
        serveStreams(connection, false, decisions);
      }
    }
  }

  private void toIdle(Connection connection, Decisions decisions) {
    Connection oneTooMany = stock.toIdle(connection);
    if (oneTooMany != null) {
      remove(oneTooMany, CloseReason.EVICTED, decisions);
    }
  }

  /**
   * Takes out a connection that is not in an idle stack; its place goes to whoever waits for one.
   */
  void remove(Connection connection, CloseReason reason, Decisions decisions) {
    if (connection.state != Connection.State.CLOSED) {
      stock.strike(connection, reason, decisions);
      dials.placeFree(connection.host, decisions);
    }
  }

  /** It takes no other exchange. */
  void retire(Connection connection, CloseReason reason, Decisions decisions) {
    if (connection.state == Connection.State.CLOSED) {
      return;
    }
    HostPool host = connection.host;
    connection.retired = reason;
    boolean shared = host.multiplexed.remove(connection);
    if (connection.state == Connection.State.IDLE) {
      stock.takeFromIdle(connection, Connection.State.LEASED);
      remove(connection, reason, decisions);
    } else if (shared && host.line.waiting() > 0) {
      dials.assign(host, decisions);
    }
  }

  // ---- what multiplexed connections tell of themselves

  /** The peer allows more exchanges at once, or fewer. */
  void capacity(Connection connection, int exchanges, Decisions decisions) {
    HostPool host = connection.host;
    host.allows(exchanges);
    stock.limit(connection, exchanges);
    if (connection.retired == null && connection.state != Connection.State.CLOSED) {
      serveStreams(host, decisions);
      dials.assign(host, decisions);
    }
  }

  /** It has ended, and with it all its streams, whose callers will say so. */
  void lost(Connection connection, CloseReason reason, Decisions decisions) {
    if (connection.state == Connection.State.IDLE) {
      stock.takeFromIdle(connection, Connection.State.LEASED);
    }
    remove(connection, connection.retired != null ? connection.retired : reason, decisions);
  }

  /**
   * A leased connection that carried one exchange at a time carries many from now on. The host's
   * others, which do not, would be preferred when they are idle: they go.
   */
  void upgraded(Connection connection, Multiplexed multiplexed, Decisions decisions) {
    stock.share(connection, multiplexed);
    HostPool host = connection.host;
    for (Connection other : List.copyOf(host.connections)) {
      if (!other.isMultiplexed() && other.retired == null) {
        retire(other, CloseReason.SUPERSEDED, decisions);
      }
    }
    host.dials.forEach(dial -> dial.retired = CloseReason.SUPERSEDED);
    if (connection.retired == null) {
      serveStreams(connection, false, decisions);
    }
  }

  /** The server wants HTTP/1.1: its HTTP/2 connections take no other exchange. */
  void requireHttp1(HostPool host, Decisions decisions) {
    host.requiresHttp1(Ticker.after(ticker.nanos(), HTTP1_REMEMBERED));
    for (Connection connection : List.copyOf(host.multiplexed)) {
      retire(connection, CloseReason.HTTP_1_1_REQUIRED, decisions);
    }
    dials.assign(host, decisions); // each who waits now has to have his own
  }

  // ---- how dials end

  /**
   * A dial has succeeded: its connection goes to the first in line, who need not be the one whom it
   * was begun for; its streams, if it has some, to those after him.
   */
  Connection connected(Dial dial, Connected connected, Decisions decisions) {
    HostPool host = dial.host;
    long now = ticker.nanos();
    host.failures = 0;
    dial.handTo(null);
    Connection connection = stock.made(dial, connected, ages.end(now));
    connection.retired = retiredBefore(dial, connection, now);
    Multiplexed multiplexed = connected.multiplexed();
    if (multiplexed != null) {
      stock.share(connection, multiplexed);
    } else if (dial.target.offersHttp2()) {
      host.speaksHttp1(now, Ticker.after(now, HTTP1_REMEMBERED));
    }
    CloseReason verdict = closed ? CloseReason.CLIENT_CLOSED : connection.retired;
    boolean unwanted =
        closed || verdict == CloseReason.HTTP_1_1_REQUIRED || host.line.first() == null;
    if (verdict != null && unwanted) {
      remove(connection, verdict, decisions);
    } else {
      serve(connection, true, decisions);
      dials.assign(host, decisions);
      noOtherToCome(host, decisions);
    }
    dials.fillUp(host, dial.wanted, decisions);
    return connection;
  }

  /** What has happened since it was begun may have made it obsolete. */
  private static @Nullable CloseReason retiredBefore(Dial dial, Connection connection, long now) {
    if (connection.isMultiplexed() && dial.host.http1Required(now)) {
      return CloseReason.HTTP_1_1_REQUIRED;
    }
    CloseReason left = dial.left.isEmpty() ? null : dial.left.get(connection.address());
    return left != null ? left : dial.retired;
  }

  /**
   * A dial has failed, and with it the one whom it was made for; or all who wait, if it was made
   * for them all and there is nothing else for them.
   */
  void failed(Dial dial, StageFailure failure, Decisions decisions) {
    HostPool host = dial.host;
    long now = ticker.nanos();
    stock.failed(dial);
    host.failures++;
    host.failedAt = now;
    Waiter owner = dial.waiter;
    if (owner != null) {
      owner.dial = null;
      settle(owner, dial, failure, now, decisions);
    } else if (!host.multiplexed.isEmpty()) {
      serveStreams(host, decisions); // to those who had hoped for another one
    } else if (host.multiplexes(now) && host.orphan() == null) {
      for (Waiter rider : host.line.allWithoutDial()) {
        settle(rider, dial, failure, now, decisions);
      }
    }
    dials.placeFree(host, decisions);
  }

  /**
   * He fails with it, unless its time is up and he has seen less than half of that: then it was
   * begun for others, who are gone, and says little. The next is begun for him.
   */
  private static void settle(
      Waiter waiter, Dial dial, StageFailure failure, long now, Decisions decisions) {
    if (failure.timeout() && dial.metLate(waiter, now)) {
      return;
    }
    waiter.attempt = dial.attempt; // for its times
    waiter.host.leave(waiter);
    waiter.settle(new Waiter.Outcome.Failed(failure));
    decisions.wake(waiter);
  }

  // ---- the end

  boolean isClosed() {
    return closed;
  }

  /** Takes no new callers, and fails those in line. */
  void close(Decisions decisions) {
    closed = true;
    for (HostPool host : stock.hosts()) {
      for (Waiter waiter = host.line.first(); waiter != null; waiter = host.line.first()) {
        host.leave(waiter);
        waiter.settle(new Waiter.Outcome.Failed(Refusals.clientClosed()));
        decisions.wake(waiter);
      }
    }
    dials.close();
  }

  private void ensureOpen() throws StageFailure {
    if (closed) {
      throw Refusals.clientClosed();
    }
  }
}
