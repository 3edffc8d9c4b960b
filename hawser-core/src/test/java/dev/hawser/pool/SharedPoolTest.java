package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Http2Options;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Threads that share connections of many streams. */
@Timeout(60)
@Tag("one-carrier")
class SharedPoolTest {
  private static final Target S = Books.target(Books.S);

  private final Watchdog watchdog = new Watchdog(Ticker.SYSTEM);
  private final Queue<ExchangeEvent> events = new ConcurrentLinkedQueue<>();
  private final Queue<Streams> made = new ConcurrentLinkedQueue<>();
  private final CountDownLatch mayConnect = new CountDownLatch(1);
  private final AtomicInteger allowed = new AtomicInteger(100);
  private Pool pool = pool(PoolOptions.DEFAULTS, Http2Options.DEFAULTS);

  private Pool pool(PoolOptions options, Http2Options http2) {
    var opened =
        new Pool(
            options,
            http2,
            (target, taken, attempt) -> {
              mayConnect.await();
              var streams = new Streams(allowed.get());
              made.add(streams);
              return new Connected(streams.transport(), null, null, streams, null);
            },
            watchdog,
            new Events(List.of(events::add)),
            new SplittableRandom(1),
            Ticker.SYSTEM);
    watchdog.chore(opened::sweep);
    return opened;
  }

  @AfterEach
  void nothingIsLeft() {
    pool.close();
    assertThat(pool.totals().open()).isZero();
    assertThat(pool.totals().waiting()).isZero();
    assertThat(made).allMatch(Streams::isShutDown);
  }

  /**
   * The fakes share a socket, which their class connects when it is initialised: on a virtual
   * thread that would pin the only carrier.
   */
  @BeforeAll
  static void connectTheFakes() {
    assertThat(new Streams(1).capacity()).isEqualTo(1);
  }

  private Pool.Lease await() throws Exception {
    return pool.await(S, Ticker.NEVER, Wish.ANY, 1, attempt -> {});
  }

  @Test
  void manyCallersAtOnceOpenOneConnectionAndAllKnowHowItWasMade() throws Exception {
    var callers = new ArrayList<FutureTask<Pool.Lease>>();
    for (int i = 0; i < 64; i++) {
      callers.add(new FutureTask<>(this::await));
      Thread.ofVirtual().start(callers.getLast());
    }
    while (pool.totals().waiting() < 64) {
      Thread.onSpinWait();
    }

    mayConnect.countDown();

    for (FutureTask<Pool.Lease> caller : callers) {
      assertThat(caller.get().connection().id()).isEqualTo(1);
      assertThat(caller.get().attempt()).isNotNull();
    }
    assertThat(made).hasSize(1);
    assertThat(pool.snapshot().getFirst().streams()).isEqualTo(64);
    assertThat(events)
        .filteredOn(ExchangeEvent.Opened.class::isInstance)
        .singleElement()
        .extracting(event -> ((ExchangeEvent.Opened) event).connection())
        .extracting(ConnectionInfo::version)
        .isEqualTo(Version.HTTP_2);
    for (FutureTask<Pool.Lease> caller : callers) {
      pool.release(caller.get().connection());
    }
    assertThat(pool.totals().idle()).isEqualTo(1);
  }

  @Test
  void aLaterCallerGetsAStreamWithoutWaiting() throws Exception {
    mayConnect.countDown();
    Pool.Lease first = await();

    Connection second = pool.leaseIdle(S);

    assertThat(second).isSameAs(first.connection());
    pool.release(second);
    pool.discard(second, CloseReason.EXCHANGE_FAILED);
    assertThat(made.element().isShutDown()).as("only a stream has failed").isFalse();
    assertThat(pool.totals().idle()).isEqualTo(1);
  }

  @Test
  void whoWaitsTooLongForAStreamIsToldWhoHasThem() throws Exception {
    pool =
        pool(
            PoolOptions.DEFAULTS.waitTimeout(Duration.ofMillis(50)),
            Http2Options.DEFAULTS.maxConnectionsPerHost(1).maxConcurrentStreams(1));
    mayConnect.countDown();
    Connection connection = await().connection();

    assertThatThrownBy(this::await)
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining("no stream became free (1 of 1 in use on 1 connection(s)");

    pool.release(connection);
  }

