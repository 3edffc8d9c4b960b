package dev.hawser.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Deadlines end what blocks, nothing else, and cost a thread only while there is something to
 * guard.
 */
@Timeout(20)
class WatchdogTest {
  private static final class Guard implements Watchdog.Guarded {
    volatile long deadline = Ticker.NEVER;
    final CompletableFuture<Long> expired = new CompletableFuture<>();
    final AtomicReference<Thread> by = new AtomicReference<>();

    @Override
    public long deadline() {
      return expired.isDone() ? Ticker.NEVER : deadline;
    }

    @Override
    public void expire(long seen) {
      by.set(Thread.currentThread());
      expired.complete(Ticker.SYSTEM.nanos());
    }
  }

  private static long in(long millis) {
    return Ticker.SYSTEM.nanos() + Duration.ofMillis(millis).toNanos();
  }

  private final Watchdog watchdog = new Watchdog(Ticker.SYSTEM);

  private Guard guard() {
    var guard = new Guard();
    watchdog.add(guard);
    return guard;
  }

  private void set(Guard guard, long deadline) {
    guard.deadline = deadline;
    watchdog.noticed(deadline);
  }

  @Test
  void whatIsPastItsDeadlineIsEndedSoonAfterIt() throws Exception {
    Guard guard = guard();
    long deadline = in(100);

    set(guard, deadline);

    long late = guard.expired.get(5, TimeUnit.SECONDS) - deadline;
    assertThat(late).isBetween(0L, Duration.ofMillis(250).toNanos());
    watchdog.remove(guard);
  }

  @Test
  void anEarlierDeadlineSetLaterIsKeptToo() throws Exception {
    Guard later = guard();
    Guard earlier = guard();
    set(later, in(60_000));

    set(earlier, in(50));

    earlier.expired.get(5, TimeUnit.SECONDS);
    assertThat(later.expired).isNotDone();
    watchdog.remove(later);
    watchdog.remove(earlier);
  }

  @Test
  void whatMovesItsDeadlineForwardIsNotEnded() throws Exception {
    Guard moving = guard();
    Guard still = guard();
    set(moving, in(100));
    set(still, in(200));

    set(moving, in(60_000));

    still.expired.get(5, TimeUnit.SECONDS);
    assertThat(moving.expired).isNotDone();
    watchdog.remove(moving);
    watchdog.remove(still);
  }

  @Test
  void itsThreadEndsWhenThereIsNothingToGuardAndStartsAgain() throws Exception {
    for (int i = 0; i < 2; i++) {
      Guard guard = guard();
      set(guard, in(1));
      guard.expired.get(5, TimeUnit.SECONDS);
      Thread thread = guard.by.get();
      assertThat(thread.isVirtual()).isFalse();
      assertThat(thread.isDaemon()).isTrue();

      watchdog.remove(guard);

      assertThat(thread.join(Duration.ofSeconds(5))).as("round %d", i).isTrue();
    }
  }

  @Test
  void theChoreRunsWhenItAskedTo() throws Exception {
    var runs = new AtomicInteger();
    var thrice = new CountDownLatch(3);
    watchdog.chore(
        now -> {
          int run = runs.incrementAndGet();
          thrice.countDown();
          return run < 3 ? now + 5_000_000 : Ticker.NEVER;
        });

    watchdog.callAt(in(5));

    assertThat(thrice.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat(runs.get()).isEqualTo(3);
  }

  @Test
  void aChoreThatThrowsDoesNotEndTheDeadlines() throws Exception {
    var thrown = new CountDownLatch(1);
    watchdog.chore(
        now -> {
          thrown.countDown();
          throw new IllegalStateException("a chore's bug");
        });
    Guard guard = guard();
    watchdog.callAt(in(1));
    assertThat(thrown.await(5, TimeUnit.SECONDS)).isTrue();

    set(guard, in(50));

    guard.expired.get(5, TimeUnit.SECONDS);
    watchdog.remove(guard);
  }

  // ---- with a real transport

  @Test
  void aBlockedReadEndsAtItsDeadline() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var channel = SocketChannel.open(address(listener))) {
      var transport = new PlainTransport(channel, watchdog, new Buffers(1 << 20));
      transport.deadline(in(100));
      var end = new CompletableFuture<Throwable>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  end.complete(new AssertionError(transport.read(ByteBuffer.allocate(1))));
                } catch (Exception e) {
                  end.complete(e);
                }
              });

      assertThat(end.get(5, TimeUnit.SECONDS)).isInstanceOf(java.io.IOException.class);

      assertThat(transport.expired()).isTrue();
      assertThat(transport.isOpen()).isFalse();
      assertThat(watchdog.size()).isZero();
    }
  }

  @Test
  void aDeadlineSeenTooLateDoesNotEndTheNextExchange() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var channel = SocketChannel.open(address(listener))) {
      var transport = new PlainTransport(channel, watchdog, new Buffers(1 << 20));
      long seen = in(60_000);
      transport.deadline(seen);
      transport.deadline(in(120_000)); // the next exchange's

      transport.expire(seen);

      assertThat(transport.expired()).isFalse();
      assertThat(transport.isOpen()).isTrue();
      transport.close();
    }
  }

  /**
   * Who has not noticed yet that its time is up must not be able to go on as if it were not: a
   * handshake that ended in that moment once left the next exchange to say "nothing moved for
   * 300000 ms" after a few.
   */
  @Test
  void aDeadlineThatHasPassedIsNotSetAnew() throws Exception {
    try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var channel = SocketChannel.open(address(listener))) {
      var transport = new PlainTransport(channel, watchdog, new Buffers(1 << 20));
      long seen = in(60_000);
      transport.deadline(seen);
      transport.expire(seen);

      transport.deadline(in(120_000));

      assertThat(transport.expired()).isTrue();
      assertThat(transport.disarm()).isFalse();
      assertThat(transport.deadline()).isEqualTo(Ticker.NEVER);
    }
  }

  private static InetSocketAddress address(ServerSocket listener) {
    return new InetSocketAddress(listener.getInetAddress(), listener.getLocalPort());
  }
}
