package dev.hawser;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** 200 requests a second, each at its time whatever became of those before. */
public final class Load implements AutoCloseable {
  private static final long PERIOD = 5_000_000;

  private final HttpClient client;
  private final HttpRequest request;
  private final List<String> answers = new CopyOnWriteArrayList<>();
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private volatile boolean over;
  private final Thread pace;

  private Load(HttpClient client, HttpRequest request) {
    this.client = client;
    this.request = request;
    this.pace = Thread.ofPlatform().unstarted(this::run);
  }

  /** Begins. */
  public static Load on(HttpClient client, HttpRequest request) {
    var load = new Load(client, request);
    load.pace.start();
    return load;
  }

  private void run() {
    try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
      long next = System.nanoTime();
      while (!over) {
        calls.execute(this::call);
        next += PERIOD;
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
  }

  private void call() {
    try {
      answers.add(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException | InterruptedException | RuntimeException e) {
      failures.add(e);
    }
  }

  /** The bodies so far. */
  public List<String> answers() {
    return answers;
  }

  /** The failures so far. */
  public List<Throwable> failures() {
    return failures;
  }

  /** Ends when all calls have. */
  @Override
  public void close() throws InterruptedException {
    over = true;
    pace.join();
  }
}
