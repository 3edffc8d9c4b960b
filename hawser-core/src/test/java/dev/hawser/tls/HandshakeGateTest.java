package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Origin;
import dev.hawser.io.Ticker;
import dev.hawser.tls.HandshakeGate.Pass;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may begin a handshake, and who waits for what. */
@Timeout(30)
class HandshakeGateTest {
  private static final Origin A = new Origin("https", "a.test", 443);
  private static final Origin B = new Origin("https", "b.test", 443);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final AtomicLong ahead = new AtomicLong();
  private final Ticker ticker = () -> Ticker.SYSTEM.nanos() + ahead.get();
  private final HandshakeGate gate = new HandshakeGate(PATIENCE, ticker);
  private final BlockingQueue<Pass> through = new LinkedBlockingQueue<>();
  private final List<Thread> waiting = new ArrayList<>();

  @AfterEach
  void nobodyIsLeftWaiting() throws InterruptedException {
    for (Thread thread : waiting) {
      thread.interrupt();
      thread.join();
    }
  }

  private Pass enter(Origin origin) throws InterruptedException {
    return gate.enter(origin, Ticker.NEVER);
  }

  /** Begins to enter, and waits until that waits. */
  private Thread waiter() {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    through.add(enter(A));
                  } catch (InterruptedException e) {
                    // the story is over
                  }
                });
    waiting.add(thread);
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  private Pass nextThrough() throws InterruptedException {
    Pass pass = through.poll(10, TimeUnit.SECONDS);
    assertThat(pass).isNotNull();
    return pass;
  }

  private void nobodyElse() {
    while (waiting.stream()
        .anyMatch(thread -> thread.isAlive() && thread.getState() != Thread.State.TIMED_WAITING)) {
      Thread.onSpinWait();
    }
    assertThat(through).isEmpty();
  }

  @Test
  void oneGoesFirstAndEachTicketLetsOneMoreGo() throws Exception {
    Pass first = enter(A);
    waiter();
    waiter();
    waiter();
    first.done("TLSv1.3", false);
    nobodyElse();

    first.ticket();
    Pass second = nextThrough();
    nobodyElse();
    first.ticket();
    nextThrough();
    nobodyElse();

    second.done("TLSv1.3", true);
    second.ticket();
    nextThrough();
  }

  @Test
  void anotherOriginHasAGateOfItsOwn() throws Exception {
    enter(A);
    waiter();
    assertThat(enter(B)).isNotNull();
  }

  @Test
  void aSessionOfTls12ServesAll() throws Exception {
    Pass first = enter(A);
    waiter();
    waiter();
    first.done("TLSv1.2", false);

    nextThrough();
    nextThrough();
    enter(A);
    enter(A);
  }

  @Test
  void whenTheFirstFailsTheNextGoesFirst() throws Exception {
    Pass first = enter(A);
    waiter();
    waiter();
    first.failed();

    Pass next = nextThrough();
    nobodyElse();
    next.done("TLSv1.3", false);
    next.ticket();
    nextThrough();
  }

  @Test
  void whoHasWaitedLongEnoughGoesAhead() throws Exception {
    var impatient = new HandshakeGate(Duration.ofMillis(20), ticker);
    impatient.enter(A, Ticker.NEVER);

    long start = System.nanoTime();
    impatient.enter(A, Ticker.NEVER);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(20), Duration.ofSeconds(5));
  }

  @Test
  void whenNothingMovesOneAfterTheOtherGoesAndNotAll() throws Exception {
    Duration patience = Duration.ofMillis(100);
    assertThat(timeUntilAllAreThrough(4, patience))
        .isGreaterThanOrEqualTo(patience.multipliedBy(4));
  }

  @Test
  void butNobodyWaitsWithoutAnEnd() throws Exception {
    Duration patience = Duration.ofMillis(200);
    assertThat(timeUntilAllAreThrough(60, patience)).isLessThan(patience.multipliedBy(30));
  }

  /** Of a herd behind a first handshake that never ends. */
  private Duration timeUntilAllAreThrough(int herd, Duration patience) throws Exception {
    var stuck = new HandshakeGate(patience, ticker);
    stuck.enter(A, Ticker.NEVER);
    long start = System.nanoTime();
    for (int i = 0; i < herd; i++) {
      waiting.add(Thread.startVirtualThread(() -> pass(stuck)));
    }
    for (Thread thread : waiting) {
      thread.join();
    }
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static void pass(HandshakeGate gate) {
    try {
      gate.enter(A, Ticker.NEVER);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theDeadlineEndsTheWaitToo() throws Exception {
    enter(A);
    assertThat(gate.enter(A, ticker.nanos() + 1_000_000)).isNotNull();
  }

  @Test
  void forAServerWithoutTicketsNobodyWaitsTwice() throws Exception {
    Pass first = enter(A);
    first.done("TLSv1.3", false);
    ahead.addAndGet(PATIENCE.toNanos());

    enter(A);
    enter(A);
    enter(A);
  }

  @Test
  void whereATicketBringsNoOtherTheNextGoesFirst() throws Exception {
    Pass first = enter(A);
    first.done("TLSv1.3", false);
    first.ticket();
    Pass second = enter(A);
    second.done("TLSv1.3", true);
    waiter();
    nobodyElse();
    ahead.addAndGet(PATIENCE.toNanos());
    enter(A).failed(); // is told that it need not wait, and lets the other know
    nextThrough();
  }

  @Test
  void whereTicketsDoNotServeNobodyWaitsForThem() throws Exception {
    Pass first = enter(A);
    first.done("TLSv1.3", false);
    for (int i = 0; i < 3; i++) {
      first.ticket();
      enter(A).done("TLSv1.3", false);
    }

    enter(A);
    enter(A);
  }

  @Test
  void ticketsThatWereReplacedInTheMeantimeAreNoMisses() throws Exception {
    Pass first = enter(A);
    first.done("TLSv1.3", false);
    for (int i = 0; i < 4; i++) {
      first.ticket();
    }
    List<Pass> byTicket = List.of(enter(A), enter(A), enter(A), enter(A));

    for (Pass pass : byTicket) {
      pass.done("TLSv1.3", false); // the first one's full handshake took the others' tickets
    }

    waiter();
    nobodyElse();
  }

  @Test
  void aFullHandshakeReplacesAllTickets() throws Exception {
    Pass first = enter(A);
    first.done("TLSv1.3", false);
    first.ticket();
    first.ticket();
    first.ticket();
    Pass refused = enter(A);
    refused.done("TLSv1.3", false); // the server has forgotten: it was started again

    waiter();
    nobodyElse();
    refused.ticket();
    nextThrough();
  }
}
