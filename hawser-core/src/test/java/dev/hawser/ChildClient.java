package dev.hawser;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends more requests at once than its process has descriptors; says what became of them. */
final class ChildClient {
  private ChildClient() {}

  public static void main(String[] args) throws Exception {
    URI uri = URI.create(args[0]);
    int calls = 100;
    var served = new AtomicInteger();
    Queue<String> failures = new ConcurrentLinkedQueue<>();
    try (var client = Hawser.newHttpClient()) {
      Thread.ofVirtual().start(() -> loadClasses(client, uri)).join();
      var threads = new ArrayList<Thread>();
      for (int i = 0; i < calls; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        send(client, uri.resolve("/hold"));
                        served.incrementAndGet();
                      } catch (IOException | InterruptedException | RuntimeException e) {
                        failures.add(e.getClass().getSimpleName() + " " + e.getMessage());
                      }
                    }));
      }
      while (failures.size() + client.snapshot().leased() < calls) {
        Thread.sleep(5);
      }
      System.out.println("exhausted " + failures.size());
      for (Thread thread : threads) {
        thread.join();
      }
      System.out.println("served " + served);
      System.out.println("sum " + (served.get() + failures.size()));
      failures.forEach(failure -> System.out.println("failed " + failure));
      client.drain(uri);
      System.out.println("afterwards " + send(client, uri.resolve("/")));
    }
  }

  /**
   * Reading a class takes a descriptor, too: one request that works and one that fails have all
   * that is needed read.
   */
  private static void loadClasses(HawserClient client, URI uri) {
    for (URI each : List.of(uri.resolve("/"), URI.create("http://127.0.0.1:1/"))) {
      try {
        send(client, each);
      } catch (IOException | InterruptedException e) {
        System.out.println("as expected: " + e);
      }
    }
    client.snapshot(); // while there is a host in it
    client.drain(uri);
    try (var nobody = new ServerSocket(0)) {
      nobody.setSoTimeout(20);
      nobody.accept().close(); // a virtual thread that blocks opens the JDK's pollers
    } catch (IOException e) {
      System.out.println("as expected: " + e);
    }
  }

  private static String send(HawserClient client, URI uri)
      throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }
}
