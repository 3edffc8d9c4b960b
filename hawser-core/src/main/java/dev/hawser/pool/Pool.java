package dev.hawser.pool;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport.Liveness;
import dev.hawser.io.Watchdog;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which connection does a call get? In this order:
 *
 * <ol>
 *   <li>the idle one that was used last, if it is within its limits of time and a look at its
 *       socket finds it alive;
 *   <li>else the caller joins its origin's line, a new connection is begun if the limits allow,
 *       closing another origin's oldest idle one if only the total is in the way, and the caller
 *       gets whatever is first: that connection, another that becomes ready, or one that is given
 *       back;
 *   <li>else, when its patience ends, an error that says who had the connections.
 * </ol>
 *
 * <p>Lines are served in order, also between origins: a place under the total limit goes to whoever
 * has waited longest.
 *
 * <p>The {@link Ledger} decides, under one lock that is held for well under a microsecond and never
 * across I/O; connections are made, looked at and closed outside it.
 */
public final class Pool {
  /** How connections are made; the seam for tests. */
  @FunctionalInterface
  public interface Dialer {
    /** Makes a connection, blocking. */
    Connected connect(Origin origin, Attempt attempt) throws StageFailure, InterruptedException;
  }

  /**
   * A lease that needed the line.
   *
   * @param attempt how the connection was made, if that was for this lease
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

  private static final int CHECKED_AT_ONCE =
      32; // idle connections that the sweep withholds at a time
  private static final System.Logger LOG = System.getLogger("dev.hawser.pool");

  private final PoolOptions options;
  private final Dialer dialer;
  private final Watchdog watchdog;
  private final Events events;
  private final Ticker ticker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Ledger ledger; // guarded by lock
  private boolean sweepAsked; // guarded by lock

  public Pool(
      PoolOptions options,
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
    this.ledger = new Ledger(options, random, ticker);
  }

  /**
   * Returns an idle connection that is alive, or null. The hot path: one lock, one look at the
   * socket.
   */
  public @Nullable Connection leaseIdle(Origin origin) throws StageFailure {
    while (true) {
      Connection connection;
      CloseReason expiry;
      lock.lock();
      try {
        connection = ledger.takeIdle(origin);
        expiry = connection == null ? null : ledger.expiry(connection, ticker.nanos());
      } finally {
        lock.unlock();
      }
      if (connection == null || good(connection, expiry)) {
        return connection;
      }
    }
  }

