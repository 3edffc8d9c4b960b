package dev.hawser.pool;

import static dev.hawser.pool.Books.A;
import static dev.hawser.pool.Books.B;
import static dev.hawser.pool.Books.C;
import static dev.hawser.pool.Books.served;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.CloseReason;
import dev.hawser.PoolOptions;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The pool's decisions, one by one, on a clock that only the test moves. */
class LedgerTest {
  private static final PoolOptions DEFAULTS = PoolOptions.DEFAULTS;
  private static final PoolOptions ONE = DEFAULTS.maxConnectionsPerHost(1);

  // ---- reuse

  @Test
  void theConnectionUsedLastIsUsedFirst() throws Exception {
    var books = new Books(DEFAULTS);
    List<Connection> connections = books.openIdle(A, 3);

    assertThat(books.take(A)).isSameAs(connections.get(2));
    assertThat(books.take(A)).isSameAs(connections.get(1));
    assertThat(books.take(A)).isSameAs(connections.get(0));
    assertThat(books.take(A)).isNull();
  }

  @Test
  void aConnectionBelongsToItsOriginAlone() throws Exception {
    var books = new Books(DEFAULTS);
    books.openIdle(A, 1);

    assertThat(books.take(B)).isNull();
  }

  @Test
  void aCheckedConnectionReturnsToItsPlaceInTheStack() throws Exception {
    var books = new Books(DEFAULTS);
    List<Connection> connections = books.openIdle(A, 3);

    assertThat(books.upkeep.withhold(connections.get(1))).isTrue();
    assertThat(books.upkeep.withhold(connections.get(1))).isFalse();
    assertThat(books.totals().idle()).isEqualTo(3);
    books.backFromCheck(connections.get(1), null);

    assertThat(books.take(A)).isSameAs(connections.get(2));
    assertThat(books.take(A)).isSameAs(connections.get(1));
  }

  @Test
  void whoMeetsTheSweepGetsWhatItLooksAtAndNothingIsMade() throws Exception {
    var books = new Books(DEFAULTS);
    Connection only = books.openIdle(A, 1).getFirst();
    assertThat(books.upkeep.withhold(only)).isTrue();

    Waiter caller = books.join(A);
    assertThat(books.dials).isEmpty();
    Waiter another = books.join(A);
    assertThat(books.dials).as("one look is not for two").hasSize(1);
    books.backFromCheck(only, null);

    assertThat(served(caller)).isSameAs(only);
    assertThat(another.dial).isNotNull();
  }

  @Test
  void whoMeetsTheSweepOfAConnectionThatIsClosedGetsOneMade() throws Exception {
    var books = new Books(DEFAULTS);
    Connection only = books.openIdle(A, 1).getFirst();
    assertThat(books.upkeep.withhold(only)).isTrue();
    Waiter caller = books.join(A);

    books.backFromCheck(only, CloseReason.CLOSED_BY_PEER);

    assertThat(books.dials).hasSize(1);
    assertThat(caller.dial).isNotNull();
  }

  // ---- the line

  @Test
  void callersAreServedInTheOrderOfTheirArrival() throws Exception {
    var books = new Books(ONE);
    Connection connection = books.open(A);
    Waiter first = books.join(A);
    Waiter second = books.join(A);
    assertThat(books.dials).isEmpty();

    books.giveBack(connection);
    assertThat(served(first)).isSameAs(connection);
    assertThat(second.outcome()).isNull();
    books.giveBack(connection);
    assertThat(served(second)).isSameAs(connection);
    assertThat(books.woken).endsWith(first, second);
  }

