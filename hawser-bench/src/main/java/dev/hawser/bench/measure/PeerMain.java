package dev.hawser.bench.measure;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.bench.peer.Peer;
import dev.hawser.bench.peer.Peers;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The process of one client. It warms up, says {@code MEASURE}, measures, says {@code MEASURED},
 * and ends with one line of JSON on standard output.
 */
public final class PeerMain {
  /** As many as a server of OpenSSL's gives tickets, so that all of them can resume. */
  private static final int WARMING_CALLERS = 2;

  private PeerMain() {}

  public static void main(String[] args) throws Exception {
    Map<String, String> options = options(args);
    dieWithParent();
    Duration warmup = millis(options, "warmup");
    Duration duration = millis(options, "duration");
    Peer.Target target =
        new Peer.Target(
            URI.create(option(options, "uri")),
            Integer.parseInt(option(options, "callers")),
            option(options, "http").equals("2"));
    String scenario = option(options, "scenario");
    Peer peer = Peers.open(option(options, "client"), target);
    if (target.http2() && scenario.equals("get")) {
      // Alone, so that its connection is there for all when they come.
      new Batch(peer, 1, 1).run(Duration.ofSeconds(10));
    }
    Map<String, Object> result =
        switch (scenario) {
          case "get" -> small(peer, target.callers(), warmup, duration);
          case "batch" -> batch(peer, target, options, warmup);
          case "download", "upload" ->
              onVirtualThread(() -> large(peer, target.uri(), options, scenario, warmup, duration));
          default -> throw new IllegalArgumentException("no such scenario: " + scenario);
        };
    System.out.println(JSON.std.asString(result));
    System.out.flush();
    Runtime.getRuntime().halt(0); // some clients take seconds to close: not what is measured
  }

  private static Map<String, Object> small(
      Peer peer, int callers, Duration warmup, Duration duration) throws InterruptedException {
    Load load = new Load(callers);
    load.start(peer);
    Thread.sleep(warmup);
    long errorsBefore = load.errors();
    Histogram histogram = new Histogram();
    System.out.println("MEASURE");
    Usage start = Usage.now();
    load.measureInto(histogram);
    Thread.sleep(duration);
    load.measureInto(null);
    Usage used = Usage.now().since(start);
    System.out.println("MEASURED");
    long errors = load.errors() - errorsBefore;
    long stuck = load.stop(Duration.ofSeconds(5));

    Map<String, Object> result = common(used, histogram, histogram.count());
    result.put("errors", errors);
    result.put("errorsInWarmup", errorsBefore);
    result.put("stuck", stuck);
    String firstError = load.firstError();
    if (firstError != null) {
      result.put("firstError", firstError);
    }
    return result;
  }

  /**
   * A batch in a process that has done nothing yet, or after a warm-up with a client and a server
   * of its own, so that the code is warm and nothing else.
   */
  private static Map<String, Object> batch(
      Peer peer, Peer.Target target, Map<String, String> options, Duration warmup)
      throws Exception {
    if (!warmup.isZero()) {
      var elsewhere =
          new Peer.Target(URI.create(option(options, "warm-uri")), WARMING_CALLERS, false);
      Peer other = Peers.open(option(options, "client"), elsewhere);
      Load load = new Load(WARMING_CALLERS);
      load.start(other);
      Thread.sleep(warmup);
      load.stop(Duration.ofSeconds(5));
      other.close();
    }
    int count = Integer.parseInt(option(options, "count"));
    System.out.println("MEASURE");
    Usage start = Usage.now();
    Batch batch = new Batch(peer, count, target.callers());
    long stuck = batch.run(Duration.ofSeconds(30));
    Usage end = Usage.now();
    System.out.println("MEASURED");
    Usage used = end.since(start);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("requests", count - stuck - batch.errors());
    result.put("seconds", used.seconds());
    result.put("cpuSeconds", used.cpuNanos() / 1e9);
    result.put("processCpuSeconds", end.cpuNanos() / 1e9);
    result.put("errors", batch.errors());
    result.put("stuck", stuck);
    String firstError = batch.firstError();
    if (firstError != null) {
      result.put("firstError", firstError);
    }
    return result;
  }

  private static Map<String, Object> large(
      Peer peer,
      URI uri,
      Map<String, String> options,
      String scenario,
      Duration warmup,
      Duration duration)
      throws Exception {
    Transfers transfers =
        new Transfers(peer, uri, Path.of(option(options, "file")), scenario.equals("upload"));
    transfers.repeat(warmup, new Histogram());
    Histogram histogram = new Histogram();
    Usage.forgetHeapPeaks();
    System.out.println("MEASURE");
    Usage start = Usage.now();
    long count = transfers.repeat(duration, histogram);
    Usage used = Usage.now().since(start);
    System.out.println("MEASURED");
    return common(used, histogram, count);
  }

  private static Map<String, Object> common(Usage used, Histogram histogram, long requests) {
    Map<String, Object> result = new LinkedHashMap<>();
    double each = Math.max(1, requests);
    result.put("requests", requests);
    result.put("seconds", used.seconds());
    result.put("cpuSeconds", used.cpuNanos() / 1e9);
    result.put("rps", requests / used.seconds());
    result.put("cpuMicros", used.cpuNanos() / 1e3 / each);
    result.put("meanMicros", histogram.meanNanos() / 1e3);
    result.put("p50Micros", histogram.percentileNanos(0.50) / 1e3);
    result.put("p90Micros", histogram.percentileNanos(0.90) / 1e3);
    result.put("p99Micros", histogram.percentileNanos(0.99) / 1e3);
    result.put("maxMicros", histogram.percentileNanos(1.0) / 1e3);
    result.put("allocated", used.allocated() / each);
    result.put("compileShare", used.compileNanos() / (double) used.cpuNanos());
    result.put("gcShare", used.gcMillis() / 1e3 / used.seconds());
    result.put("heapPeakMiB", Usage.heapPeakMiB());
    result.put("residentPeakMiB", Usage.residentPeakMiB());
    return result;
  }

  private static <T> T onVirtualThread(Callable<T> work) throws Exception {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                done.complete(work.call());
              } catch (Throwable e) {
                done.completeExceptionally(e);
              }
            });
    return done.get();
  }

  /** The driver holds the other end of standard input: its end is ours, even if it was killed. */
  static void dieWithParent() {
    Thread.ofPlatform()
        .daemon()
        .name("parent-watch")
        .start(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (IOException e) {
                // as good as its end
              }
              Runtime.getRuntime().halt(3);
            });
  }

  static Map<String, String> options(String[] args) {
    Map<String, String> options = new LinkedHashMap<>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      options.put(args[i].substring(2), args[i + 1]);
    }
    return options;
  }

  static String option(Map<String, String> options, String name) {
    @Nullable String value = options.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  static Duration millis(Map<String, String> options, String name) {
    return Duration.ofMillis(Long.parseLong(option(options, name)));
  }
}
