package dev.hawser.pool;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Endpoints;
import dev.hawser.connect.Target;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Multiplexed;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which connection does a call get? In this order:
 *
 * <ol>
 *   <li>the idle one that was used last, if it is within its limits of time and a look at its
 *       socket finds it alive;
 *   <li>else a stream of the multiplexed connection that carries the fewest, if one is free;
 *   <li>else the caller joins its target's line, a new connection is begun if the limits allow,
 *       closing another host's oldest idle one if only the total is in the way, and the caller gets
 *       whatever is first: that connection, another that becomes ready, one that is given back, or
 *       a stream. Where a connection may turn out to be multiplexed, all in line wait for one;
 *   <li>else, when its patience ends, an error that says who had the connections.
 * </ol>
 *
 * <p>Lines are served in order, also between origins: a place under the total limit goes to whoever
 * has waited longest.
 *
 * <p>The {@link Ledger} and the {@link Upkeep} decide, under one lock that is held for well under a
 * microsecond and never across I/O; connections are made, looked at and closed outside it.
 */
public final class Pool implements Endpoints.Changes {
  /** How connections are made; the seam for tests. */
  @FunctionalInterface
  public interface Dialer {
    /**
     * Makes a connection, blocking.
     *
     * @param taken addresses to try after the others
     */
    Connected connect(Target target, Set<InetAddress> taken, Attempt attempt)
        throws StageFailure, InterruptedException;
  }

  /**
   * A lease that needed the line.
   *
   * @param attempt how the connection was made, if that was for this lease, among others; null when
   *     it was there before, and may be stale
   */
  public record Lease(Connection connection, @Nullable Attempt attempt) {}

  /** Counts over all hosts, now and since the start. */
  public record Totals(
      int open,
      int idle,
      int leased,
      int waiting,
      long opened,
      long handshakes,
      long resumed,
      Map<CloseReason, Long> closed) {}

  /**
   * How often idle connections are looked at: each look is one non-blocking read, under a
   * microsecond, and a server's close is seen within half a second.
   */
  static final long SWEEP_PERIOD = 500_000_000;

  private final PoolOptions options;
  private final Census census;
  private final Dialer dialer;
  private final Watchdog watchdog;
  private final Events events;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Stock stock; // guarded by lock, and so are the next four
  private final Dials dials;
  private final Tuning tuning;
  final Ledger ledger;
  final Upkeep upkeep;
  private final Ages ages;
  private final Inspection inspection;
  private boolean sweepAsked; // guarded by lock
  private long sweptAt = -SWEEP_PERIOD; // by the one thread that sweeps

  public Pool(
      PoolOptions options,
      Http2Options http2,
      Dialer dialer,
      Watchdog watchdog,
      Events events,
      RandomGenerator random,
      Ticker ticker) {
    this.options = options;
    this.dialer = dialer;
    this.watchdog = watchdog;
    this.events = events;
    this.ticker = ticker;
    this.ages = new Ages(options, random);
    this.stock = new Stock(options, http2, ticker);
    this.census = new Census(options, http2);
    this.dials = new Dials(options, http2, stock, ticker);
    this.ledger = new Ledger(options, http2, stock, dials, ages, ticker);
    this.tuning = new Tuning(options.sizing(), stock, dials);
    this.upkeep = new Upkeep(stock, dials, ledger, ages, ticker);
    this.inspection = new Inspection(this, events);
  }

  /**
   * Returns an idle connection that is alive, or one with a free stream, or null. The hot path: one
   * lock, one look at the socket.
   */
  public @Nullable Connection leaseIdle(Target target) throws StageFailure {
    return leaseIdle(target, Wish.ANY);
  }

