package dev.hawser.pool;

import static dev.hawser.pool.Books.A;
import static dev.hawser.pool.Books.S;
import static dev.hawser.pool.Books.served;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.ClientSnapshot;
import dev.hawser.CloseReason;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Target;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient.Version;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The pool's decisions about connections that carry many exchanges at once. */
class SharedLedgerTest {
  private static final PoolOptions DEFAULTS = PoolOptions.DEFAULTS;
  private static final Http2Options HTTP2 = Http2Options.DEFAULTS;

  private static Books books(Http2Options http2) {
    return new Books(DEFAULTS, http2, 1);
  }

  private static List<Waiter> join(Books books, int count) throws StageFailure {
    var all = new ArrayList<Waiter>();
    for (int i = 0; i < count; i++) {
      all.add(books.join(S));
    }
    return all;
  }

  // ---- a cold start

  @Test
  void aColdStartOpensOneConnectionForAll() throws Exception {
    var books = new Books(DEFAULTS);
    List<Waiter> callers = join(books, 60);
    assertThat(books.dials).hasSize(1);

    Connection connection = books.share(books.dials.getFirst(), new Streams(100));

    assertThat(callers).allMatch(caller -> served(caller) == connection);
    assertThat(callers).extracting(caller -> made(caller)).containsOnly(true);
    assertThat(books.woken).containsExactlyElementsOf(callers);
    assertThat(books.dials).isEmpty();
    assertThat(books.take(S)).as("who comes later has a stream, too").isSameAs(connection);
  }

  private static boolean made(Waiter waiter) {
    return waiter.outcome() instanceof Waiter.Outcome.Served(Connection _, boolean made) && made;
  }

