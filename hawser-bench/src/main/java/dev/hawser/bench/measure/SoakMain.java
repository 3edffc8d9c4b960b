package dev.hawser.bench.measure;

import dev.hawser.bench.peer.Peer;
import dev.hawser.bench.peer.Peers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * The process of one client that makes many short connections: {@code SoakMain CLIENT FULL-URI
 * RESUMED-URI CONNECTIONS CALLERS MOST-GROWTH}. Prints what it holds after each twentieth of them;
 * exits with 1 if that has grown.
 */
public final class SoakMain {
  private static final int LOOKS = 20;

  /** Code is loaded and compiled, and pools are full, after so many looks. */
  private static final int SETTLED = LOOKS / 5;

  /** Of connections that are just open; the descriptors of a leak would be thousands. */
  private static final int MOST_DESCRIPTORS = 40;

  /** What cleaners and finalizers get, after a collection that says what is for them. */
  private static final Duration CLEANING = Duration.ofMillis(300);

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  /** What the process holds. */
  private record Held(double residentMiB, long descriptors) {
    static Held now() throws IOException, InterruptedException {
      System.gc();
      Thread.sleep(CLEANING);
      try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
        return new Held(resident(), open.count());
      }
    }

    private static double resident() throws IOException {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
          .findFirst()
          .orElseThrow();
    }
  }

  private SoakMain() {}

  public static void main(String[] args) throws Exception {
    int connections = Integer.parseInt(args[3]);
    int callers = Integer.parseInt(args[4]);
    int mostGrowth = Integer.parseInt(args[5]);
    List<Peer> peers =
        Stream.of(args[1], args[2])
            .map(uri -> open(args[0], new Peer.Target(URI.create(uri), callers, false)))
            .toList();
    Held settled = Held.now();
    Held last = settled;
    System.out.println("connections  resident MiB  descriptors");
    for (int look = 1; look <= LOOKS; look++) {
      for (Peer peer : peers) {
        var batch = new Batch(peer, connections / LOOKS / peers.size(), callers);
        if (batch.run(PATIENCE) > 0 || batch.errors() > 0) {
          System.out.println("failed: " + batch.firstError());
          Runtime.getRuntime().halt(1);
        }
      }
      last = Held.now();
      System.out.printf(
          "%,11d  %12.1f  %11d%n",
          (long) connections * look / LOOKS, last.residentMiB(), last.descriptors());
      settled = look <= SETTLED ? last : settled;
    }
    double growth = last.residentMiB() - settled.residentMiB();
    long more = last.descriptors() - settled.descriptors();
    boolean grown = growth > mostGrowth || more > MOST_DESCRIPTORS;
    System.out.printf(
        "%s: %.1f MiB (%d allowed) and %d descriptors more (%d allowed)%n",
        grown ? "GROWN" : "good", growth, mostGrowth, more, MOST_DESCRIPTORS);
    Runtime.getRuntime().halt(grown ? 1 : 0);
  }

  private static Peer open(String client, Peer.Target target) {
    try {
      return Peers.open(client, target);
    } catch (Exception e) {
      throw new IllegalStateException(client + " cannot be opened", e);
    }
  }
}