  @Test
  void whatTheConnectionTellsOfItselfIsHeard() throws Exception {
    pool =
        pool(
            PoolOptions.DEFAULTS,
            Http2Options.DEFAULTS.maxConnectionsPerHost(1).maxConcurrentStreams(2));
    allowed.set(1);
    mayConnect.countDown();
    Connection first = await().connection();
    assertThat(pool.leaseIdle(S)).isNull();
    awaitWatched(first);

    made.element().allow(2);
    assertThat(pool.leaseIdle(S)).isSameAs(first);
    made.element().retire();
    assertThat(pool.leaseIdle(S)).as("after GOAWAY").isNull();
    Connection second = await().connection();
    assertThat(second).isNotSameAs(first);
    pool.release(first);
    assertThat(made.element().isShutDown()).isFalse();
    pool.release(first);
    assertThat(made.element().isShutDown()).isTrue();

    pool.release(second);
    awaitWatched(second);
    made.stream().skip(1).findFirst().orElseThrow().end(CloseReason.CLOSED_BY_PEER);
    assertThat(pool.totals().open()).isZero();
    assertThat(pool.totals().closed())
        .containsEntry(CloseReason.GOAWAY, 1L)
        .containsEntry(CloseReason.CLOSED_BY_PEER, 1L);
  }

  /** The dialling thread begins to watch after it has handed the connection out. */
  private void awaitWatched(Connection connection) {
    while (made.stream().noneMatch(s -> s == connection.multiplexed() && s.isWatched())) {
      Thread.onSpinWait();
    }
  }

  @Test
  void noStreamAndNoCallerIsLostWhateverServersDo() throws Exception {
    pool =
        pool(
            PoolOptions.DEFAULTS.maxConnections(4).waitTimeout(Duration.ofSeconds(30)),
            Http2Options.DEFAULTS.maxConnectionsPerHost(3).maxConcurrentStreams(5));
    mayConnect.countDown();
    var faults = new ConcurrentLinkedQueue<Throwable>();
    var callers = new ArrayList<Thread>();
    for (int i = 0; i < 100; i++) {
      var random = new Random(i);
      callers.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      for (int call = 0; call < 50; call++) {
                        use(random);
                      }
                    } catch (Exception | AssertionError e) {
                      faults.add(e);
                    }
                  }));
    }
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(faults).isEmpty();
    while (pool.snapshot().stream().anyMatch(host -> host.opening() > 0)) {
      Thread.yield();
    }
    assertThat(pool.totals().leased()).isZero();
    assertThat(pool.totals().waiting()).isZero();
    assertThat(pool.totals().open()).isEqualTo(pool.totals().idle()).isLessThanOrEqualTo(3);
  }

  private void use(Random random) throws Exception {
    Wish wish = Wish.ANY;
    Connection connection = pool.leaseIdle(S);
    if (connection == null || random.nextInt(20) == 0) {
      if (connection != null) {
        wish = Wish.otherThan(connection);
        pool.discard(connection, CloseReason.EXCHANGE_FAILED);
      }
      connection = pool.await(S, Ticker.NEVER, wish, 0, attempt -> {}).connection();
    }
    connection.begin();
    if (connection.multiplexed() instanceof Streams streams && streams.isWatched()) {
      switch (random.nextInt(60)) {
        case 0 -> streams.retire();
        case 1 -> streams.end(CloseReason.CLOSED_BY_PEER);
        case 2, 3, 4, 5 -> {
          streams.allow(random.nextInt(3));
          Thread.yield();
          streams.allow(5); // nobody is to wait for ever
        }
        default -> Thread.yield();
      }
    }
    if (random.nextInt(10) == 0) {
      pool.discard(connection, CloseReason.EXCHANGE_FAILED);
    } else {
      pool.release(connection);
    }
  }
}
