package dev.hawser.pool;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.ExchangeEvent;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import java.net.InetAddress;
import java.net.http.HttpClient.Version;
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
  static final Origin S = new Origin("https", "s", 443); // may speak HTTP/2

  private long now = 1_000_000_000_000L;
  final Ages ages;
  final Stock stock;
  private final Census census;
  final Dials making;
  final Ledger ledger;
  final Upkeep upkeep;
  final Tuning tuning;
  final List<Dial> dials = new ArrayList<>(); // begun, not ended
  final List<Connection> live = new ArrayList<>(); // connected, not closed
  final List<Decisions.Doomed> closed = new ArrayList<>();
  final List<Waiter> woken = new ArrayList<>();
  final List<ExchangeEvent.Resized> resized = new ArrayList<>();

  Books(PoolOptions options) {
    this(options, 1);
  }

  Books(PoolOptions options, long seed) {
    this(options, Http2Options.DEFAULTS, seed);
  }

  Books(PoolOptions options, Http2Options http2, long seed) {
    this.ages = new Ages(options, new SplittableRandom(seed));
    this.stock = new Stock(options, http2, () -> now);
    this.census = new Census(options, http2);
    this.making = new Dials(options, http2, stock, () -> now);
    this.ledger = new Ledger(options, http2, stock, making, ages, () -> now);
    this.upkeep = new Upkeep(stock, making, ledger, ages, () -> now);
    this.tuning = new Tuning(options.sizing(), stock, making);
  }

  static Target target(Origin origin) {
    return new Target(origin, Version.HTTP_2);
  }

  Connection take(Origin origin) throws StageFailure {
    return take(origin, Wish.ANY);
  }

  Connection take(Origin origin, Wish wish) throws StageFailure {
    return ledger.take(target(origin), wish, now);
  }

  Pool.Totals totals() {
    return stock.totals();
  }

  List<ClientSnapshot.Host> snapshot() {
    return census.of(stock.hosts(), now);
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
    resized.addAll(decisions.toTell());
  }

  void decide(Consumer<Decisions> step) {
    var decisions = new Decisions();
    step.accept(decisions);
    note(decisions);
  }

  Waiter join(Origin origin) throws StageFailure {
    return join(origin, false);
  }

  Waiter join(Origin origin, boolean fresh) throws StageFailure {
    return join(origin, fresh ? Wish.FRESH : Wish.ANY);
  }

  Waiter join(Origin origin, Wish wish) throws StageFailure {
    var decisions = new Decisions();
    try {
      return ledger.join(target(origin), wish, decisions);
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
    return made(dial, new Connected(transport, null, null));
  }

  /** The dial ends in an HTTP/2 connection. */
  Connection share(Dial dial, Streams streams) {
    return made(dial, new Connected(streams.transport(), null, null, streams, null));
  }

  private Connection made(Dial dial, Connected connected) {
    dials.remove(dial);
    var decisions = new Decisions();
    Connection connection = ledger.connected(dial, connected, decisions);
    live.add(connection);
    note(decisions);
    return connection;
  }

  void fail(Dial dial) {
    dials.remove(dial);
    decide(d -> ledger.failed(dial, StageFailure.of(Phase.CONNECT, "refused", "", null), d));
  }

  void timeOut(Dial dial) {
    dials.remove(dial);
    decide(d -> ledger.failed(dial, StageFailure.timeout(Phase.CONNECT, "no answer", ""), d));
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
    decide(d -> ledger.discard(connection, CloseReason.EXCHANGE_FAILED, d));
  }

  void allow(Connection connection, int streams) {
    decide(d -> ledger.capacity(connection, streams, d));
  }

  void retire(Connection connection, CloseReason reason) {
    decide(d -> ledger.retire(connection, reason, d));
  }

  void lose(Connection connection, CloseReason reason) {
    decide(d -> ledger.lost(connection, reason, d));
  }

  void requireHttp1(Connection connection) {
    decide(d -> ledger.requireHttp1(connection.host, d));
  }

  void upgrade(Connection connection, Streams streams) {
    decide(d -> ledger.upgraded(connection, streams, d));
  }

  /** Leases a stream of a connection to this origin that is newly made and allows so many. */
  Connection openShared(Origin origin, int streams) throws StageFailure {
    Waiter waiter = join(origin);
    share(dials.getLast(), new Streams(streams));
    Connection connection = served(waiter);
    connection.begin();
    return connection;
  }

  /** Sweeps; returns what is to be looked at. */
  List<Connection> sweep() {
    var toCheck = new ArrayList<Connection>();
    decide(d -> upkeep.sweep(now, toCheck, d));
    return toCheck;
  }

  /** Looks at the traffic; returns when to look next. */
  long look() {
    var decisions = new Decisions();
    long next = tuning.look(now, decisions);
    note(decisions);
    return next;
  }

  void drain(Origin origin) {
    decide(d -> upkeep.drain(origin, d));
  }

  void moved(Origin origin, int addresses, int added, Set<InetAddress> removed) {
    decide(d -> upkeep.moved(origin.host(), addresses, added, removed, d));
  }

  void eject(Origin origin, InetAddress address) {
    decide(d -> upkeep.ejected(origin, address, d));
  }

  void warmUp(Origin origin, int count) {
    decide(d -> making.warmUp(target(origin), count, d));
  }

  void close() {
    decide(upkeep::close);
  }

  void backFromCheck(Connection connection, CloseReason verdict) {
    decide(d -> upkeep.backFromCheck(connection, verdict, d));
  }

  CloseReason reasonOf(Connection connection) {
    return closed.stream()
        .filter(doomed -> doomed.connection() == connection)
        .map(Decisions.Doomed::reason)
        .findFirst()
        .orElse(null);
  }

  static Connection served(Waiter waiter) {
    if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection connection, _)) {
      return connection;
    }
    throw new AssertionError("not served but " + waiter.outcome());
  }
}
