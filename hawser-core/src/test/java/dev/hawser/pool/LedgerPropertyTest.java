package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens in whatever order, the pool's books are right after every step. */
@Timeout(180)
class LedgerPropertyTest {
  /** Two of plain HTTP, which speak HTTP/1.1, and two that may speak HTTP/2. */
  private static final List<Origin> ORIGINS =
      List.of(Books.A, Books.B, Books.S, new Origin("https", "t", 443));

  /** The addresses that each has: connections over HTTP/1.1 go to either, others to the first. */
  private static final List<Transport> PEERS =
      Stream.of("127.0.0.1", "127.0.0.2")
          .map(InetAddress::ofLiteral)
          .<Transport>map(address -> Silent.connected(new Watchdog(() -> 0), address))
          .toList();

  @Test
  void theBooksAreRightAfterEveryStep() throws Exception {
    for (long seed = 0; seed < 3_000; seed++) {
      var run = new Run(seed);
      try {
        for (int step = 0; step < 200; step++) {
          run.step();
        }
        run.end();
      } catch (RuntimeException | AssertionError | StageFailure e) {
        int last = run.log.size();
        throw new AssertionError(
            "seed %d, %s: %s"
                .formatted(seed, run.options, run.log.subList(Math.max(0, last - 25), last)),
            e);
      }
    }
  }

  private static final class Run {
    final Random random;
    final PoolOptions options;
    final Http2Options http2;
    final Books books;
    final List<String> log = new ArrayList<>();
    final List<Waiter> line = new ArrayList<>(); // those not settled, who have not given up
    final List<Connection> leased = new ArrayList<>(); // once for each stream
    final Map<Connection, Integer> allowed = new HashMap<>(); // that may be used at most
    final List<Connection> checked = new ArrayList<>();
    final Map<Waiter, Waiter.Outcome> outcomes = new HashMap<>();
    int seen; // of books.woken

    Run(long seed) {
      random = new Random(seed);
      int perHost = 1 + random.nextInt(4);
      int maxIdlePerHost = random.nextInt(4);
      options =
          PoolOptions.DEFAULTS
              .maxConnections(1 + random.nextInt(6))
              .maxConnectionsPerHost(perHost)
              .maxIdle(random.nextInt(5))
              .maxIdlePerHost(maxIdlePerHost)
              .minIdlePerHost(
                  random.nextInt(4) == 0
                      ? random.nextInt(Math.min(perHost, maxIdlePerHost) + 1)
                      : 0)
              .maxWaitingPerHost(random.nextInt(8))
              .maxAge(Duration.ofMinutes(1))
              .sizing(PoolOptions.Sizing.values()[random.nextInt(3)]);
      http2 =
          Http2Options.DEFAULTS
              .maxConnectionsPerHost(1 + random.nextInt(3))
              .maxConcurrentStreams(1 + random.nextInt(4));
      books = new Books(options, http2, seed);
    }

    void step() throws StageFailure {
      Origin origin = ORIGINS.get(random.nextInt(ORIGINS.size()));
      switch (random.nextInt(18)) {
        case 0, 1, 2 -> call(origin, false);
        case 3 -> call(origin, true);
        case 4 -> giveUp();
        case 5, 6, 7 -> giveBack();
        case 8 -> discard();
        case 9, 10 -> connect();
        case 11 -> fail();
        case 12 -> sweep();
        case 13 -> pass();
        case 14, 15 -> allow();
        case 16 -> endOrRetire();
        default -> rare(origin);
      }
      settle();
      check();
    }

    /** As the pool does it: takes an idle one, or joins the line in the same step. */
    void call(Origin origin, boolean fresh) throws StageFailure {
      Wish wish = fresh ? Wish.FRESH : Wish.ANY;
      if (!leased.isEmpty() && random.nextInt(5) == 0) {
        Connection other = leased.get(random.nextInt(leased.size()));
        wish = fresh ? Wish.elsewhere(other) : Wish.otherThan(other);
      }
      Connection idle = books.take(origin, wish);
      if (idle != null) {
        log.add("lease " + idle.id());
        assertThat(wish.accepts(idle)).isTrue();
        CloseReason expiry = idle.isMultiplexed() ? null : books.ages.expiry(idle, books.now());
        if (expiry != null) {
          books.discard(idle);
        } else {
          idle.begin();
          leased.add(idle);
        }
        return;
      }
      log.add("join " + origin.host() + (fresh ? " fresh" : ""));
      try {
        line.add(books.join(origin, wish));
      } catch (StageFailure e) {
        assertThat(e).hasMessageContaining("the line is full");
      }
    }

    void giveUp() {
      if (!line.isEmpty()) {
        log.add("giveUp");
        books.ledger.giveUp(line.remove(random.nextInt(line.size())));
      }
    }

