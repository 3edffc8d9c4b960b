package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who computes holds a core; who only seems to does not. */
@Timeout(30)
class CoresTest {
  private static final long MILLI = 1_000_000;

  private final AtomicLong now = new AtomicLong(1);
  private final Cores cores = new Cores(1);

  private Cores.Claim take() throws InterruptedException {
    return cores.take(Long.MAX_VALUE, now::get);
  }

  /** Null if there is none; time stands still. */
  private Cores.Claim takeNow() throws InterruptedException {
    return cores.take(now.get(), now::get);
  }

  /** A thread waits 20 ms at most, of time that passes, and finds none. */
  private Cores.Claim takeSoon() throws InterruptedException {
    return cores.take(now.get() + 20 * MILLI, () -> now.getAndAdd(MILLI));
  }

  @Test
  void thereAreNoMoreThanThat() throws Exception {
    var two = new Cores(2);
    var first = two.take(1, now::get);
    assertThat(first).isNotNull();
    assertThat(two.take(1, now::get)).isNotNull();
    assertThat(two.take(1, now::get)).as("a third").isNull();

    first.end();
    assertThat(two.take(1, now::get)).isNotNull();
  }

  @Test
  void aMachineWithOneCoreHasThat() throws Exception {
    assertThat(new Cores(0).take(1, now::get)).isNotNull();
  }

  @Test
  void itsEndCountsOnce() throws Exception {
    var claim = take();
    claim.end();
    claim.end();

    assertThat(takeNow()).isNotNull();
    assertThat(takeNow()).isNull();
  }

  @Test
  void whoComputesKeepsItsCore() throws Exception {
    var claim = take(); // by this thread, which runs
    now.addAndGet(10 * MILLI);

    assertThat(takeSoon()).isNull();
    claim.end();
    assertThat(takeSoon()).isNotNull();
  }

  @Test
  void whoWaitsForSomethingLosesIt() throws Exception {
    var taken = new CountDownLatch(1);
    var over = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var waiting =
          threads.submit(
              () -> {
                var claim = take();
                taken.countDown();
                over.await();
                claim.end();
                return true;
              });
      taken.await();
      now.addAndGet(10 * MILLI);

      var next = take();
      over.countDown();
      assertThat(waiting.get()).isTrue();

      assertThat(takeNow()).as("the end of one that had lost its core").isNull();
      next.end();
      assertThat(takeNow()).isNotNull();
    }
  }

  /** A platform thread that waits for a socket is said to run. */
  @Test
  void whoTakesTooLongLosesItInAnyCase() throws Exception {
    var claim = take();
    now.addAndGet(50 * MILLI);

    assertThat(take()).isNotNull();
    claim.end();
    assertThat(takeNow()).isNull();
  }
}
