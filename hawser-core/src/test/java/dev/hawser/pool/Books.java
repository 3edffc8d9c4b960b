package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A ledger on a clock of its own, without threads and sockets; remembers what was decided. */
final class Books {
  static final Origin A = new Origin("http", "a", 80);
  static final Origin B = new Origin("http", "b", 80);
  static final Origin C = new Origin("http", "c", 80);

  private long now = 1_000_000_000_000L;
  final Ledger ledger;
  final List<Dial> dials = new ArrayList<>(); // begun, not ended
  final List<Connection> live = new ArrayList<>(); // connected, not closed
  final List<Decisions.Doomed> closed = new ArrayList<>();
  final List<Waiter> woken = new ArrayList<>();

  Books(PoolOptions options) {
    this(options, 1);
  }

  Books(PoolOptions options, long seed) {
    this.ledger = new Ledger(options, new SplittableRandom(seed), () -> now);
  }

  long now() {
    return now;
  }

  void pass(Duration time) {
    now += time.toNanos();
  }

  private void note(Decisions decisions) {
    woken.addAll(decisions.toWake());
    dials.addAll(decisions.toDial());
    decisions.toClose().forEach(doomed -> live.remove(doomed.connection()));
    closed.addAll(decisions.toClose());
  }

  private void decide(Consumer<Decisions> step) {
    var decisions = new Decisions();
    step.accept(decisions);
    note(decisions);
  }

  Waiter join(Origin origin) throws StageFailure {
    return join(origin, false);
  }

  Waiter join(Origin origin, boolean fresh) throws StageFailure {
    var decisions = new Decisions();
    try {
      return ledger.join(origin, fresh, decisions);
    } finally {
      note(decisions);
    }
  }

  /** The dial succeeds. */
  Connection connect(Dial dial) {
    return connect(dial, null);
  }

  /** And at this address, for who looks at that. */
  Connection connect(Dial dial, Transport transport) {
    dials.remove(dial);
    var decisions = new Decisions();
    Connection connection = ledger.connected(dial, new Connected(transport, null, null), decisions);
    live.add(connection);
    note(decisions);
    return connection;
  }

  void fail(Dial dial) {
    dials.remove(dial);
    decide(d -> ledger.failed(dial, StageFailure.of(Phase.CONNECT, "refused", "", null), d));
  }

  /** Leases a connection to this origin that is newly made, and has carried an exchange. */
  Connection open(Origin origin) throws StageFailure {
    return open(origin, null);
  }

  Connection open(Origin origin, Transport transport) throws StageFailure {
    Waiter waiter = join(origin);
    connect(dials.getLast(), transport);
    Connection connection = served(waiter);
    connection.begin();
    return connection;
  }

  /** Opens so many and makes them idle, the first first. */
  List<Connection> openIdle(Origin origin, int count) throws StageFailure {
    var all = new ArrayList<Connection>();
    for (int i = 0; i < count; i++) {
      all.add(open(origin));
    }
    for (Connection connection : all) {
      giveBack(connection);
      now++;
    }
    return all;
  }

  void giveBack(Connection connection) {
    decide(d -> ledger.giveBack(connection, d));
  }

  void discard(Connection connection) {
    decide(d -> ledger.remove(connection, CloseReason.EXCHANGE_FAILED, d));
  }

  /** Sweeps; returns what is to be looked at. */
  List<Connection> sweep() {
    var toCheck = new ArrayList<Connection>();
    decide(d -> ledger.sweep(now, toCheck, d));
    return toCheck;
  }

  void drain(Origin origin) {
    decide(d -> ledger.drain(origin, d));
  }

  void moved(Origin origin, int addresses, int added, Set<InetAddress> removed) {
    decide(d -> ledger.moved(origin.host(), addresses, added, removed, d));
  }

  void warmUp(Origin origin, int count) {
    decide(d -> ledger.warmUp(origin, count, d));
  }

  void close() {
    decide(ledger::close);
  }

  void backFromCheck(Connection connection, CloseReason verdict) {
    decide(d -> ledger.backFromCheck(connection, verdict, d));
  }

  CloseReason reasonOf(Connection connection) {
    return closed.stream()
        .filter(doomed -> doomed.connection() == connection)
        .map(Decisions.Doomed::reason)
        .findFirst()
        .orElse(null);
  }

  static Connection served(Waiter waiter) {
    if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection connection)) {
      return connection;
    }
    throw new AssertionError("not served but " + waiter.outcome());
  }
}
