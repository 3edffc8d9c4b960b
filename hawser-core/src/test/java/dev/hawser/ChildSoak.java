package dev.hawser;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * Makes many short TLS connections, and says by how much the process has grown meanwhile. Its heap
 * is to be touched before.
 */
final class ChildSoak {
  private static final int SETTLED = 500; // connections, until what is needed once is there
  private static final int COUNTED = 2_000;

  private ChildSoak() {}

  public static void main(String[] args) throws Exception {
    URI uri = URI.create(args[0]);
    TlsFile root = TlsFile.of(Path.of(args[1]));
    try (var client =
        Hawser.newBuilder().tls(t -> t.onlyRoots(root)).pool(p -> p.maxIdlePerHost(0)).build()) {
      connect(client, uri, SETTLED);
      long residentBefore = resident();
      long descriptorsBefore = descriptors();
      connect(client, uri, COUNTED);
      System.out.println("grown " + (resident() - residentBefore) / 1024);
      System.out.println("descriptors " + (descriptors() - descriptorsBefore));
    }
  }

  private static void connect(HawserClient client, URI uri, int count) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    for (int i = 0; i < count; i++) {
      var response = client.send(request, BodyHandlers.discarding());
      if (response.connection().exchanges() != 1) {
        throw new IllegalStateException("not a new connection");
      }
    }
    System.gc();
    Thread.sleep(Duration.ofMillis(500)); // finalizers run
  }

  private static long resident() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  private static long descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}