  /** The same, if it is what is wished for. */
  public @Nullable Connection leaseIdle(Target target, Wish wish) throws StageFailure {
    while (true) {
      Connection connection;
      CloseReason expiry;
      lock.lock();
      try {
        long now = ticker.nanos();
        connection = ledger.take(target, wish, now);
        expiry = expiry(connection, now);
      } finally {
        lock.unlock();
      }
      if (connection == null || good(connection, expiry)) {
        return connection;
      }
    }
  }

  /** Of one just taken; a multiplexed one would not have been. */
  private @Nullable CloseReason expiry(@Nullable Connection taken, long now) {
    return taken == null || taken.isMultiplexed() ? null : ages.expiry(taken, now);
  }

  /**
   * Looks at a connection just taken from the idle ones; closes it unless it can be used. Others
   * may share a multiplexed one by now, and its reader looks all the time.
   */
  private boolean good(Connection connection, @Nullable CloseReason expiry) {
    if (connection.isMultiplexed()) {
      return true;
    }
    CloseReason verdict = expiry != null ? expiry : inspection.look(connection);
    if (verdict == null) {
      return true;
    }
    discard(connection, verdict);
    return false;
  }

  /**
   * Waits in line for a connection, and has one made if the limits allow.
   *
   * @param deadline the caller's; {@link PoolOptions#waitTimeout()} also holds while nothing is
   *     being made for the caller
   * @param wish what will not do
   * @param exchange for the event
   * @param attempts is told of the attempt made for this caller when the wait fails
   */
  public Lease await(Target target, long deadline, Wish wish, long exchange, Waiting attempts)
      throws StageFailure, InterruptedException {
    long patience = Ticker.after(ticker.nanos(), options.waitTimeout());
    var decisions = new Decisions();
    Waiter waiter = null;
    while (waiter == null) {
      Connection free;
      CloseReason expiry;
      lock.lock();
      try {
        // One may have become free since the caller looked; nobody would give that to a waiter.
        long now = ticker.nanos();
        free = ledger.take(target, wish, now);
        expiry = expiry(free, now);
        if (free == null) {
          waiter = ledger.join(target, wish, decisions);
        }
      } finally {
        lock.unlock();
      }
      if (free != null && good(free, expiry)) {
        return new Lease(free, null);
      }
    }
    carryOut(decisions);
    if (tuning.needed()) {
      watchdog.callAt(ticker.nanos() + Tuning.SOON); // it may have looked seldom, at rest
    }
    if (events.wanted()) {
      events.tell(queued(exchange, waiter.host));
    }
    try {
      while (true) {
        switch (waiter.outcome()) {
          case Waiter.Outcome.Served(Connection connection, boolean made) -> {
            return new Lease(connection, made ? connection.attempt() : null);
          }
          case Waiter.Outcome.Failed(StageFailure failure) -> throw failure;
          case null -> patience = park(waiter, patience, deadline);
        }
      }
    } catch (StageFailure e) {
      attempts.failed(waiter.attempt);
      throw e;
    }
  }

  /** Is told how far the connection made for a caller had come when its wait failed. */
  @FunctionalInterface
  public interface Waiting {
    void failed(@Nullable Attempt attempt);
  }

