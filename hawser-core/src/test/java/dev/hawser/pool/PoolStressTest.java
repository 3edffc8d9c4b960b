package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * 200 callers, three hosts, ten connections, and faults of every kind: no place, no socket and no
 * caller is lost.
 */
@Timeout(120)
@Tag("one-carrier")
class PoolStressTest {
  private static final int CALLERS = 200;
  private static final List<Origin> ORIGINS = List.of(Books.A, Books.B, Books.C);

  @Test
  void noPlaceAndNoSocketIsLost() throws Exception {
    stress(1, 5); // loads classes, opens the pollers' descriptors
    long descriptors = Loopback.descriptors();

    stress(2, 100);

    long patience = System.nanoTime() + Duration.ofSeconds(5).toNanos();
    while (Loopback.descriptors() > descriptors && System.nanoTime() < patience) {
      Thread.sleep(10);
    }
    assertThat(Loopback.descriptors()).isLessThanOrEqualTo(descriptors);
  }

  private static void stress(long seed, int leasesEach) throws Exception {
    var options =
        PoolOptions.DEFAULTS
            .maxConnections(10)
            .maxConnectionsPerHost(5)
            .maxIdle(6)
            .maxIdlePerHost(3)
            .maxAge(Duration.ofSeconds(1))
            .waitTimeout(Duration.ofSeconds(30));
    var watchdog = new Watchdog(Ticker.SYSTEM);
    try (var loopback = new Loopback()) {
      var run = new Run(options, watchdog, loopback, seed);
      watchdog.chore(run.pool::sweep);
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < CALLERS; i++) {
        var random = new Random(seed * 1000 + i);
        threads.add(Thread.ofVirtual().start(() -> run.calls(random, leasesEach)));
      }
      for (Thread thread : threads) {
        thread.join();
      }

      assertThat(run.faults).isEmpty();
      assertThat(run.leases.get() + run.refusals.get()).isEqualTo((long) CALLERS * leasesEach);
      assertThat(run.leases.get()).isGreaterThan(CALLERS * leasesEach / 2);
      run.awaitNoDials();
      Pool.Totals totals = run.pool.totals();
      assertThat(totals.waiting()).isZero();
      assertThat(totals.leased()).isZero();
      assertThat(totals.open()).isEqualTo(totals.idle()).isLessThanOrEqualTo(6);
      run.pool.close();
      assertThat(run.pool.totals().open()).isZero();
      assertThat(watchdog.size()).isZero();
      assertThat(loopback.buffers.used()).isZero();
    }
  }

  private static final class Run {
    final Pool pool;
    final Loopback loopback;
    final Watchdog watchdog;
    final Set<Long> inUse = ConcurrentHashMap.newKeySet();
    final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
    final AtomicLong leases = new AtomicLong();
    final AtomicLong refusals = new AtomicLong();
    final AtomicLong dials = new AtomicLong();

    Run(PoolOptions options, Watchdog watchdog, Loopback loopback, long seed) {
      this.loopback = loopback;
      this.watchdog = watchdog;
      this.pool =
          new Pool(
              options,
              Http2Options.DEFAULTS,
              this::dial,
              watchdog,
              new Events(List.of()),
              new SplittableRandom(seed),
              Ticker.SYSTEM);
    }

    private Connected dial(Target target, Set<InetAddress> taken, Attempt attempt)
        throws StageFailure {
      if (dials.incrementAndGet() % 20 == 0) {
        throw StageFailure.of(Phase.CONNECT, "refused", "", null);
      }
      return loopback.connect(target, taken, attempt, watchdog);
    }

    void awaitNoDials() {
      while (pool.snapshot().stream().anyMatch(host -> host.opening() > 0)) {
        Thread.yield();
      }
    }

    void calls(Random random, int count) {
      for (int i = 0; i < count; i++) {
        try {
          call(random);
        } catch (Exception | AssertionError e) {
          faults.add(e);
        }
      }
    }

    private void call(Random random) throws Exception {
      Target target = Books.target(ORIGINS.get(random.nextInt(ORIGINS.size())));
      boolean hurried = random.nextInt(10) == 0;
      boolean interrupted = random.nextInt(50) == 0;
      boolean fresh = random.nextInt(50) == 0;
      long deadline = hurried ? Ticker.SYSTEM.nanos() + random.nextInt(2_000_000) : Ticker.NEVER;
      Connection connection;
      try {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        connection = fresh || interrupted ? null : pool.leaseIdle(target);
        if (connection == null) {
          connection =
              pool.await(target, deadline, fresh ? Wish.FRESH : Wish.ANY, 0, attempt -> {})
                  .connection();
        }
      } catch (InterruptedException e) {
        assertThat(interrupted).isTrue();
        refusals.incrementAndGet();
        return;
      } catch (StageFailure e) {
        if (e.timeout() && !hurried) {
          throw e;
        }
        refusals.incrementAndGet();
        return;
      } finally {
        boolean cleared = Thread.interrupted();
        assertThat(cleared && !interrupted).isFalse();
      }
      use(connection, random);
    }

    private void use(Connection connection, Random random) throws Exception {
      assertThat(inUse.add(connection.id())).as("leased to one at a time").isTrue();
      leases.incrementAndGet();
      connection.begin();
      if (random.nextInt(4) == 0) {
        Thread.yield();
      }
      boolean bad = random.nextInt(20) == 0;
      boolean dying = random.nextInt(40) == 0;
      if (dying) {
        loopback.closeTheServersSide(connection);
      }
      inUse.remove(connection.id());
      if (bad) {
        pool.discard(connection, CloseReason.EXCHANGE_FAILED);
      } else {
        pool.release(connection);
      }
    }
  }
}
