package dev.hawser;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Stories that need a process of their own; each says on standard output what came of it. */
final class ChildCalls {
  private ChildCalls() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("ports")) {
      withoutPorts();
    } else {
      paused(URI.create(args[0]));
    }
  }

  /**
   * Makes an idle and a busy connection, is suspended, and uses the first and waits for the second.
   */
  private static void paused(URI uri) throws Exception {
    try (var client = Hawser.newHttpClient();
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      var silent =
          HttpRequest.newBuilder(uri.resolve("/silent")).timeout(Duration.ofSeconds(1)).build();
      client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      System.out.println("idle " + client.snapshot().idle());
      var late = client.sendAsync(silent, BodyHandlers.ofString());
      var other = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      System.out.println("ready " + other.body());
      in.readLine(); // comes after the suspension
      // Not repeatable: it must not meet the connection that the server has closed meanwhile.
      var post = HttpRequest.newBuilder(uri).POST(BodyPublishers.ofString("once")).build();
      System.out.println("post " + client.send(post, BodyHandlers.ofString()).body());
      System.out.println("late " + late.handle((r, e) -> String.valueOf(e)).get());
    }
  }

  /** In a network of its own with ten ports: more connections than that, and the time after. */
  private static void withoutPorts() throws Exception {
    int calls = 30;
    var release = new CountDownLatch(1);
    var served = new AtomicInteger();
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    Script script =
        peer -> {
          while (true) {
            if (peer.readRequest().target().equals("/hold")) {
              peer.await(release);
            }
            peer.ok("fine");
          }
        };
    try (var server = FaultServer.start(script);
        var client = Hawser.newHttpClient()) {
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < calls; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        var hold = HttpRequest.newBuilder(server.uri("/hold")).build();
                        client.send(hold, BodyHandlers.ofString());
                        served.incrementAndGet();
                      } catch (IOException | InterruptedException e) {
                        failures.add(e.getClass().getSimpleName() + " " + e.getMessage());
                      }
                    }));
      }
      while (failures.size() + client.snapshot().leased() < calls) {
        Thread.sleep(5);
      }
      release.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.println("sum " + (served.get() + failures.size()));
      failures.forEach(failure -> System.out.println("failed " + failure));
      var again = HttpRequest.newBuilder(server.uri("/")).build();
      System.out.println("afterwards " + client.send(again, BodyHandlers.ofString()).body());
    }
  }
}