  private long park(Waiter waiter, long patience, long deadline)
      throws StageFailure, InterruptedException {
    if (Thread.interrupted()) {
      lock.lock();
      try {
        if (waiter.outcome() == null) {
          ledger.giveUp(waiter);
        }
      } finally {
        lock.unlock();
      }
      if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection unwanted, _)) {
        release(unwanted);
      }
      throw new InterruptedException();
    }
    long now = ticker.nanos();
    long until = Math.min(patience, deadline);
    if (now < until) {
      waiter.await(until, watchdog);
      return patience;
    }
    lock.lock();
    try {
      if (waiter.outcome() != null) {
        return patience; // served at the last moment
      }
      if (now < deadline && ledger.dialFor(waiter) != null) {
        return now
            + SWEEP_PERIOD; // a connection is being made: its stages' own deadlines bound the wait
      }
      throw ledger.giveUp(waiter);
    } finally {
      lock.unlock();
    }
  }

  private ExchangeEvent queued(long exchange, HostPool host) {
    lock.lock();
    try {
      return new ExchangeEvent.Queued(
          exchange, host.origin, host.leased(), host.dials.size(), host.line.waiting());
    } finally {
      lock.unlock();
    }
  }

  /** The server pushes a response over this connection: it is held for that, too. */
  public void hold(Connection connection) {
    decide(decisions -> ledger.hold(connection));
  }

  /** Gives back a connection that can carry another exchange. */
  public void release(Connection connection) {
    var decisions = new Decisions();
    boolean askSweep;
    lock.lock();
    try {
      ledger.giveBack(connection, decisions);
      askSweep = !sweepAsked;
      sweepAsked = true;
    } finally {
      lock.unlock();
    }
    if (askSweep) {
      watchdog.callAt(ticker.nanos() + SWEEP_PERIOD);
    }
    carryOut(decisions);
  }

  /**
   * Ends the lease of a connection that cannot carry another exchange after this one: it is closed.
   * Of a multiplexed one only this stream has ended.
   */
  public void discard(Connection connection, CloseReason reason) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.discard(connection, reason, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** Changes the books under the lock, and carries out what comes of it. */
  void decide(Consumer<Decisions> step) {
    var decisions = new Decisions();
    lock.lock();
    try {
      step.accept(decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** Looks into the books under the lock. */
  <T> T look(Supplier<T> question) {
    lock.lock();
    try {
      return question.get();
    } finally {
      lock.unlock();
    }
  }

  /** Off the lock. */
  private void carryOut(Decisions decisions) {
    if (events.wanted()) {
      decisions.toTell().forEach(events::tell);
    }
    decisions.toWake().forEach(Waiter::wake);
    for (Dial dial : decisions.toDial()) {
      Thread.ofVirtual().name("hawser-dial").start(() -> dial(dial));
    }
    for (Decisions.Doomed doomed : decisions.toClose()) {
      Connection connection = doomed.connection();
      ConnectionInfo info = events.wanted() ? connection.info() : null;
      close(connection);
      if (info != null) {
        events.tell(new ExchangeEvent.Closed(info, doomed.reason()));
      }
    }
  }

  private static void close(Connection connection) {
    Multiplexed multiplexed = connection.multiplexed;
    if (multiplexed != null) {
      multiplexed.shutDown(); // at once: it carries nothing, and its buffers are its own affair
    } else {
      connection.transport().close();
      connection.transport().releaseBuffers();
    }
  }

  /** On a thread of its own: makes the connection and hands it in. */
  private void dial(Dial dial) {
    Connection made;
    try {
      made = handIn(dial, dialer.connect(dial.target, dial.taken, dial.attempt));
    } catch (StageFailure e) {
      fail(dial, e);
      return;
    } catch (InterruptedException | RuntimeException | Error e) {
      fail(
          dial,
          StageFailure.of(dial.attempt.phase(), e.toString(), "", e).at(dial.attempt.address()));
      return;
    }
    inspection.readTickets(made);
  }

  private Connection handIn(Dial dial, Connected connected) {
    var decisions = new Decisions();
    Connection connection;
    lock.lock();
    try {
      connection = ledger.connected(dial, connected, decisions);
    } finally {
      lock.unlock();
    }
    if (events.wanted()) {
      events.tell(new ExchangeEvent.Opened(connection.info()));
    }
    carryOut(decisions);
    watch(connection);
    watchdog.callAt(ticker.nanos() + SWEEP_PERIOD);
    return connection;
  }

  private void watch(Connection connection) {
    Multiplexed multiplexed = connection.multiplexed;
    if (multiplexed != null) {
      multiplexed.watch(new Watching(this, inspection, connection));
    }
  }

  /**
   * A leased connection carries several exchanges at once from now on; the lease holds the first of
   * its streams.
   */
  public void upgraded(Connection connection, Multiplexed multiplexed) {
    decide(decisions -> ledger.upgraded(connection, multiplexed, decisions));
    watch(connection);
  }

  /** The server of this connection has said that it wants HTTP/1.1. */
  public void requireHttp1(Connection connection) {
    decide(decisions -> ledger.requireHttp1(connection.host, decisions));
  }

  private void fail(Dial dial, StageFailure failure) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.failed(dial, failure, decisions);
    } finally {
      lock.unlock();
    }
    if (events.wanted()) {
      events.tell(
          new ExchangeEvent.OpenFailed(dial.host.origin, failure.phase(), failure.problem()));
    }
    carryOut(decisions);
  }

  /** Begins connections until {@code count} are idle or being made, within the limits. */
  public void warmUp(Target target, int count) {
    decide(decisions -> dials.warmUp(target, count, decisions));
  }

  /**
   * House-keeping, to be called on the watchdog's thread: closes idle connections that are past
   * their limits or that the server has closed, takes the buffers of those that have been idle for
   * a moment, keeps the minimum idle, forgets hosts; and more often than that, sizes.
   *
   * @return when it wants to be called again
   */
  public long sweep(long now) {
    var decisions = new Decisions();
    var toCheck = new ArrayList<Connection>();
    boolean due = !tuning.needed() || now >= sweptAt + SWEEP_PERIOD;
    long nextLook;
    lock.lock();
    try {
      nextLook = tuning.look(now, decisions);
      if (due) {
        sweptAt = now;
        upkeep.sweep(now, toCheck, decisions);
      }
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
    inspection.check(toCheck);
    lock.lock();
    try {
      sweepAsked = upkeep.needsSweep();
      return Math.min(nextLook, sweepAsked ? sweptAt + SWEEP_PERIOD : Ticker.NEVER);
    } finally {
      lock.unlock();
    }
  }

  /** Retires all connections to the origin: idle ones now, busy ones when they are given back. */
  public void drain(Origin origin) {
    decide(decisions -> upkeep.drain(origin, decisions));
  }

  /** {@link #drain} of all origins with TLS. */
  public void drainSecure(CloseReason reason) {
    decide(decisions -> upkeep.drainSecure(reason, decisions));
  }

  /**
   * A host's name has other addresses: the connections follow.
   *
   * @param addresses how many it has now
   * @param added how many of them are new
   * @param removed those that it has no longer
   */
  public void moved(String host, int addresses, int added, Set<InetAddress> removed) {
    decide(decisions -> upkeep.moved(host, addresses, added, removed, decisions));
  }

  /**
   * An address of an origin is not to be used while there are others: connections to it take no
   * other exchange.
   */
  @Override
  public void ejected(Origin origin, InetAddress address) {
    decide(decisions -> upkeep.ejected(origin, address, decisions));
  }

  /**
   * Addresses of an origin are to be used again: they get their share of the connections.
   *
   * @param addresses how many it has
   * @param back how many of them are back
   */
  @Override
  public void reinstated(Origin origin, int addresses, int back) {
    decide(decisions -> upkeep.reinstated(origin, addresses, back));
  }

  /** The names of hosts to which there are connections. */
  public Set<String> connectedHosts() {
    return look(() -> upkeep.connectedHosts());
  }

  /**
   * Takes no new callers; fails those in line; closes idle connections now and busy ones when they
   * are given back.
   */
  public void close() {
    decide(decisions -> upkeep.close(decisions));
  }

  /** The connections that carry an exchange now. */
  public List<Connection> leased() {
    return look(() -> stock.leased());
  }

  /** Counts over all hosts. */
  public Totals totals() {
    return look(() -> stock.totals());
  }

  /** What each host's pool holds. */
  public List<ClientSnapshot.Host> snapshot() {
    return look(() -> census.of(stock.hosts(), ticker.nanos()));
  }
}
