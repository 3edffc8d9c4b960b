package dev.hawser.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.hawser.ClientSnapshot.Counters;
import dev.hawser.ExchangeFailure;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A number of callers, each sending the same request again as soon as it has the answer (a closed
 * loop: a server that stalls is asked less often, which flatters the percentiles).
 */
final class Load {
  /** Is told about once a second. */
  interface Watcher {
    /** The measured requests of the last second; in the warm-up, none have been measured. */
    void tick(boolean warmingUp, Duration left, double requestsPerSecond);
  }

  private static final long TICK_NANOS = 1_000_000_000;

  /** A refusing server is not stormed. */
  private static final int PAUSE_AFTER_FAILURE_MILLIS = 10;

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final HawserClient client;
  private final HttpRequest request;
  private final Tally tally = new Tally();
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile boolean measuring; // by the thread in run
  private volatile boolean answered; // by the first caller that gets an answer
  private volatile @Nullable IOException unreachable; // by a caller, while nothing was answered

  Load(HawserClient client, HttpRequest request) {
    this.client = client;
    this.request = request;
  }

  /** Ends the measurement early; from any thread. */
  void stop() {
    stop.countDown();
  }

  /**
   * Runs to the end of {@code duration}, or until it is stopped.
   *
   * @throws IOException if no connection can be made, which is told at once
   */
  LoadResult run(int callers, Duration warmup, Duration duration, Watcher watcher)
      throws InterruptedException, IOException {
    List<Thread> threads = start(callers);
    try {
      watch(true, warmup, watcher);
      Counters before = client.snapshot().counters();
      long cpuBefore = PROCESS.getProcessCpuTime();
      long start = System.nanoTime();
      measuring = true;
      watch(false, duration, watcher);
      measuring = false;
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuMicros = (PROCESS.getProcessCpuTime() - cpuBefore) / 1e3;
      if (unreachable != null) {
        throw unreachable;
      }
      Counters after = client.snapshot().counters();
      double reused =
          (double) (after.reused() - before.reused())
              / Math.max(1, after.exchanges() - before.exchanges());
      return tally.result(callers, seconds, cpuMicros, Math.clamp(reused, 0, 1), after);
    } finally {
      end(threads);
    }
  }

  private List<Thread> start(int callers) {
    var threads = new ArrayList<Thread>(callers);
    for (int i = 0; i < callers; i++) {
      threads.add(Thread.ofVirtual().name("caller-", i).start(this::call));
    }
    return threads;
  }

  private void watch(boolean warmingUp, Duration duration, Watcher watcher)
      throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    long last = tally.requests();
    double rate = 0;
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      watcher.tick(warmingUp, Duration.ofNanos(left), rate);
      long begun = System.nanoTime();
      if (stop.await(Math.min(left, TICK_NANOS), TimeUnit.NANOSECONDS)) {
        return;
      }
      rate = (tally.requests() - last) * 1e9 / (System.nanoTime() - begun);
      last = tally.requests();
    }
  }

  private void end(List<Thread> threads) throws InterruptedException {
    stop.countDown();
    threads.forEach(Thread::interrupt);
    long patience = System.nanoTime() + 2 * TICK_NANOS;
    for (Thread thread : threads) {
      thread.join(Duration.ofNanos(Math.max(1, patience - System.nanoTime())));
    }
  }

  private void call() {
    while (stop.getCount() > 0) {
      long start = System.nanoTime();
      try {
        HawserResponse<Long> response = client.send(request, info -> new CountedBody());
        if (!answered) {
          answered = true;
        }
        if (measuring) {
          tally.answered(System.nanoTime() - start, response.statusCode(), response.body());
        }
      } catch (InterruptedException e) {
        return;
      } catch (IOException | RuntimeException e) {
        if (!answered && e instanceof IOException failure && connecting(failure)) {
          unreachable = failure;
          stop();
        }
        if (measuring && stop.getCount() > 0) {
          tally.failed(e);
        }
        if (stopsWithin(PAUSE_AFTER_FAILURE_MILLIS)) {
          return;
        }
      } catch (Error e) { // such as a lack of memory: shown as what it is, once for each caller
        tally.failed(e);
        return;
      }
    }
  }

  private static boolean connecting(IOException error) {
    ExchangeFailure failure = Errors.failure(error);
    return failure != null
        && switch (failure.details().phase()) {
          case DNS, CONNECT, PROXY, TLS -> true;
          case QUEUE, REQUEST, FIRST_BYTE, BODY -> false;
        };
  }

  private boolean stopsWithin(int millis) {
    try {
      return stop.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }
}