  @Test
  void aPlaceUnderTheTotalGoesToWhoeverHasWaitedLongestWhateverHisOrigin() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1));
    Connection connection = books.open(A);
    Waiter b = books.join(B);
    Waiter a = books.join(A);
    Waiter c = books.join(C);

    books.giveBack(connection);
    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.EVICTED);
    Connection toB = books.connect(books.dials.getFirst());
    assertThat(served(b)).isSameAs(toB);
    books.discard(toB);
    Connection toA = books.connect(books.dials.getFirst());
    assertThat(served(a)).isSameAs(toA);
    toA.begin();
    books.giveBack(toA);
    Connection toC = books.connect(books.dials.getFirst());
    assertThat(served(c)).isSameAs(toC);
  }

  @Test
  void aConnectionGoesToItsOwnLineWhenThatHasWaitedLonger() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1));
    Connection connection = books.open(A);
    Waiter a = books.join(A);
    Waiter b = books.join(B);

    books.giveBack(connection);

    assertThat(served(a)).isSameAs(connection);
    assertThat(b.outcome()).isNull();
  }

  @Test
  void whoGivesUpIsPassedOverAndSaysWhatHeWaitedFor() throws Exception {
    var books = new Books(ONE);
    Connection connection = books.open(A);
    Waiter first = books.join(A);
    Waiter second = books.join(A);

    StageFailure failure = books.ledger.giveUp(first);
    assertThat(failure.timeout()).isTrue();
    assertThat(failure.problem()).contains("1 in use, 0 idle, 0 being opened, 2 waiting");
    assertThat(failure.advice()).contains("pool.maxConnectionsPerHost=1", "pool.waitTimeout=PT30S");

    books.giveBack(connection);
    assertThat(first.outcome()).isNull();
    assertThat(served(second)).isSameAs(connection);
  }

  @Test
  void whoeverWaitsForTheTotalIsToldSo() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1));
    books.open(A);

    assertThat(books.ledger.giveUp(books.join(B)).advice()).contains("pool.maxConnections=1");
  }

  @Test
  void theLineIsBounded() throws Exception {
    var books = new Books(ONE.maxWaitingPerHost(2));
    books.open(A);
    books.join(A);
    books.join(A);

    assertThatThrownBy(() -> books.join(A))
        .isInstanceOf(StageFailure.class)
        .hasMessageContaining("the line is full (1 in use, 0 idle, 0 being opened, 2 waiting)");
    assertThat(books.totals().waiting()).isEqualTo(2);
    books.join(B); // another origin's is its own
  }

  @Test
  void aLineOfNoneStillLetsThoseInForWhomAConnectionCanBeMade() throws Exception {
    var books = new Books(ONE.maxWaitingPerHost(0));

    books.join(A);

    assertThat(books.dials).hasSize(1);
    assertThatThrownBy(() -> books.join(A)).isInstanceOf(StageFailure.class);
  }

  // ---- limits

  @Test
  void noMoreThanTheHostsLimitAreOpenedForIt() throws Exception {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(2));
    for (int i = 0; i < 5; i++) {
      books.join(A);
    }
    books.join(B);

    assertThat(books.dials.stream().map(dial -> dial.host.origin)).containsExactly(A, A, B);
  }

  @Test
  void noMoreThanTheTotalAreOpened() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(2));
    books.join(A);
    books.join(B);
    books.join(C);

    assertThat(books.dials).hasSize(2);
    assertThat(books.totals().open()).isEqualTo(2);
  }

  @Test
  void atTheTotalTheOldestIdleConnectionOfAnotherHostMakesPlace() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(3));
    Connection older = books.openIdle(B, 1).getFirst();
    Connection newer = books.openIdle(C, 1).getFirst();
    books.open(A);

    books.join(A);

    assertThat(books.reasonOf(older)).isEqualTo(CloseReason.EVICTED);
    assertThat(books.live).contains(newer);
    assertThat(books.dials).hasSize(1);
    assertThat(books.totals().open()).isEqualTo(3);
  }

  @Test
  void theOldestIdleOneIsClosedWhenAHostHasTooMany() throws Exception {
    var books = new Books(DEFAULTS.maxIdlePerHost(2));
    List<Connection> connections = books.openIdle(A, 3);

    assertThat(books.reasonOf(connections.getFirst())).isEqualTo(CloseReason.EVICTED);
    assertThat(books.live).containsExactly(connections.get(1), connections.get(2));
  }

  @Test
  void theOldestIdleOneIsClosedWhenAllHostsTogetherHaveTooMany() throws Exception {
    var books = new Books(DEFAULTS.maxIdle(2));
    Connection oldest = books.openIdle(A, 1).getFirst();
    books.openIdle(B, 2);

    assertThat(books.reasonOf(oldest)).isEqualTo(CloseReason.EVICTED);
    assertThat(books.totals().idle()).isEqualTo(2);
  }

  @Test
  void noIdleConnectionIsKeptWhereNoneMayBe() throws Exception {
    var books = new Books(DEFAULTS.maxIdlePerHost(0));
    Connection connection = books.open(A);

    books.giveBack(connection);

    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.EVICTED);
  }

  @Test
  void connectionsThatNobodyWantsAnyMoreObeyTheLimitOfIdleOnes() throws Exception {
    var books = new Books(DEFAULTS.maxIdlePerHost(1));
    Waiter first = books.join(A);
    Waiter second = books.join(A);
    books.ledger.giveUp(first);
    books.ledger.giveUp(second);

    books.connect(books.dials.getFirst());
    books.connect(books.dials.getFirst());

    assertThat(books.totals().idle()).isEqualTo(1);
    assertThat(books.closed).hasSize(1);
  }

  // ---- dials

  @Test
  void theFirstConnectionReadyGoesToTheFirstInLineAndTheOtherDialToTheOther() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter first = books.join(A);
    Waiter second = books.join(A);
    Dial slow = books.dials.get(0);
    Dial fast = books.dials.get(1);

    Connection connection = books.connect(fast);

    assertThat(served(first)).isSameAs(connection);
    assertThat(second.dial).isSameAs(slow);
    assertThat(slow.waiter).isSameAs(second);
    assertThat(books.dials).containsExactly(slow);
  }

  @Test
  void theDialOfOneServedOtherwiseServesTheNextOrIsKeptIdle() throws Exception {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(2));
    Connection busy = books.open(A);
    Waiter first = books.join(A); // the second place
    Waiter second = books.join(A); // none left

    assertThat(second.dial).isNull();
    books.giveBack(busy);

    assertThat(served(first)).isSameAs(busy);
    assertThat(second.dial).isSameAs(books.dials.getFirst());
    books.ledger.giveUp(second);
    Connection idle = books.connect(books.dials.getFirst());
    assertThat(books.take(A)).isSameAs(idle);
  }

  @Test
  void aDialThatNobodyWaitsForIsTakenOverByTheNextCaller() throws Exception {
    var books = new Books(DEFAULTS);
    books.ledger.giveUp(books.join(A));

    Waiter next = books.join(A);

    assertThat(books.dials).hasSize(1);
    Connection connection = books.connect(books.dials.getFirst());
    assertThat(served(next)).isSameAs(connection);
  }

  /** Comes so long after it was begun for one who has given up. */
  private static Waiter takesADialOver(Books books, Duration after) throws StageFailure {
    books.ledger.giveUp(books.join(A));
    books.pass(after);
    return books.join(A);
  }

  @Test
  void whoTookADialOverLateHasAnotherWhenItsTimeIsUp() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter next = takesADialOver(books, Duration.ofMillis(2_999));
    books.pass(Duration.ofMillis(1));

    books.timeOut(books.dials.getFirst());

    assertThat(next.outcome()).isNull();
    books.timeOut(next.dial); // begun for him
    assertThat(next.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(books.dials).isEmpty();
    assertThat(books.totals().open()).isZero();
  }

  @Test
  void whoTookADialOverEarlyFailsWithIt() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter next = takesADialOver(books, Duration.ofMillis(1_000));
    books.pass(Duration.ofMillis(2_000));

    books.timeOut(books.dials.getFirst());

    assertThat(next.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
  }

  @Test
  void whoTookADialOverFailsWithItWhenItIsRefused() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter next = takesADialOver(books, Duration.ofMillis(1));

    books.fail(books.dials.getFirst());

    assertThat(next.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
  }

  @Test
  void aFailedDialFailsTheOneItWasMadeForAndPassesItsPlaceOn() throws Exception {
    var books = new Books(ONE);
    Waiter first = books.join(A);
    Waiter second = books.join(A);

    books.fail(books.dials.getFirst());

    assertThat(first.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(first.attempt).isNotNull();
    assertThat(second.outcome()).isNull();
    assertThat(second.dial).isSameAs(books.dials.getFirst());
    assertThat(books.totals().open()).isEqualTo(1);
  }

  @Test
  void aFailedDialThatNobodyWaitsForFailsNobody() throws Exception {
    var books = new Books(ONE);
    books.ledger.giveUp(books.join(A));

    books.fail(books.dials.getFirst());

    assertThat(books.woken).isEmpty();
    assertThat(books.totals().open()).isZero();
  }

  @Test
  void aFailedDialsPlaceUnderTheTotalGoesToAnotherHostsLine() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1));
    books.join(A);
    Waiter b = books.join(B);

    books.fail(books.dials.getFirst());

    assertThat(b.dial).isNotNull();
  }

  // ---- those who want a fresh one

  @Test
  void whoWantsAFreshConnectionGetsNoUsedOne() throws Exception {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(2));
    Connection used = books.open(A);
    Waiter picky = books.join(A, true);
    Waiter other = books.join(A);

    books.giveBack(used);

    assertThat(picky.outcome()).isNull();
    assertThat(served(other)).isSameAs(used);
    Connection fresh = books.connect(books.dials.getFirst());
    assertThat(served(picky)).isSameAs(fresh);
  }

  @Test
  void atTheHostsLimitAUsedConnectionMakesPlaceForAFreshOne() throws Exception {
    var books = new Books(ONE);
    Connection used = books.open(A);
    Waiter picky = books.join(A, true);

    books.giveBack(used);

    assertThat(books.reasonOf(used)).isEqualTo(CloseReason.EVICTED);
    assertThat(picky.dial).isNotNull();
  }

  @Test
  void atTheHostsLimitAnIdleConnectionMakesPlaceForAFreshOne() throws Exception {
    var books = new Books(ONE);
    Connection idle = books.openIdle(A, 1).getFirst();

    Waiter picky = books.join(A, true);

    assertThat(picky.dial).isNotNull();
    assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.EVICTED);
    assertThat(books.totals().open()).isEqualTo(1);
  }

  @Test
  void atTheTotalAnIdleConnectionOfTheSameHostMakesPlaceForAFreshOne() throws Exception {
    var books = new Books(DEFAULTS.maxConnections(1));
    Connection idle = books.openIdle(A, 1).getFirst();

    Waiter picky = books.join(A, true);

    assertThat(picky.dial).isNotNull();
    assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.EVICTED);
  }

  // ---- time

  @Test
  void anIdleConnectionIsUsedUntilItsTimeoutAndNotAfter() throws Exception {
    var books = new Books(DEFAULTS.idleTimeout(Duration.ofSeconds(10)));
    Connection connection = books.open(A);
    books.giveBack(connection);

    books.pass(Duration.ofMillis(9_999));
    assertThat(books.ages.expiry(connection, books.now())).isNull();
    assertThat(books.sweep()).containsExactly(connection);
    books.pass(Duration.ofMillis(1));
    assertThat(books.ages.expiry(connection, books.now())).isEqualTo(CloseReason.IDLE_TIMEOUT);
    books.sweep();
    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.IDLE_TIMEOUT);
  }

  @Test
  void theServersHintIsHonouredLessOneSecond() throws Exception {
    assertUsedFor(Duration.ofSeconds(5), Duration.ofSeconds(4));
  }

  @Test
  void aHintOfOneSecondLeavesHalfOfIt() throws Exception {
    assertUsedFor(Duration.ofSeconds(1), Duration.ofMillis(500));
  }

  @Test
  void aHintBeyondOurOwnTimeoutDoesNotLengthenIt() throws Exception {
    assertUsedFor(Duration.ofHours(1), DEFAULTS.idleTimeout());
  }

  private static void assertUsedFor(Duration hint, Duration used) throws Exception {
    var books = new Books(DEFAULTS);
    Connection connection = books.open(A);
    connection.idleHint(hint.toNanos());
    books.giveBack(connection);

    books.pass(used.minusNanos(1));
    assertThat(books.ages.expiry(connection, books.now())).isNull();
    books.pass(Duration.ofNanos(1));
    assertThat(books.ages.expiry(connection, books.now())).isEqualTo(CloseReason.IDLE_TIMEOUT);
  }

  @Test
  void threeClosesAfterTheSameIdleTimeMakeALimit() throws Exception {
    var books = new Books(DEFAULTS);
    for (int i = 1; i <= 3; i++) {
      assertThat(closedByPeerAfter(books, Duration.ofSeconds(5).plusMillis(i * 20L)))
          .isEqualTo(i == 3);
    }
    assertThat(books.snapshot().getFirst().learnedIdleLimit()).contains(Duration.ofMillis(5_020));
    Connection next = books.open(A);
    books.giveBack(next);
    books.pass(Duration.ofMillis(4_019));
    assertThat(books.ages.expiry(next, books.now())).isNull();
    books.pass(Duration.ofMillis(1));
    assertThat(books.ages.expiry(next, books.now())).isEqualTo(CloseReason.IDLE_TIMEOUT);
  }

  @Test
  void aLearnedLimitIsForgottenAfterTenMinutes() throws Exception {
    var books = new Books(DEFAULTS);
    for (int i = 0; i < 3; i++) {
      closedByPeerAfter(books, Duration.ofSeconds(5));
    }
    books.pass(Duration.ofSeconds(601));

    assertThat(books.snapshot().getFirst().learnedIdleLimit()).isEmpty();
  }

  @Test
  void closesAtOddTimesMakeNoLimit() throws Exception {
    var books = new Books(DEFAULTS);
    for (int seconds : new int[] {5, 9, 2, 14, 3, 20}) {
      assertThat(closedByPeerAfter(books, Duration.ofSeconds(seconds))).isFalse();
    }
  }

  /** Whether that taught a limit. */
  private static boolean closedByPeerAfter(Books books, Duration idle) throws Exception {
    Connection connection = books.open(A);
    books.giveBack(connection);
    books.pass(idle);
    assertThat(books.take(A)).isSameAs(connection);
    boolean learned = books.upkeep.closedByPeer(connection).isPresent();
    books.discard(connection);
    books.pass(Duration.ofMillis(10));
    return learned;
  }

  @Test
  void aRestartThatClosesManyAtOnceMakesNoLimit() throws Exception {
    var books = new Books(DEFAULTS);
    books.openIdle(A, 10);
    books.pass(Duration.ofSeconds(5));

    for (int i = 0; i < 10; i++) {
      Connection connection = books.take(A);
      assertThat(connection).isNotNull();
      assertThat(books.upkeep.closedByPeer(connection)).isEmpty();
      books.discard(connection);
    }
  }

  @Test
  void theMaximumAgeIsSpreadOverItsLastTenth() throws Exception {
    double age = Duration.ofMinutes(10).toNanos();
    var books = new Books(DEFAULTS.maxAge(Duration.ofMinutes(10)), 7);
    var lives = new ArrayList<Double>();
    for (int i = 0; i < 100; i++) {
      lives.add((books.open(A).expiresAt - books.now()) / age);
    }

    assertThat(lives).allSatisfy(life -> assertThat(life).isBetween(0.9, 1.0));
    assertThat(lives.stream().mapToDouble(d -> d).max().orElseThrow()).isGreaterThan(0.98);
    assertThat(lives.stream().mapToDouble(d -> d).min().orElseThrow()).isLessThan(0.92);
  }

  @Test
  void aConnectionPastItsAgeIsClosedWhenItComesBackAndItsPlaceGoesOn() throws Exception {
    var books = new Books(ONE.maxAge(Duration.ofSeconds(10)));
    Connection connection = books.open(A);
    Waiter waiter = books.join(A);
    books.pass(Duration.ofSeconds(10));

    books.giveBack(connection);

    assertThat(books.reasonOf(connection)).isEqualTo(CloseReason.MAX_AGE);
    assertThat(waiter.dial).isNotNull();
  }

  @Test
  void theMinimumOfIdleConnectionsIsKept() throws Exception {
    var books = new Books(DEFAULTS.minIdlePerHost(2));
    Connection connection = books.open(A);

    books.sweep();
    assertThat(books.dials).hasSize(2);
    books.giveBack(connection);
    books.sweep();
    assertThat(books.dials).as("one idle and two coming are enough").hasSize(2);
    books.connect(books.dials.getFirst());
    books.connect(books.dials.getFirst());
    books.pass(DEFAULTS.idleTimeout());
    books.sweep();
    assertThat(books.live).isEmpty();
    assertThat(books.dials).as("those that expired are replaced").hasSize(2);
  }

  @Test
  void theMinimumIsNotTriedAtEachSweepOfAHostThatRefuses() throws Exception {
    var books = new Books(DEFAULTS.minIdlePerHost(1));
    books.giveBack(books.open(A));
    books.drain(A);
    int attempts = 0;

    for (int sweep = 0; sweep < 200; sweep++) {
      books.pass(Duration.ofMillis(500));
      books.sweep();
      if (!books.dials.isEmpty()) {
        attempts++;
        books.fail(books.dials.getFirst());
      }
    }

    assertThat(attempts)
        .as("in 100 s, at 0.5, 1.5, 3.5, 7.5 s ... and then each 30 s")
        .isBetween(5, 9);
  }

  @Test
  void warmingUpKeepsWithinTheLimits() {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(3).maxIdlePerHost(2));

    books.warmUp(A, 10);

    assertThat(books.dials).hasSize(2);
    books.warmUp(A, 10);
    assertThat(books.dials).hasSize(2);
  }

  @Test
  void theMinimumIdleKeepsWithinTheTotal() throws Exception {
    var books = new Books(DEFAULTS.minIdlePerHost(3).maxIdle(2));
    books.openIdle(A, 2);

    books.sweep();

    assertThat(books.dials).as("it would be closed as one too many, every half second").isEmpty();
  }

  @Test
  void aHostLongUnusedIsForgotten() throws Exception {
    var books = new Books(DEFAULTS.minIdlePerHost(1));
    books.openIdle(A, 1);
    assertThat(books.upkeep.needsSweep()).isTrue();

    books.pass(Duration.ofSeconds(301));
    books.sweep(); // closes its connection
    books.sweep();

    assertThat(books.snapshot()).isEmpty();
    assertThat(books.upkeep.needsSweep()).isFalse();
    assertThat(books.dials).isEmpty();
  }

  @Test
  void aHostWithACallerInLineIsNotForgotten() throws Exception {
    var books = new Books(ONE);
    Connection busy = books.open(A);
    Waiter waiter = books.join(A);

    books.pass(Duration.ofSeconds(1000));
    books.sweep();
    books.giveBack(busy);

    assertThat(served(waiter)).isSameAs(busy);
  }

  // ---- names that move

  private static final InetAddress TWO = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress THREE = InetAddress.ofLiteral("127.0.0.3");

  /** Sockets to one server that is at all addresses of this machine. */
  private static final class Sockets implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50);
    private final List<Transport> open = new ArrayList<>();

    Sockets() throws IOException {}

    Transport to(InetAddress address) throws IOException {
      var channel = SocketChannel.open(new InetSocketAddress(address, server.getLocalPort()));
      open.add(new PlainTransport(channel, new Watchdog(() -> 0), new Buffers(1)));
      return open.getLast();
    }

    @Override
    public void close() throws IOException {
      open.forEach(Transport::close);
      server.close();
    }
  }

  @Test
  void connectionsToARemovedAddressAreUsedNoMoreAndBusyOnesReplaced() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      Connection busy = books.open(A, sockets.to(TWO));
      Connection checked = books.open(A, sockets.to(TWO));
      Connection idle = books.open(A, sockets.to(TWO));
      Connection other = books.open(A, sockets.to(THREE));
      Connection namesake = books.open(B, sockets.to(TWO));
      books.giveBack(checked);
      books.giveBack(idle);
      assertThat(books.upkeep.withhold(checked)).isTrue();

      books.moved(A, 1, 0, Set.of(TWO));
      assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.ADDRESS_REMOVED);
      assertThat(books.reasonOf(busy)).as("carries an exchange").isNull();
      assertThat(books.dials).as("for the busy one").hasSize(1);
      books.giveBack(busy);
      books.backFromCheck(checked, null);
      books.giveBack(other);
      books.giveBack(namesake);

      assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.ADDRESS_REMOVED);
      assertThat(books.reasonOf(checked)).isEqualTo(CloseReason.ADDRESS_REMOVED);
      assertThat(books.live).containsExactly(other, namesake);
    }
  }

  @Test
  void aDialThatEndsAtAnAddressRemovedMeanwhileIsGoodForItsCallerOnly() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      Waiter caller = books.join(A);
      books.warmUp(A, 3);
      books.moved(A, 1, 1, Set.of(TWO)); // while none of the three has said whom it tries

      Connection wanted = books.connect(books.dials.getFirst(), sockets.to(TWO));
      Connection unwanted = books.connect(books.dials.getFirst(), sockets.to(TWO));
      Connection right = books.connect(books.dials.getFirst(), sockets.to(THREE));

      assertThat(served(caller)).isSameAs(wanted);
      books.giveBack(wanted);
      assertThat(books.reasonOf(wanted)).isEqualTo(CloseReason.ADDRESS_REMOVED);
      assertThat(books.reasonOf(unwanted)).isEqualTo(CloseReason.ADDRESS_REMOVED);
      assertThat(books.live).containsExactly(right);
    }
  }

  @Test
  void anAddedAddressGetsItsShareWithinAMinuteAndNotAtOnce() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS.idleTimeout(Duration.ofHours(1)));
      openIdleAt(books, sockets.to(TWO), 8);

      books.moved(A, 2, 1, Set.of());
      assertThat(books.closed).isEmpty();
      int most = 0;
      for (int second = 0; second < 60; second++) {
        books.pass(Duration.ofSeconds(1));
        int before = books.closed.size();
        books.sweep();
        most = Math.max(most, books.closed.size() - before);
      }

      assertThat(books.live).as("half of them, for one address of two").hasSize(4);
      assertThat(books.closed).extracting("reason").containsOnly(CloseReason.MAX_AGE);
      assertThat(most).as("in one second").isLessThanOrEqualTo(2);
      books.pass(Duration.ofMinutes(5));
      books.sweep();
      assertThat(books.live).as("the others stay").hasSize(4);
    }
  }

  @Test
  void whatReplacesARemovedAddressIsNoReasonToMoveMoreThanTheShareOfTheRest() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS.idleTimeout(Duration.ofHours(1)));
      var busy = new ArrayList<Connection>();
      for (int i = 0; i < 4; i++) {
        busy.add(books.open(A, sockets.to(TWO)));
      }
      openIdleAt(books, sockets.to(THREE), 4);

      books.moved(A, 2, 1, Set.of(TWO));
      books.pass(Duration.ofMinutes(1));
      books.sweep();

      assertThat(books.live).hasSize(4 + 2).containsAll(busy);
    }
  }

  @Test
  void afterTheCloseNothingMoves() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      Connection busy = books.open(A, sockets.to(TWO));
      books.close();

      books.moved(A, 1, 1, Set.of(TWO));
      books.giveBack(busy);

      assertThat(books.dials).isEmpty();
      assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.CLIENT_CLOSED);
    }
  }

  // ---- addresses that are ejected

  @Test
  void connectionsToAnEjectedAddressAreUsedNoMoreAndBusyOnesReplaced() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      Connection busy = books.open(A, sockets.to(TWO));
      Connection idle = books.open(A, sockets.to(TWO));
      Connection other = books.open(A, sockets.to(THREE));
      Connection namesake = books.open(B, sockets.to(TWO));
      books.giveBack(other);
      books.giveBack(idle);

      books.eject(A, TWO);

      assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.EJECTED);
      assertThat(books.reasonOf(busy)).as("carries an exchange").isNull();
      assertThat(books.dials).as("there is an idle one to another address").isEmpty();
      assertThat(books.take(A)).isSameAs(other);
      books.giveBack(busy);
      assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.EJECTED);
      assertThat(books.live).containsExactly(other, namesake);
    }
  }

  @Test
  void whoWaitsWhileTheirAddressIsEjectedGetsAnother() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS.maxConnectionsPerHost(1));
      Connection busy = books.open(A, sockets.to(TWO));
      Waiter waiter = books.join(A);
      assertThat(books.dials).isEmpty();

      books.eject(A, TWO);
      books.giveBack(busy);

      assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.EJECTED);
      Connection made = books.connect(books.dials.getFirst(), sockets.to(THREE));
      assertThat(served(waiter)).isSameAs(made);
    }
  }

  @Test
  void aConnectionMadeToAnEjectedAddressForWantOfAnotherStays() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      books.eject(A, TWO);
      Connection last = books.open(A, sockets.to(TWO));
      books.giveBack(last);
      assertThat(books.take(A)).isSameAs(last);
    }
  }

  @Test
  void anAddressThatIsBackGetsItsShare() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS.idleTimeout(Duration.ofHours(1)));
      openIdleAt(books, sockets.to(TWO), 9);

      books.upkeep.reinstated(B, 3, 1);
      books.upkeep.reinstated(A, 3, 1);
      books.pass(Duration.ofMinutes(1));
      books.sweep();

      assertThat(books.live).hasSize(6);
    }
  }

  // ---- retries that avoid an address

  @Test
  void whoAvoidsAnAddressTakesWhatGoesToAnother() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS);
      Connection other = books.open(A, sockets.to(THREE));
      Connection failed = books.open(A, sockets.to(TWO));
      books.giveBack(other);
      books.giveBack(failed);

      assertThat(books.take(A, Wish.elsewhere(failed))).isSameAs(other);
      assertThat(books.take(A, Wish.elsewhere(failed))).isNull();
      Waiter waiter = books.join(A, Wish.elsewhere(failed));

      assertThat(books.dials.getFirst().taken).containsExactly(TWO);
      Connection made = books.connect(books.dials.getFirst(), sockets.to(TWO));
      assertThat(served(waiter)).as("whatever it has become").isSameAs(made);
    }
  }

  @Test
  void andTheLimitIsNoReasonToWaitForEver() throws Exception {
    try (var sockets = new Sockets()) {
      var books = new Books(DEFAULTS.maxConnectionsPerHost(1));
      Connection failed = books.open(A, sockets.to(TWO));
      books.giveBack(failed);

      Waiter waiter = books.join(A, Wish.elsewhere(failed));

      assertThat(books.reasonOf(failed)).isEqualTo(CloseReason.EVICTED);
      Connection made = books.connect(books.dials.getFirst(), sockets.to(THREE));
      assertThat(served(waiter)).isSameAs(made);
    }
  }

  private static void openIdleAt(Books books, Transport transport, int count) throws Exception {
    var all = new ArrayList<Connection>();
    for (int i = 0; i < count; i++) {
      all.add(books.open(A, transport));
    }
    all.forEach(books::giveBack);
  }

  // ---- drain, close

  @Test
  void aConnectionBegunBeforeTheDrainServesItsCallerAndIsClosed() throws Exception {
    var books = new Books(DEFAULTS);
    Waiter waiter = books.join(A);
    books.warmUp(A, 2);
    books.drain(A);

    Connection wanted = books.connect(books.dials.getFirst());
    Connection unwanted = books.connect(books.dials.getFirst());

    assertThat(Books.served(waiter)).isSameAs(wanted);
    assertThat(books.reasonOf(unwanted)).isEqualTo(CloseReason.DRAINED);
    books.giveBack(wanted);
    assertThat(books.reasonOf(wanted)).isEqualTo(CloseReason.DRAINED);
  }

  @Test
  void drainingClosesIdleConnectionsNowAndBusyOnesWhenTheyComeBack() throws Exception {
    var books = new Books(DEFAULTS);
    Connection busy = books.open(A);
    Connection checked = books.open(A);
    Connection idle = books.open(A);
    Connection other = books.openIdle(B, 1).getFirst();
    books.giveBack(checked);
    books.giveBack(idle);
    assertThat(books.upkeep.withhold(checked)).isTrue();

    books.drain(A);
    assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.DRAINED);
    assertThat(books.reasonOf(busy)).isNull();
    books.giveBack(busy);
    books.backFromCheck(checked, null);

    assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.DRAINED);
    assertThat(books.reasonOf(checked)).isEqualTo(CloseReason.DRAINED);
    assertThat(books.live).containsExactly(other);
    books.giveBack(books.open(A));
    assertThat(books.take(A)).as("new ones are kept").isNotNull();
  }

  @Test
  void closingFailsThoseInLineAndClosesWhatIsIdleNowAndTheRestLater() throws Exception {
    var books = new Books(DEFAULTS.maxConnectionsPerHost(2).maxConnections(3));
    Connection idle = books.openIdle(A, 1).getFirst();
    Connection busy = books.open(B);
    Waiter dialling = books.join(B);
    Waiter waiting = books.join(B);
    Dial dial = books.dials.getFirst();

    books.close();

    assertThat(books.reasonOf(idle)).isEqualTo(CloseReason.CLIENT_CLOSED);
    assertThat(dialling.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThat(waiting.outcome()).isInstanceOf(Waiter.Outcome.Failed.class);
    assertThatThrownBy(() -> books.join(A)).hasMessageContaining("the client was closed");
    assertThatThrownBy(() -> books.take(A)).hasMessageContaining("the client was closed");
    assertThat(books.reasonOf(books.connect(dial))).isEqualTo(CloseReason.CLIENT_CLOSED);
    books.giveBack(busy);
    assertThat(books.reasonOf(busy)).isEqualTo(CloseReason.CLIENT_CLOSED);
    assertThat(books.dials).isEmpty();
    assertThat(books.totals().open()).isZero();
    assertThat(books.totals().waiting()).isZero();
  }

  @Test
  void removingTwiceCountsOnce() throws Exception {
    var books = new Books(DEFAULTS);
    Connection connection = books.open(A);

    books.discard(connection);
    books.discard(connection);

    assertThat(books.totals().open()).isZero();
    assertThat(books.closed).hasSize(1);
  }
}
