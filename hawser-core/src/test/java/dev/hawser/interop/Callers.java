package dev.hawser.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** So many callers, each of whom calls again and again until they are stopped. */
final class Callers implements AutoCloseable {
  private final HttpClient client;
  private final List<HttpRequest> requests;
  private final AtomicLong calls = new AtomicLong();
  private final List<String> failures = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile boolean over;

  private Callers(HttpClient client, List<HttpRequest> requests) {
    this.client = client;
    this.requests = requests;
  }

  /** One caller for each of the requests, whose path ends with the size of its answer. */
  static Callers of(HttpClient client, List<HttpRequest> requests) {
    var callers = new Callers(client, requests);
    callers.requests.forEach(each -> callers.threads.execute(() -> callers.call(each)));
    return callers;
  }

  private void call(HttpRequest request) {
    String path = request.uri().getPath();
    String expected = "200: " + path.substring(path.lastIndexOf('/') + 1) + " bytes";
    while (!over) {
      try {
        HttpResponse<String> response = client.send(request, Content.checked());
        String found = response.statusCode() + ": " + response.body();
        if (!found.equals(expected)) {
          failures.add(found + " in place of " + expected);
        }
      } catch (Exception e) {
        failures.add(e.toString() + " by " + e.getCause());
      }
      calls.incrementAndGet();
    }
  }

  /** Waits until it holds, and for as many calls more as there are callers ten times over. */
  void until(String what, BooleanSupplier condition) throws InterruptedException {
    await(what, condition);
    long enough = calls.get() + 10L * requests.size();
    await("calls", () -> calls.get() >= enough);
  }

  private void await(String what, BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("%s, failures: %s", what, failures).isLessThan(end);
      Thread.sleep(1);
    }
  }

  long calls() {
    return calls.get();
  }

  List<String> failures() {
    return failures;
  }

  @Override
  public void close() {
    over = true;
    threads.close();
  }
}
