package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Target;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the pool adds to its ledger: threads that wait, and sockets. */
@Timeout(20)
class PoolTest {
  private static final Target A = Books.target(Books.A);

  private final Watchdog watchdog = new Watchdog(Ticker.SYSTEM);
  private Loopback loopback;
  private Pool pool;

  @BeforeEach
  void open() throws Exception {
    loopback = new Loopback();
    pool = pool(PoolOptions.DEFAULTS.maxConnectionsPerHost(1).waitTimeout(Duration.ofMillis(200)));
  }

  private Pool pool(PoolOptions options) {
    var made =
        new Pool(
            options,
            Http2Options.DEFAULTS,
            (target, taken, attempt) -> loopback.connect(target, taken, attempt, watchdog),
            watchdog,
            new Events(List.of()),
            new SplittableRandom(1),
            Ticker.SYSTEM);
    watchdog.chore(made::sweep);
    return made;
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    pool.close();
    assertThat(pool.totals().open()).isZero();
    assertThat(pool.totals().waiting()).isZero();
    loopback.close();
  }

  private Connection lease() throws Exception {
    Connection idle = pool.leaseIdle(A);
    return idle != null ? idle : await(Ticker.NEVER);
  }

  private Connection await(long deadline) throws Exception {
    return pool.await(A, deadline, Wish.ANY, 1, attempt -> {}).connection();
  }

  @Test
  void whatBecomesIdleBetweenTheLookAndTheLineIsTaken() throws Exception {
    Connection connection = lease();
    connection.begin();
    assertThat(pool.leaseIdle(A)).isNull();
    pool.release(connection);

    Connection again = await(Ticker.NEVER);

    assertThat(again).isSameAs(connection);
    pool.release(again);
  }

  @Test
  void whoWaitsTooLongIsToldWhoHasTheConnections() throws Exception {
    Connection connection = lease();

    assertThatThrownBy(() -> await(Ticker.NEVER))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining(
            "no connection became free (1 in use, 0 idle, 0 being opened, 1 waiting)");

    pool.release(connection);
  }

  @Test
  void whoWantsOneElsewhereDoesNotWaitForIt() throws Exception {
    Connection connection = lease();
    connection.begin();

    assertThatThrownBy(() -> pool.await(A, Ticker.NEVER, Wish.beside(connection), 1, attempt -> {}))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining("(1 in use, 0 idle, 0 being opened, 0 waiting)");

    pool.release(connection);
    assertThat(pool.leaseIdle(A, Wish.beside(connection))).as("the same address").isNull();
    assertThat(pool.leaseIdle(A, Wish.otherThan(connection))).isSameAs(connection);
    pool.release(connection);
  }

  @Test
  void whoIsInterruptedInLineLeavesIt() throws Exception {
    pool = pool(PoolOptions.DEFAULTS.maxConnectionsPerHost(1));
    Connection connection = lease();
    var waiting = new FutureTask<>(() -> await(Ticker.NEVER));
    Thread thread = Thread.ofVirtual().start(waiting);
    while (pool.totals().waiting() == 0) {
      Thread.onSpinWait();
    }

    thread.interrupt();

    assertThatThrownBy(waiting::get).hasCauseInstanceOf(InterruptedException.class);
    assertThat(pool.totals().waiting()).isZero();
    pool.release(connection);
    assertThat(pool.totals().idle()).isEqualTo(1);
  }

  @Test
  void aDeadIdleConnectionIsNotLeased() throws Exception {
    Connection connection = lease();
    connection.begin();
    while (loopback.open() == 0) {
      Thread.onSpinWait();
    }
    loopback.closeTheServersSide(connection);
    while (connection.transport().probe() == Transport.Liveness.ALIVE) {
      Thread.onSpinWait();
    }
    pool.release(connection);

    assertThat(pool.leaseIdle(A)).isNull();
    assertThat(pool.totals().closed()).containsEntry(CloseReason.CLOSED_BY_PEER, 1L);
    assertThat(connection.transport().isOpen()).isFalse();
  }

  @Test
  void aConnectionMadeForOneWhoLeftIsKeptForTheNext() throws Exception {
    var go = new CountDownLatch(1);
    pool =
        new Pool(
            PoolOptions.DEFAULTS,
            Http2Options.DEFAULTS,
            (target, taken, attempt) -> {
              go.await();
              return loopback.connect(target, taken, attempt, watchdog);
            },
            watchdog,
            new Events(List.of()),
            new SplittableRandom(1),
            Ticker.SYSTEM);
    assertThatThrownBy(() -> await(Ticker.SYSTEM.nanos() + 10_000_000))
        .hasMessageContaining("the caller's time was up");

    go.countDown();
    Connection connection = await(Ticker.NEVER);

    assertThat(connection.id()).isEqualTo(1);
    assertThat(pool.totals().opened()).isEqualTo(1);
    pool.release(connection);
  }

  @Test
  void aDialerThatThrowsAnErrorLosesNoPlace() throws Exception {
    pool =
        new Pool(
            PoolOptions.DEFAULTS.maxConnectionsPerHost(1),
            Http2Options.DEFAULTS,
            (target, taken, attempt) -> {
              throw new StackOverflowError("as if");
            },
            watchdog,
            new Events(List.of()),
            new SplittableRandom(1),
            Ticker.SYSTEM);

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> await(Ticker.NEVER)).hasMessageContaining("as if");
      assertThat(pool.totals().open()).isZero();
    }
  }
}