    void giveBack() {
      if (!leased.isEmpty()) {
        Connection connection = leased.remove(random.nextInt(leased.size()));
        log.add("giveBack " + connection.id());
        books.giveBack(connection);
      }
    }

    void discard() {
      if (!leased.isEmpty()) {
        Connection connection = leased.remove(random.nextInt(leased.size()));
        log.add("discard " + connection.id());
        books.discard(connection);
      }
    }

    void connect() {
      if (!books.dials.isEmpty()) {
        Dial dial = books.dials.get(random.nextInt(books.dials.size()));
        log.add("connect " + dial.host.origin.host());
        if (dial.target.offersHttp2() && random.nextInt(4) > 0) {
          int streams = random.nextInt(6);
          books.share(dial, new Streams(streams));
        } else {
          books.connect(dial, PEERS.get(random.nextInt(PEERS.size())));
        }
      }
    }

    void fail() {
      if (!books.dials.isEmpty()) {
        Dial dial = books.dials.get(random.nextInt(books.dials.size()));
        log.add("fail " + dial.host.origin.host());
        books.fail(dial);
      }
    }

    private @Nullable Connection someShared() {
      List<Connection> shared = books.live.stream().filter(Connection::isMultiplexed).toList();
      return shared.isEmpty() ? null : shared.get(random.nextInt(shared.size()));
    }

    /** The server allows more or fewer streams, or none for a while. */
    void allow() {
      Connection connection = someShared();
      if (connection != null) {
        int streams = random.nextInt(6);
        log.add("allow " + streams + " on " + connection.id());
        books.allow(connection, streams);
      }
    }

    void endOrRetire() {
      Connection connection = someShared();
      if (connection != null) {
        switch (random.nextInt(5)) {
          case 0, 1 -> {
            log.add("GOAWAY " + connection.id());
            books.retire(connection, CloseReason.GOAWAY);
          }
          case 2, 3 -> {
            log.add("lose " + connection.id());
            books.lose(connection, CloseReason.CLOSED_BY_PEER);
          }
          default -> {
            log.add("requireHttp1 " + connection.id());
            books.requireHttp1(connection);
          }
        }
      }
    }

    void sweep() {
      log.add("sweep");
      for (Connection candidate : books.sweep()) {
        if (books.upkeep.withhold(candidate)) {
          checked.add(candidate);
        }
      }
    }

    void backFromCheck() {
      Connection connection = checked.remove(random.nextInt(checked.size()));
      log.add("backFromCheck " + connection.id());
      books.backFromCheck(connection, random.nextBoolean() ? null : CloseReason.CLOSED_BY_PEER);
    }

    void pass() {
      log.add("pass");
      books.pass(Duration.ofMillis(1L << random.nextInt(17)));
    }

    void rare(Origin origin) {
      if (!checked.isEmpty()) {
        backFromCheck();
      } else if (random.nextInt(4) == 0) {
        log.add("drain " + origin.host());
        books.drain(origin);
      } else if (random.nextInt(4) == 0) {
        InetAddress address = PEERS.get(random.nextInt(PEERS.size())).remoteAddress().getAddress();
        log.add("eject " + address + " of " + origin.host());
        books.eject(origin, address);
      } else if (random.nextInt(8) == 0) {
        log.add("warmUp " + origin.host());
        books.warmUp(origin, 3);
      } else if (random.nextInt(2) == 0) {
        log.add("look");
        books.look();
      }
    }