  /** Looks at a connection just taken from the idle ones; closes it unless it can be used. */
  private boolean good(Connection connection, @Nullable CloseReason expiry) {
    CloseReason verdict = expiry != null ? expiry : look(connection);
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
   * @param fresh whether only a connection that has carried nothing will do
   * @param exchange for the event
   * @param attempts is told of the attempt made for this caller when the wait fails
   */
  public Lease await(Origin origin, long deadline, boolean fresh, long exchange, Waiting attempts)
      throws StageFailure, InterruptedException {
    long patience = Ticker.after(ticker.nanos(), options.waitTimeout());
    var decisions = new Decisions();
    Waiter waiter = null;
    while (waiter == null) {
      Connection idle;
      CloseReason expiry = null;
      lock.lock();
      try {
        // One may have become idle since the caller looked; nobody would give that to a waiter.
        idle = fresh ? null : ledger.takeIdle(origin);
        if (idle == null) {
          waiter = ledger.join(origin, fresh, decisions);
        } else {
          expiry = ledger.expiry(idle, ticker.nanos());
        }
      } finally {
        lock.unlock();
      }
      if (idle != null && good(idle, expiry)) {
        return new Lease(idle, null);
      }
    }
    carryOut(decisions);
    if (events.wanted()) {
      events.tell(queued(exchange, waiter.host));
    }
    try {
      while (true) {
        switch (waiter.outcome()) {
          case Waiter.Outcome.Served(Connection connection) -> {
            return new Lease(connection, connection.used() ? null : connection.attempt());
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
      if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection unwanted)) {
        release(unwanted);
      }
      throw new InterruptedException();
    }
    long now = ticker.nanos();
    long until = Math.min(patience, deadline);
    if (now < until) {
      LockSupport.parkNanos(this, until - now);
      return patience;
    }
    lock.lock();
    try {
      if (waiter.outcome() != null) {
        return patience; // served at the last moment
      }
      if (now < deadline && waiter.dial != null) {
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
          exchange, host.origin, host.leased(), host.dials.size(), host.waiting);
    } finally {
      lock.unlock();
    }
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

  /** Takes a leased connection out of use and closes it. */
  public void discard(Connection connection, CloseReason reason) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.remove(connection, reason, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** Off the lock. */
  private void carryOut(Decisions decisions) {
    decisions.toWake().forEach(Waiter::wake);
    for (Dial dial : decisions.toDial()) {
      Thread.ofVirtual().name("hawser-dial").start(() -> dial(dial));
    }
    for (Decisions.Doomed doomed : decisions.toClose()) {
      Connection connection = doomed.connection();
      ConnectionInfo info = events.wanted() ? connection.info() : null;
      connection.transport().close();
      connection.transport().releaseBuffers();
      if (info != null) {
        events.tell(new ExchangeEvent.Closed(info, doomed.reason()));
      }
    }
  }

  /** On a thread of its own: makes the connection and hands it in. */
  private void dial(Dial dial) {
    Connection made;
    try {
      made = handIn(dial, dialer.connect(dial.host.origin, dial.attempt));
    } catch (StageFailure e) {
      fail(dial, e);
      return;
    } catch (InterruptedException | RuntimeException | Error e) {
      fail(
          dial,
          StageFailure.of(dial.attempt.phase(), e.toString(), "", e).at(dial.attempt.address()));
      return;
    }
    readTickets(made);
  }

  /**
   * Session tickets (TLS 1.3) come a round trip after the handshake. Where no caller reads them
   * with an answer, this does, until the sweep takes over: other handshakes may wait for them.
   */
  private void readTickets(Connection fresh) {
    if (fresh.info().tls().filter(tls -> tls.version().equals("TLSv1.3")).isEmpty()) {
      return;
    }
    try {
      for (long pause = 1_000_000; pause < SWEEP_PERIOD; pause *= 2) {
        Thread.sleep(Duration.ofNanos(pause));
        check(List.of(fresh));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody else is on this thread
    }
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
    watchdog.callAt(ticker.nanos() + SWEEP_PERIOD);
    return connection;
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
  public void warmUp(Origin origin, int count) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.warmUp(origin, count, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** Looks at the socket of a connection that this thread holds: why it must be closed, or null. */
  private @Nullable CloseReason look(Connection connection) {
    Liveness liveness = connection.transport().probe();
    if (liveness == Liveness.CLOSED) {
      noteIdleClose(connection);
    }
    return switch (liveness) {
      case ALIVE -> null;
      case CLOSED -> CloseReason.CLOSED_BY_PEER;
      case UNSOLICITED -> CloseReason.UNSOLICITED_BYTES;
    };
  }

  private void noteIdleClose(Connection connection) {
    Optional<Duration> learned;
    lock.lock();
    try {
      learned = ledger.closedByPeer(connection);
    } finally {
      lock.unlock();
    }
    learned.ifPresent(
        limit -> {
          LOG.log(
              System.Logger.Level.INFO,
              "{0} closes idle connections after about {1} ms: they are reused only before that",
              connection.origin(),
              Long.toString(limit.toMillis()));
          if (events.wanted()) {
            events.tell(new ExchangeEvent.IdleLimitLearned(connection.origin(), limit));
          }
        });
  }

  /**
   * House-keeping, to be called on the watchdog's thread: closes idle connections that are past
   * their limits or that the server has closed, takes the buffers of those that have been idle for
   * a moment, keeps the minimum idle, forgets hosts.
   *
   * @return when it wants to be called again
   */
  public long sweep(long now) {
    var decisions = new Decisions();
    var toCheck = new ArrayList<Connection>();
    lock.lock();
    try {
      ledger.sweep(now, toCheck, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
    for (int from = 0; from < toCheck.size(); from += CHECKED_AT_ONCE) {
      check(toCheck.subList(from, Math.min(from + CHECKED_AT_ONCE, toCheck.size())));
    }
    lock.lock();
    try {
      sweepAsked = ledger.needsSweep();
      return sweepAsked ? now + SWEEP_PERIOD : Ticker.NEVER;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Withholds a few idle connections from lease, looks at their sockets off the lock, and puts them
   * back or closes them.
   */
  private void check(List<Connection> candidates) {
    var withheld = new ArrayList<Connection>(candidates.size());
    lock.lock();
    try {
      for (Connection candidate : candidates) {
        if (ledger.withhold(candidate)) {
          withheld.add(candidate);
        }
      }
    } finally {
      lock.unlock();
    }
    var verdicts = new ArrayList<Optional<CloseReason>>(withheld.size());
    for (Connection connection : withheld) {
      CloseReason verdict = look(connection);
      if (verdict == null) {
        connection.transport().releaseBuffers(); // the look itself needs one for TLS
      }
      verdicts.add(Optional.ofNullable(verdict));
    }
    var decisions = new Decisions();
    lock.lock();
    try {
      for (int i = 0; i < withheld.size(); i++) {
        ledger.backFromCheck(withheld.get(i), verdicts.get(i).orElse(null), decisions);
      }
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** Retires all connections to the origin: idle ones now, busy ones when they are given back. */
  public void drain(Origin origin) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.drain(origin, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** {@link #drain} of all origins with TLS. */
  public void drainSecure(CloseReason reason) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.drainSecure(reason, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /**
   * A host's name has other addresses: the connections follow.
   *
   * @param addresses how many it has now
   * @param added how many of them are new
   * @param removed those that it has no longer
   */
  public void moved(String host, int addresses, int added, Set<InetAddress> removed) {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.moved(host, addresses, added, removed, decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** The names of hosts to which there are connections. */
  public Set<String> connectedHosts() {
    lock.lock();
    try {
      return ledger.connectedHosts();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no new callers; fails those in line; closes idle connections now and busy ones when they
   * are given back.
   */
  public void close() {
    var decisions = new Decisions();
    lock.lock();
    try {
      ledger.close(decisions);
    } finally {
      lock.unlock();
    }
    carryOut(decisions);
  }

  /** The connections that carry an exchange now. */
  public List<Connection> leased() {
    lock.lock();
    try {
      return ledger.leased();
    } finally {
      lock.unlock();
    }
  }

  /** Counts over all hosts. */
  public Totals totals() {
    lock.lock();
    try {
      return ledger.totals();
    } finally {
      lock.unlock();
    }
  }

  /** What each host's pool holds. */
  public List<ClientSnapshot.Host> snapshot() {
    lock.lock();
    try {
      return ledger.snapshot();
    } finally {
      lock.unlock();
    }
  }
}
