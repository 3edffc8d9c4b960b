package dev.hawser.http2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The same on many virtual threads. */
final class Concurrently {
  private Concurrently() {}

  record Outcomes<T>(List<T> results, List<Throwable> failures) {}

  static <T> Outcomes<T> run(int threads, Callable<T> action) throws InterruptedException {
    Queue<T> results = new ConcurrentLinkedQueue<>();
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    var running = new ArrayList<Thread>();
    for (int i = 0; i < threads; i++) {
      running.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      results.add(action.call());
                    } catch (Exception | AssertionError e) {
                      failures.add(e);
                    }
                  }));
    }
    for (Thread thread : running) {
      if (!thread.join(Duration.ofMinutes(2))) {
        throw new AssertionError("a caller is stuck");
      }
    }
    return new Outcomes<>(List.copyOf(results), List.copyOf(failures));
  }
}
