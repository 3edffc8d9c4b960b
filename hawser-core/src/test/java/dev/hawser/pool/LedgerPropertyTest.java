package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.CloseReason;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.io.StageFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever happens in whatever order, the pool's books are right after every step. */
@Timeout(60)
class LedgerPropertyTest {
  private static final List<Origin> ORIGINS = List.of(Books.A, Books.B, Books.C);

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
    final Books books;
    final List<String> log = new ArrayList<>();
    final List<Waiter> line = new ArrayList<>(); // those not settled, who have not given up
    final List<Connection> leased = new ArrayList<>();
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
              .maxAge(Duration.ofMinutes(1));
      books = new Books(options, seed);
    }

    void step() throws StageFailure {
      Origin origin = ORIGINS.get(random.nextInt(ORIGINS.size()));
      switch (random.nextInt(15)) {
        case 0, 1, 2 -> call(origin, false);
        case 3 -> call(origin, true);
        case 4 -> giveUp();
        case 5, 6, 7 -> giveBack();
        case 8 -> discard();
        case 9, 10 -> connect();
        case 11 -> fail();
        case 12 -> sweep();
        case 13 -> pass();
        default -> rare(origin);
      }
      settle();
      check();
    }

    /** As the pool does it: takes an idle one, or joins the line in the same step. */
    void call(Origin origin, boolean fresh) throws StageFailure {
      Connection idle = fresh ? null : books.ledger.takeIdle(origin);
      if (idle != null) {
        log.add("lease " + idle.id());
        CloseReason expiry = books.ledger.expiry(idle, books.now());
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
        line.add(books.join(origin, fresh));
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
        books.connect(dial);
      }
    }

    void fail() {
      if (!books.dials.isEmpty()) {
        Dial dial = books.dials.get(random.nextInt(books.dials.size()));
        log.add("fail " + dial.host.origin.host());
        books.fail(dial);
      }
    }

    void sweep() {
      log.add("sweep");
      for (Connection candidate : books.sweep()) {
        if (books.ledger.withhold(candidate)) {
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
      } else if (random.nextInt(8) == 0) {
        log.add("warmUp " + origin.host());
        books.warmUp(origin, 3);
      }
    }

    /** Callers see their outcomes. */
    void settle() {
      for (; seen < books.woken.size(); seen++) {
        Waiter waiter = books.woken.get(seen);
        assertThat(waiter.outcome()).isNotNull();
        assertThat(line.remove(waiter)).as("settled once, and not after giving up").isTrue();
        outcomes.put(waiter, waiter.outcome());
        if (waiter.outcome() instanceof Waiter.Outcome.Served(Connection connection)) {
          assertThat(waiter.fresh && connection.used())
              .as("a used one for who wants none")
              .isFalse();
          assertThat(connection.host).isSameAs(waiter.host);
          connection.begin();
          leased.add(connection);
        }
      }
    }

    void check() {
      Pool.Totals totals = books.ledger.totals();
      assertThat(totals.open()).isEqualTo(books.live.size() + books.dials.size());
      assertThat(totals.open()).isLessThanOrEqualTo(options.maxConnections());
      assertThat(totals.leased()).isEqualTo(leased.size());
      assertThat(totals.waiting()).isEqualTo(line.size());
      assertThat(new HashSet<>(leased)).as("leased to one at a time").hasSameSizeAs(leased);
      assertThat(leased).allMatch(c -> c.state == Connection.State.LEASED);
      assertThat(checked).allMatch(c -> c.state == Connection.State.CHECKED);
      List<Connection> idle =
          books.live.stream().filter(c -> c.state == Connection.State.IDLE).toList();
      assertThat(idle.size()).isLessThanOrEqualTo(options.maxIdle());
      assertThat(totals.idle()).isEqualTo(idle.size() + checked.size());
      for (Origin origin : ORIGINS) {
        long idleHere = idle.stream().filter(c -> c.origin().equals(origin)).count();
        long open =
            books.live.stream().filter(c -> c.origin().equals(origin)).count()
                + books.dials.stream().filter(d -> d.host.origin.equals(origin)).count();
        assertThat(open).isLessThanOrEqualTo(options.maxConnectionsPerHost());
        assertThat(idleHere).isLessThanOrEqualTo(options.maxIdlePerHost());
        List<Waiter> waiting = line.stream().filter(w -> w.host.origin.equals(origin)).toList();
        assertThat(idleHere > 0 && waiting.stream().anyMatch(w -> !w.fresh))
            .as("%s: somebody waits while a connection is idle for him", origin)
            .isFalse();
        for (Waiter waiter : waiting) {
          assertThat(waiter.outcome()).isNull();
          if (waiter.dial == null) {
            assertThat(
                    open == options.maxConnectionsPerHost() && (idleHere == 0 || !waiter.fresh)
                        || totals.open() == options.maxConnections() && idle.isEmpty())
                .as("%s: somebody waits, nothing is made for him, and no limit forbids it", origin)
                .isTrue();
          } else {
            assertThat(books.dials).contains(waiter.dial);
            assertThat(waiter.dial.waiter).isSameAs(waiter);
          }
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
      Pool.Totals totals = books.ledger.totals();
      assertThat(totals.open()).as("permits").isEqualTo(totals.idle());
      books.close();
      assertThat(books.ledger.totals().open()).isZero();
      assertThat(books.live).isEmpty();
    }
  }
}