    /** Callers see their outcomes. */
    void settle() {
      for (; seen < books.woken.size(); seen++) {
        Waiter waiter = books.woken.get(seen);
        assertThat(waiter.outcome()).isNotNull();
        assertThat(line.remove(waiter)).as("settled once, and not after giving up").isTrue();
        outcomes.put(waiter, waiter.outcome());
        if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection connection, _)) {
          assertThat(waiter.fresh && connection.used() && !connection.isMultiplexed())
              .as("a used one for who wants none")
              .isFalse();
          assertThat(connection.host).isSameAs(waiter.host);
          connection.begin();
          leased.add(connection);
        }
      }
    }

    void check() {
      Pool.Totals totals = books.totals();
      assertThat(totals.open()).isEqualTo(books.live.size() + books.dials.size());
      assertThat(totals.open()).isLessThanOrEqualTo(options.maxConnections());
      assertThat(totals.leased())
          .isEqualTo(leased.stream().filter(books.live::contains).distinct().count());
      assertThat(totals.waiting()).isEqualTo(line.size());
      checkLeases();
      assertThat(checked).allMatch(c -> c.state == Connection.State.CHECKED);
      List<Connection> idle =
          books.live.stream().filter(c -> c.state == Connection.State.IDLE).toList();
      assertThat(idle.size()).isLessThanOrEqualTo(options.maxIdle());
      assertThat(totals.idle()).isEqualTo(idle.size() + checked.size());
      for (Origin origin : ORIGINS) {
        checkHost(origin, totals, idle);
      }
    }

    private void checkLeases() {
      for (Connection connection : new HashSet<>(leased)) {
        int leases = (int) leased.stream().filter(c -> c == connection).count();
        assertThat(connection.leases).as("permits of %s", connection.id()).isEqualTo(leases);
        if (!connection.isMultiplexed()) {
          assertThat(leases).as("leased to one at a time").isEqualTo(1);
        }
        assertThat(connection.state)
            .isIn(
                Connection.State.LEASED,
                connection.isMultiplexed() ? Connection.State.CLOSED : Connection.State.LEASED);
      }
      for (Connection connection : books.live) {
        // A limit that was lowered is kept by giving nothing out.
        int before = allowed.getOrDefault(connection, 0);
        assertThat(connection.leases).isLessThanOrEqualTo(Math.max(before, connection.limit));
        allowed.put(connection, connection.leases);
      }
    }

    private void checkHost(Origin origin, Pool.Totals totals, List<Connection> idle) {
      List<Connection> idleHere = idle.stream().filter(c -> c.origin().equals(origin)).toList();
      List<Connection> open = books.live.stream().filter(c -> c.origin().equals(origin)).toList();
      List<Dial> dials = books.dials.stream().filter(d -> d.host.origin.equals(origin)).toList();
      List<Connection> shared =
          open.stream().filter(c -> c.isMultiplexed() && c.retired == null).toList();
      assertThat(open.size() + dials.size()).isLessThanOrEqualTo(options.maxConnectionsPerHost());
      assertThat(idleHere.size()).isLessThanOrEqualTo(options.maxIdlePerHost());
      List<Waiter> waiting = line.stream().filter(w -> w.host.origin.equals(origin)).toList();
      boolean somethingFree =
          idleHere.stream().anyMatch(c -> !c.isMultiplexed())
              || shared.stream().anyMatch(c -> c.hasRoom() && books.now() < c.expiresAt);
      boolean another = !dials.isEmpty(); // may be what those wait for who want no other
      assertThat(somethingFree && !another && waiting.stream().anyMatch(w -> !w.fresh))
          .as("%s: somebody waits for what is free", origin)
          .isFalse();
      boolean full =
          open.size() + dials.size() == options.maxConnectionsPerHost()
              || totals.open() == options.maxConnections();
      long looked = checked.stream().filter(c -> c.origin().equals(origin)).count();
      long undialled = waiting.stream().filter(w -> w.dial == null).count();
      for (Waiter waiter : waiting) {
        assertThat(waiter.outcome()).isNull();
        if (waiter.dial != null) {
          assertThat(books.dials).contains(waiter.dial);
          assertThat(waiter.dial.waiter).isSameAs(waiter);
        } else if (waiter.host.multiplexes(books.now())) {
          assertThat(
                  full
                      || !dials.isEmpty()
                      || !shared.isEmpty()) // a stream of those will become free
              .as("%s: somebody waits, and nothing is made for all", origin)
              .isTrue();
        } else {
          assertThat(
                  !waiter.fresh && undialled <= looked
                      || open.size() + dials.size() == options.maxConnectionsPerHost()
                          && (idleHere.isEmpty() || !waiter.fresh)
                      || totals.open() == options.maxConnections() && idle.isEmpty())
              .as("%s: somebody waits, nothing is made for him, and no limit forbids it", origin)
              .isTrue();
        }
      }
    }

    /** All is given back, all leave: nothing is left but what is idle. */
    void end() throws StageFailure {
      while (!leased.isEmpty() || !checked.isEmpty() || !line.isEmpty() || !books.dials.isEmpty()) {
        giveBack();
        settle();
        if (!checked.isEmpty()) {
          backFromCheck();
          settle();
        }
        connect();
        settle();
        if (random.nextBoolean()) {
          giveUp();
        }
        check();
      }
      Pool.Totals totals = books.totals();
      assertThat(totals.open()).as("permits").isEqualTo(totals.idle());
      checkTraffic();
      books.close();
      assertThat(books.totals().open()).isZero();
      assertThat(books.live).isEmpty();
    }

    /** Whoever was counted in is counted out. */
    private void checkTraffic() {
      for (int look = 0; look < 3; look++) {
        books.pass(Duration.ofSeconds(11));
        books.look();
        while (!books.dials.isEmpty()) {
          connect(); // that the least idle asks for; it may show that a host speaks HTTP/1.1
        }
      }
      for (HostPool host : books.stock.hosts()) {
        if (host.sizer != null && !host.multiplexes(books.now()) && !host.unused()) {
          assertThat(host.sizer.traffic().active()).as("%s", host.origin).isFalse();
        }
      }
    }
  }
}