  @Test
  void moreAreOpenedWhenTheFirstCannotServeAll() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(3));
    List<Waiter> callers = join(books, 450);
    assertThat(books.dials).hasSize(1);

    Connection first = books.share(books.dials.getFirst(), new Streams(128));

    assertThat(callers.subList(0, 100)).allMatch(caller -> served(caller) == first);
    assertThat(callers.subList(100, 450)).allMatch(caller -> caller.outcome() == null);
    assertThat(books.dials).as("four would be needed, two more are allowed").hasSize(2);
    books.share(books.dials.getFirst(), new Streams(128));
    books.share(books.dials.getFirst(), new Streams(128));
    assertThat(callers.stream().filter(caller -> caller.outcome() != null)).hasSize(300);
    assertThat(books.dials).isEmpty();
  }

  @Test
  void aServerOfHttp1GetsAConnectionForEach() throws Exception {
    var books = new Books(DEFAULTS);
    List<Waiter> callers = join(books, 5);

    Connection first = books.connect(books.dials.getFirst());

    assertThat(served(callers.getFirst())).isSameAs(first);
    assertThat(books.dials).hasSize(4);
    assertThat(callers.subList(1, 5)).allMatch(caller -> caller.dial != null);
  }

  @Test
  void thatAServerSpeaksHttp1IsRememberedForAWhile() throws Exception {
    var books = new Books(DEFAULTS);
    books.giveBack(books.open(S));
    books.drain(S);

    join(books, 3);
    assertThat(books.dials).hasSize(3);
    assertThat(books.dials).allMatch(dial -> dial.target.offersHttp2());
    while (!books.dials.isEmpty()) {
      books.giveBack(books.connect(books.dials.getFirst()));
    }
    books.drain(S);
    books.pass(Duration.ofSeconds(301));
    join(books, 3);
    assertThat(books.dials).hasSize(1);
  }

  @Test
  void whenTheOneDialFailsAllFailWithItAndNewCallersDialAnew() throws Exception {
    var books = new Books(DEFAULTS);
    List<Waiter> callers = join(books, 3);

    books.fail(books.dials.getFirst());

    assertThat(callers)
        .allSatisfy(
            caller -> {
              assertThat(caller.outcome()).isEqualTo(callers.getFirst().outcome());
              assertThat(caller.attempt).isNotNull();
            });
    assertThat(callers.getFirst().outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(books.totals().open()).isZero();
    join(books, 1);
    assertThat(books.dials).hasSize(1);
  }

  @Test
  void whenTheOneDialsTimeIsUpWhoCameLateHaveAnother() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter early = join(books, 1).getFirst();
    books.pass(Duration.ofMillis(2_000));
    List<Waiter> late = join(books, 2);
    books.pass(Duration.ofMillis(1_000));

    books.timeOut(books.dials.getFirst());

    assertThat(early.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(late).allSatisfy(caller -> assertThat(caller.outcome()).isNull());
    assertThat(books.dials).hasSize(1);
    books.share(books.dials.getFirst(), new Streams(100));
    late.forEach(Books::served);
  }

  @Test
  void plainHttpStartsAsHttp1() throws Exception {
    var books = new Books(DEFAULTS);
    books.join(A);
    books.join(A);

    assertThat(books.dials).hasSize(2);
  }

  @Test
  void whoAsksForHttp1GetsNoSharedConnection() throws Exception {
    var books = new Books(DEFAULTS);
    books.openShared(S, 100);
    var http1 = new Target(S, Version.HTTP_1_1);

    assertThat(books.ledger.take(http1, Wish.ANY, books.now())).isNull();
    books.decide(
        decisions -> {
          try {
            books.ledger.join(http1, Wish.ANY, decisions);
          } catch (StageFailure e) {
            throw new AssertionError(e);
          }
        });
    assertThat(books.dials).hasSize(1);
    assertThat(books.dials.getFirst().target).isEqualTo(http1);
    assertThat(books.snapshot()).as("one host to its user").hasSize(1);
  }

  @Test
  void whoGivesUpWhileTheOneDialGoesOnSaysForWhatHeWaited() throws Exception {
    var books = new Books(DEFAULTS);
    List<Waiter> callers = join(books, 2);

    StageFailure failure = books.ledger.giveUp(callers.getFirst());

    assertThat(failure).hasMessageContaining("the caller's time was up");
    assertThat(callers.getFirst().attempt).isSameAs(books.dials.getFirst().attempt);
    Connection connection = books.share(books.dials.getFirst(), new Streams(100));
    assertThat(callers.getFirst().outcome()).isNull();
    assertThat(served(callers.get(1))).isSameAs(connection);
  }

  // ---- streams

  @Test
  void streamsAreLeasedUpToTheServersLimitAndThoseBeyondWait() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection connection = books.openShared(S, 2);
    assertThat(books.take(S)).isSameAs(connection);

    assertThat(books.take(S)).isNull();
    Waiter waiter = books.join(S);
    assertThat(books.dials).as("no other is allowed").isEmpty();
    books.giveBack(connection);

    assertThat(served(waiter)).isSameAs(connection);
    assertThat(made(waiter)).isFalse();
    assertThat(connection.leases).isEqualTo(2);
  }

  @Test
  void ourOwnLimitHoldsWhereTheServerAllowsMore() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1).maxConcurrentStreams(1));
    books.openShared(S, 100);

    assertThat(books.take(S)).isNull();
  }

  @Test
  void theConnectionWithTheFewestStreamsIsUsedFirst() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(3));
    Connection one = books.openShared(S, 100);
    books.take(S);
    books.take(S);
    Waiter beyond = books.join(S);
    Connection two = books.share(books.dials.getFirst(), new Streams(100));
    assertThat(served(beyond)).isSameAs(two);

    assertThat(books.take(S)).isSameAs(two);
    books.giveBack(one);
    books.giveBack(one);
    assertThat(books.take(S)).as("it has one, the other two").isSameAs(one);
  }

  @Test
  void aFailedExchangeEndsItsStreamOnly() throws Exception {
    var books = new Books(DEFAULTS);
    Connection connection = books.openShared(S, 100);
    books.take(S);

    books.discard(connection);
    assertThat(connection.leases).isEqualTo(1);
    books.discard(connection);

    assertThat(books.closed).isEmpty();
    assertThat(books.totals().idle()).isEqualTo(1);
  }

  @Test
  void aLoweredLimitHoldsOnceEnoughStreamsHaveEnded() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection connection = books.openShared(S, 3);
    books.take(S);
    books.take(S);

    books.allow(connection, 1);
    Waiter waiter = books.join(S);
    books.giveBack(connection);
    books.giveBack(connection);
    assertThat(waiter.outcome()).as("one is in use, and one is allowed").isNull();
    books.giveBack(connection);
    assertThat(served(waiter)).isSameAs(connection);
  }

  @Test
  void aRaisedLimitServesThoseInLine() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection connection = books.openShared(S, 1);
    List<Waiter> callers = join(books, 3);

    books.allow(connection, 3);

    assertThat(served(callers.get(0))).isSameAs(connection);
    assertThat(served(callers.get(1))).isSameAs(connection);
    assertThat(callers.get(2).outcome()).isNull();
  }

  @Test
  void aNewConnectionGetsNoMoreThanTheServerAllowedOnTheLast() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(2));
    List<Waiter> callers = join(books, 60);
    Connection first = books.share(books.dials.getFirst(), new Streams(100));
    books.allow(first, 20);
    books.retire(first, CloseReason.GOAWAY);
    List<Waiter> later = join(books, 60);

    Connection next = books.share(books.dials.getFirst(), new Streams(100));

    assertThat(callers).allMatch(caller -> served(caller) == first);
    assertThat(later.subList(0, 20)).allMatch(caller -> served(caller) == next);
    assertThat(later.subList(20, 60)).allMatch(caller -> caller.outcome() == null);
    books.allow(next, 100);
    assertThat(later).as("what it says itself counts").allMatch(caller -> served(caller) == next);
  }

  @Test
  void whereTheLastAllowedNothingTheNextIsTriedWithOne() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(2));
    Connection first = books.openShared(S, 1);
    books.allow(first, 0);
    books.lose(first, CloseReason.CLOSED_BY_PEER);
    List<Waiter> later = join(books, 2);

    Connection next = books.share(books.dials.getFirst(), new Streams(100));

    assertThat(served(later.getFirst())).isSameAs(next);
    assertThat(later.getLast().outcome()).isNull();
  }

  @Test
  void anIdleConnectionThatAllowsNothingForNowIsNotUsed() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection connection = books.openShared(S, 1);
    books.giveBack(connection);
    books.allow(connection, 0);

    assertThat(books.take(S)).isNull();
    Waiter waiter = books.join(S);
    assertThat(waiter.outcome()).isNull();
    books.allow(connection, 1);

    assertThat(served(waiter)).isSameAs(connection);
    assertThat(books.totals().idle()).isZero();
  }

  @Test
  void whoWaitsForAStreamTooLongIsToldWhoHasThem() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    books.openShared(S, 2);
    books.take(S);

    StageFailure failure = books.ledger.giveUp(books.join(S));

    assertThat(failure.problem())
        .isEqualTo(
            "no stream became free (2 of 2 in use on 1 connection(s), 0 being opened, 1 waiting)");
    assertThat(failure.advice())
        .contains("The server allows 2 streams", "http2.maxConnectionsPerHost=1");
  }

  @Test
  void theLineForStreamsIsBounded() throws Exception {
    var books = new Books(DEFAULTS.maxWaitingPerHost(0), HTTP2.maxConnectionsPerHost(1), 1);
    List<Waiter> riders = join(books, 100);
    assertThat(books.dials).as("all have a stream of it to come").hasSize(1);
    assertThatThrownBy(() -> books.join(S)).hasMessageContaining("the line is full");
    books.share(books.dials.getFirst(), new Streams(100));

    assertThat(riders).allMatch(rider -> rider.outcome() != null);
    assertThatThrownBy(() -> books.join(S))
        .hasMessageContaining("the line is full (100 of 100 in use on 1 connection(s)");
  }

  // ---- repeats

  @Test
  void whoWasRefusedGetsAnotherConnectionIfThereIsOne() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(2));
    Connection refuser = books.openShared(S, 100);

    Waiter repeats = books.join(S, Wish.otherThan(refuser));
    assertThat(books.dials).hasSize(1);
    Connection other = books.share(books.dials.getFirst(), new Streams(100));
    assertThat(served(repeats)).isSameAs(other);
    assertThat(books.take(S, Wish.otherThan(refuser))).isSameAs(other);
  }

  @Test
  void andTheSameOneIfThereCanBeNoOther() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection refuser = books.openShared(S, 100);

    assertThat(books.take(S, Wish.otherThan(refuser))).isNull();
    assertThat(served(books.join(S, Wish.otherThan(refuser)))).isSameAs(refuser);
  }

  @Test
  void andTheSameOneWhenTheOtherCannotBeOpened() throws Exception {
    var books = new Books(DEFAULTS);
    Connection refuser = books.openShared(S, 100);
    Waiter repeats = books.join(S, Wish.otherThan(refuser));

    books.fail(books.dials.getFirst());

    assertThat(served(repeats)).isSameAs(refuser);
  }

  @Test
  void aServerThatRequiresHttp1GetsItAndIsNotAskedForMoreForAWhile() throws Exception {
    var books = new Books(DEFAULTS);
    Connection connection = books.openShared(S, 100);
    books.take(S);

    books.requireHttp1(connection);
    assertThat(books.take(S)).isNull();
    Waiter waiter = books.join(S);

    assertThat(waiter.dial).isNotNull();
    assertThat(waiter.dial.target).isEqualTo(new Target(S, Version.HTTP_1_1));
    books.connect(waiter.dial);
    books.giveBack(connection);
    books.giveBack(connection);
    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.HTTP_1_1_REQUIRED);
    books.giveBack(served(waiter));
    books.drain(S);
    books.pass(Duration.ofSeconds(301));
    books.join(S);
    assertThat(books.dials.getFirst().target).isEqualTo(Books.target(S));
  }

  @Test
  void aDialThatWasUnderWayWhenHttp1WasRequiredIsNotUsed() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(1));
    Connection connection = books.openShared(S, 100);
    Waiter waiter = books.join(S);
    Dial late = books.dials.getFirst();

    books.requireHttp1(connection);
    Connection unwanted = books.share(late, new Streams(100));

    assertThat(books.reasonOf(unwanted)).isEqualTo(CloseReason.HTTP_1_1_REQUIRED);
    assertThat(waiter.outcome()).isNull();
    assertThat(books.dials).hasSize(1);
    assertThat(books.dials.getFirst().target.offersHttp2()).isFalse();
  }

  // ---- more connections

  @Test
  void aSecondConnectionThatFailsFailsNobodyWhoMayGetAStream() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(1));
    Connection connection = books.openShared(S, 100);
    Waiter waiter = books.join(S);

    books.fail(books.dials.getFirst());

    assertThat(waiter.outcome()).isNull();
    assertThat(books.dials).as("not again at once").isEmpty();
    books.giveBack(connection);
    assertThat(served(waiter)).isSameAs(connection);
  }

  @Test
  void oneTooManyIsClosedWhenItCarriesNothing() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    books.giveBack(books.open(S)); // it speaks HTTP/1.1, as far as is known
    books.drain(S);
    List<Waiter> callers = join(books, 2);
    Connection first = books.share(books.dials.getFirst(), new Streams(100));
    assertThat(callers).allMatch(caller -> served(caller) == first);

    Connection second = books.share(books.dials.getFirst(), new Streams(100));

    assertThat(books.reasonOf(second)).isEqualTo(CloseReason.EVICTED);
  }

  @Test
  void anUpgradedConnectionIsShared() throws Exception {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(1));
    Connection connection = books.open(A);
    Waiter waiter = books.join(A);

    books.upgrade(connection, new Streams(100));

    assertThat(served(waiter)).isSameAs(connection);
    assertThat(books.take(A)).isSameAs(connection);
    assertThat(connection.leases).isEqualTo(3);
    assertThat(connection.isMultiplexed()).isTrue();
  }

  @Test
  void newConnectionsAreToGoWhereThereIsNone() throws Exception {
    InetAddress two = InetAddress.ofLiteral("127.0.0.2");
    try (var server = new ServerSocket(0)) {
      var books = books(HTTP2.maxConcurrentStreams(1));
      Waiter first = books.join(S);
      assertThat(books.dials.getFirst().taken).isEmpty();
      Transport transport = to(two, server);
      books.share(books.dials.getFirst(), new Streams(100, transport));
      assertThat(served(first)).isNotNull();

      books.join(S);

      assertThat(books.dials.getFirst().taken).containsExactly(two);
      transport.close();
    }
  }

  private static Transport to(InetAddress address, ServerSocket server) throws IOException {
    var channel = SocketChannel.open(new InetSocketAddress(address, server.getLocalPort()));
    return new PlainTransport(channel, new Watchdog(() -> 0), new Buffers(1));
  }

  // ---- age and end

  @Test
  void aRetiredOneFinishesItsStreamsAndIsClosedThen() throws Exception {
    var books = books(HTTP2.maxConnectionsPerHost(1));
    Connection connection = books.openShared(S, 2);
    books.take(S);
    Waiter waiter = books.join(S);

    books.retire(connection, CloseReason.GOAWAY);

    assertThat(books.dials).as("another one takes its place").hasSize(1);
    books.giveBack(connection);
    assertThat(waiter.outcome()).isNull();
    assertThat(books.reasonOf(connection)).isNull();
    books.giveBack(connection);
    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.GOAWAY);
  }

  @Test
  void oneThatIsNeverIdleIsRetiredWhenItIsTooOld() throws Exception {
    var books = new Books(DEFAULTS.maxAge(Duration.ofSeconds(10)));
    Connection connection = books.openShared(S, 2);
    books.take(S);
    Waiter waiter = books.join(S);
    books.pass(Duration.ofSeconds(10));

    assertThat(books.take(S)).isNull();
    books.giveBack(connection);
    assertThat(waiter.outcome()).isNull();
    assertThat(connection.retired).isEqualTo(CloseReason.MAX_AGE);
    assertThat(books.dials).hasSize(1);
    books.giveBack(connection);
    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.MAX_AGE);
  }

  @Test
  void anIdleOneIsClosedByItsTimeoutAndNobodyLooksAtItsSocket() throws Exception {
    var books = new Books(DEFAULTS.idleTimeout(Duration.ofSeconds(10)));
    Connection connection = books.openShared(S, 2);
    books.giveBack(connection);
    books.pass(Duration.ofSeconds(9));
    assertThat(books.sweep()).isEmpty();

    books.pass(Duration.ofSeconds(1));
    assertThat(books.take(S)).isNull();
    books.join(S);

    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.IDLE_TIMEOUT);
    assertThat(books.dials).hasSize(1);
  }

  @Test
  void oneThatEndsUnderItsStreamsLeavesItsPlaceAtOnceAndCountsOnce() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1), HTTP2.maxConcurrentStreams(2), 1);
    Connection connection = books.openShared(S, 2);
    books.take(S);
    Waiter waiter = books.join(S);
    assertThat(books.dials).isEmpty();

    books.lose(connection, CloseReason.EXCHANGE_FAILED);

    assertThat(books.dials).as("for who waits").hasSize(1);
    books.discard(connection);
    books.discard(connection);
    assertThat(books.closed).hasSize(1);
    assertThat(books.totals().open()).isEqualTo(1);
    assertThat(served(waiter(books, waiter))).isNotSameAs(connection);
  }

  private static Waiter waiter(Books books, Waiter waiter) {
    books.share(books.dials.getFirst(), new Streams(2));
    return waiter;
  }

  @Test
  void whatTheServerSaidBeforeItClosedIsTheReason() throws Exception {
    var books = new Books(DEFAULTS);
    Connection connection = books.openShared(S, 2);

    books.retire(connection, CloseReason.GOAWAY);
    books.lose(connection, CloseReason.CLOSED_BY_PEER);

    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.GOAWAY);
  }

  @Test
  void drainingAndMovingRetireSharedOnesAndOneTakesTheirPlace() throws Exception {
    var books = new Books(DEFAULTS);
    Connection first = books.openShared(S, 100);
    books.take(S);

    books.moved(S, 1, 0, Set.of(InetAddress.getLoopbackAddress()));
    assertThat(first.retired).isEqualTo(CloseReason.ADDRESS_REMOVED);
    assertThat(books.dials).hasSize(1);
    Connection second = books.share(books.dials.getFirst(), new Streams(100));
    assertThat(books.take(S)).isSameAs(second);
    books.drain(S);
    books.giveBack(second);

    assertThat(books.reasonOf(second)).isEqualTo(CloseReason.DRAINED);
    assertThat(books.reasonOf(first)).isNull();
  }

  @Test
  void theMinimumIdleIsOneOfThemAndNoMore() throws Exception {
    var books = new Books(DEFAULTS.minIdlePerHost(3));
    books.warmUp(S, 3);
    assertThat(books.dials).hasSize(1);
    books.share(books.dials.getFirst(), new Streams(100));

    books.sweep();

    assertThat(books.dials).isEmpty();
  }

  @Test
  void aWarmUpOfAServerOfHttp1GoesOnWhenThatIsKnown() {
    var books = new Books(DEFAULTS);
    books.warmUp(S, 3);
    assertThat(books.dials).hasSize(1);

    books.connect(books.dials.getFirst());

    assertThat(books.dials).hasSize(2);
  }

  @Test
  void theSnapshotTellsTheStreams() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(10));
    books.openShared(S, 100);
    books.take(S);

    ClientSnapshot.Host host = books.snapshot().getFirst();

    assertThat(host.origin()).isEqualTo(new Origin("https", "s", 443));
    assertThat(host.streams()).isEqualTo(2);
    assertThat(host.streamCapacity()).isEqualTo(10);
    assertThat(host.leased()).isEqualTo(1);
    assertThat(host.connections()).singleElement().extracting("version").isEqualTo(Version.HTTP_2);
  }

  @Test
  void closingEndsTheLineAndIdleOnesNowAndBusyOnesWhenTheyAreDone() throws Exception {
    var books = books(HTTP2.maxConcurrentStreams(1).maxConnectionsPerHost(1));
    Connection busy = books.openShared(S, 1);
    Waiter waiter = books.join(S);

    books.close();

    assertThat(waiter.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(books.closed).isEmpty();
    books.giveBack(busy);
    assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.CLIENT_CLOSED);
    assertThat(books.totals().open()).isZero();
  }
}
