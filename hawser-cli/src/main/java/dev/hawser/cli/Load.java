package dev.hawser.cli;

import com.sun.management.OperatingSystemMXBean;
import dev.hawser.ClientSnapshot;
import dev.hawser.HawserClient;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** A number of callers, each sending the same request again as soon as it has the answer. */
final class Load {
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int ERROR_KINDS = 100; // told apart; bounds the memory
  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private final HawserClient client;
  private final HttpRequest request;
  private final Histogram latency = new ConcurrentHistogram(LONGEST_MICROS, 3);
  private final Map<String, LongAdder> errors = new ConcurrentHashMap<>();
  private final LongAdder requests = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final CountDownLatch stop = new CountDownLatch(1);
  private volatile boolean measuring;

  Load(HawserClient client, HttpRequest request) {
    this.client = client;
    this.request = request;
  }

  /** What was measured; counts of connections include the warm-up's. */
  record Result(
      long requests,
      long errors,
      double seconds,
      double cpuMicros,
      Histogram latency,
      long bytes,
      ClientSnapshot.Counters counters,
      List<Map.Entry<String, Long>> topErrors) {
    double rps() {
      return requests / Math.max(seconds, 1e-9);
    }

    double cpuMicrosPerRequest() {
      return requests == 0 ? 0 : cpuMicros / requests;
    }

    double millisAt(double percentile) {
      return latency.getTotalCount() == 0 ? 0 : latency.getValueAtPercentile(percentile) / 1e3;
    }
  }

  /** Ends the measurement early, from another thread. */
  void stop() {
    stop.countDown();
  }

  /** Runs; {@code progress} is told about once a second of the time left and the requests so far. */
  Result run(int callers, Duration warmup, Duration duration, BiConsumer<Duration, Long> progress)
      throws InterruptedException {
    var threads = new ArrayList<Thread>(callers);
    for (int i = 0; i < callers; i++) {
      threads.add(Thread.ofVirtual().name("bench-", i).start(this::call));
    }
    try {
      boolean stopped = stop.await(warmup.toNanos(), TimeUnit.NANOSECONDS);
      long cpuBefore = PROCESS.getProcessCpuTime();
      long start = System.nanoTime();
      long end = start + duration.toNanos();
      measuring = true;
      while (!stopped && end - System.nanoTime() > 0) {
        long left = end - System.nanoTime();
        progress.accept(Duration.ofNanos(left), requests.sum());
        stopped = stop.await(Math.min(left, 1_000_000_000), TimeUnit.NANOSECONDS);
      }
      measuring = false;
      double seconds = (System.nanoTime() - start) / 1e9;
      double cpuMicros = (PROCESS.getProcessCpuTime() - cpuBefore) / 1e3;
      return result(seconds, cpuMicros);
    } finally {
      stop.countDown();
      for (Thread thread : threads) {
        thread.interrupt();
      }
      for (Thread thread : threads) {
        thread.join(1_000);
      }
    }
  }

  private Result result(double seconds, double cpuMicros) {
    List<Map.Entry<String, Long>> top =
        errors.entrySet().stream()
            .map(entry -> Map.entry(entry.getKey(), entry.getValue().sum()))
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .limit(3)
            .toList();
    return new Result(
        requests.sum(),
        failures.sum(),
        seconds,
        cpuMicros,
        latency.copy(),
        bytes.sum(),
        client.snapshot().counters(),
        top);
  }

  private void call() {
    while (stop.getCount() > 0) {
      boolean counted = measuring;
      long start = System.nanoTime();
      try {
        int length = client.send(request, BodyHandlers.ofByteArray()).body().length;
        if (counted) {
          latency.recordValue(Math.min(LONGEST_MICROS, (System.nanoTime() - start) / 1_000));
          requests.increment();
          bytes.add(length);
        }
      } catch (InterruptedException e) {
        return;
      } catch (IOException e) {
        failed(e, counted);
      }
    }
  }

  private void failed(IOException e, boolean counted) {
    if (counted && stop.getCount() > 0) {
      failures.increment();
      String kind = Errors.kind(e);
      if (errors.size() < ERROR_KINDS || errors.containsKey(kind)) {
        errors.computeIfAbsent(kind, any -> new LongAdder()).increment();
      }
    }
    try {
      boolean ignored = stop.await(10, TimeUnit.MILLISECONDS); // a refusing server is not to be stormed
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
