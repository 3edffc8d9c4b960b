package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client takes from the machine, and what it does when the machine has no more. */
@Timeout(120)
class MachineTest {
  private static final int MOST = 10_000;
  private static final int LEAST = 2_000;

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    assertThat(condition.getAsBoolean()).isTrue();
  }

  private static Process java(String prefix, Class<?> main, String argument) throws IOException {
    return java(prefix, classPath(), main, argument);
  }

  private static Process java(String prefix, String classPath, Class<?> main, String argument)
      throws IOException {
    String command =
        prefix
            + " exec '%s/bin/java' -XX:-UsePerfData -Xshare:auto -cp '%s' %s %s"
                .formatted(System.getProperty("java.home"), classPath, main.getName(), argument);
    return new ProcessBuilder("bash", "-c", command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Only what is needed: each jar takes a descriptor, of which the child may have few. */
  private static String classPath() {
    return Stream.of(MachineTest.class, HawserClient.class, FaultServer.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  // ---- memory

  @Test
  void anIdleConnectionCostsAtMostFourKibibytes() throws Exception {
    int count = (int) Math.min(MOST, descriptorLimit() - descriptors() - 200);
    assumeThat(count).as("connections that ulimit -n allows").isGreaterThanOrEqualTo(LEAST);
    Process process = java("", ChildServer.class, Integer.toString(count));
    try (var lines = output(process);
        var client =
            Hawser.newBuilder()
                .pool(
                    p ->
                        p.maxConnections(count)
                            .maxConnectionsPerHost(count)
                            .maxIdle(count)
                            .maxIdlePerHost(count)
                            .maxWaitingPerHost(count)
                            .idleTimeout(Duration.ofMinutes(5)))
                .tcp(t -> t.connectTimeout(Duration.ofSeconds(30)))
                .exchange(e -> e.memoryBudget(1L << 30))
                .build();
        var warm = FaultServer.start(Script.ok("x"))) {
      URI uri = URI.create(lines.readLine());
      client.send(HttpRequest.newBuilder(warm.uri("/")).build(), BodyHandlers.ofString());
      await(() -> client.snapshot().bufferBytes() == 0);
      long before = memory();

      var threads = new ArrayList<Thread>();
      for (int i = 0; i < count - 1; i++) {
        threads.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
                      } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                    }));
      }
      // The last one evicts the connection to the other server, and opens the gate.
      client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding());
      for (Thread thread : threads) {
        thread.join();
      }
      threads.clear();
      assertThat(client.snapshot().idle()).isEqualTo(count);
      await(() -> client.snapshot().bufferBytes() == 0);
      long each = (memory() - before) / count;

      System.out.printf("%d idle connections: %d bytes each, heap and direct%n", count, each);
      assertThat(client.snapshot().idle()).isEqualTo(count);
      assertThat(each).isLessThanOrEqualTo(4096);
    } finally {
      process.destroy();
    }
  }

  private static long descriptorLimit() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/limits"))) {
      return lines
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.split("\\s+", -1)[3])
          .mapToLong(soft -> soft.equals("unlimited") ? Integer.MAX_VALUE : Long.parseLong(soft))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long memory() throws Exception {
    for (int i = 0; i < 4; i++) {
      System.gc();
      Thread.sleep(100); // references are cleared by a thread of the JVM's
    }
    Runtime runtime = Runtime.getRuntime();
    return direct() + runtime.totalMemory() - runtime.freeMemory();
  }

  /**
   * Reflectively: the module under test, which this is compiled into, does not read
   * java.management.
   */
  private static long direct() throws ReflectiveOperationException {
    Class<?> type = Class.forName("java.lang.management.BufferPoolMXBean");
    Object pools =
        Class.forName("java.lang.management.ManagementFactory")
            .getMethod("getPlatformMXBeans", Class.class)
            .invoke(null, type);
    for (Object pool : (List<?>) pools) {
      if ("direct".equals(type.getMethod("getName").invoke(pool))) {
        return (long) type.getMethod("getMemoryUsed").invoke(pool);
      }
    }
    throw new AssertionError("no pool of direct buffers");
  }

  // ---- descriptors

  @Test
  void withoutDescriptorsTheErrorNamesTheLimitAndTheClientRecovers() throws Exception {
    var release = new CountDownLatch(1);
    Script script =
        peer -> {
          while (true) {
            if (peer.readRequest().target().equals("/hold")) {
              peer.await(release);
            }
            peer.ok("fine");
          }
        };
    try (var server = FaultServer.start(script)) {
      Process process = java("ulimit -n 64;", ChildClient.class, server.uri("/").toString());
      var said = new ArrayList<String>();
      try (var lines = output(process)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          said.add(line);
          if (line.startsWith("exhausted")) {
            release.countDown();
          }
        }
      } finally {
        process.destroy();
      }

      assertThat(said).contains("sum 100", "afterwards fine");
      List<String> failures = said.stream().filter(line -> line.startsWith("failed")).toList();
      assertThat(failures).hasSizeBetween(30, 99);
      assertThat(failures)
          .allSatisfy(
              failure ->
                  assertThat(failure)
                      .contains("ConnectFailedException", "Too many open files", "ulimit -n"));
    }
  }

  @Test
  void withoutPortsTheErrorNamesTheRangeAndTheClientRecovers() throws Exception {
    String network = "unshare --net -- bash -c 'ip link set lo up'";
    assumeThat(new ProcessBuilder("bash", "-c", network).start().waitFor())
        .as("a network namespace, which takes root")
        .isZero();
    // The shell enters a network of its own, where there are ten ports.
    String prefix =
        "unshare --net -- bash -s <<'END'\n"
            + "ip link set lo up\n"
            + "echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range\n";
    Process process = java(prefix, ChildCalls.class, "ports\nEND");
    List<String> said;
    try (var lines = output(process)) {
      said = lines.lines().toList();
    } finally {
      process.destroy();
    }

    assertThat(said).contains("sum 30", "afterwards fine");
    List<String> failures = said.stream().filter(line -> line.startsWith("failed")).toList();
    assertThat(failures).hasSizeBetween(15, 29);
    assertThat(failures)
        .allSatisfy(
            failure ->
                assertThat(failure).contains("ConnectFailedException", "ip_local_port_range"));
  }

  // ---- names

  @Test
  void whereAProgramHasAResolverOfItsOwnThatAloneIsAsked(@TempDir Path folder) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("java.net.spi.InetAddressResolverProvider"),
        ChildResolver.class.getName());
    try (var server = FaultServer.start(Script.ok("found"))) {
      String uris =
          "http://made.up:%d/ http://localhost:%<d/ http://other.test:%<d/"
              .formatted(server.port());
      Process process =
          java("", folder + File.pathSeparator + classPath(), ChildResolver.class, uris);
      List<String> said;
      try (var lines = output(process)) {
        said = lines.lines().toList();
      } finally {
        process.destroy();
      }

      assertThat(said).startsWith("found", "found").contains("made.up ADDRESS system");
      assertThat(said.get(2)).contains("unknown host other.test");
    }
  }

  // ---- suspension

  @Test
  void afterASuspensionIdleConnectionsAreLookedAtAndDeadlinesHavePassed() throws Exception {
    Script script =
        peer -> {
          while (true) {
            if (peer.readRequest().target().equals("/silent")) {
              peer.stall();
            }
            peer.ok("fine");
          }
        };
    try (var server = FaultServer.start(script)) {
      Process process = java("", ChildCalls.class, server.uri("/").toString());
      try (var lines = output(process);
          var in = process.outputWriter(StandardCharsets.UTF_8)) {
        assertThat(lines.readLine()).isEqualTo("idle 1");
        assertThat(lines.readLine()).isEqualTo("ready fine");
        signal(process, "STOP");
        server.closeConnections(); // while the client cannot notice
        in.write("go\n");
        in.flush();
        Thread.sleep(3_000); // the time in which the process stands still
        long start = System.nanoTime();
        signal(process, "CONT");

        assertThat(lines.readLine()).isEqualTo("post fine");
        assertThat(lines.readLine()).startsWith("late ").contains("Exception");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static void signal(Process process, String name) throws Exception {
    assertThat(
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor())
        .isZero();
  }

  @Test
  void clientsBuiltAndDroppedLeaveNothingBehind() throws Exception {
    try (var server = FaultServer.start(Script.ok("x"))) {
      use(server); // loads classes, opens the pollers' descriptors
      await(() -> server.open() == 0);
      long descriptors = descriptors();
      long watchdogs = watchdogs();

      for (int i = 0; i < 30; i++) {
        use(server);
      }

      await(() -> server.open() == 0);
      await(() -> watchdogs() <= watchdogs);
      assertThat(descriptors()).isLessThanOrEqualTo(descriptors);
    }
  }

  /** Builds a client, uses it, and does not close it. */
  private static void use(FaultServer server) throws Exception {
    HawserClient client =
        Hawser.newBuilder().pool(p -> p.idleTimeout(Duration.ofMillis(200))).build();
    assertThat(
            client
                .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
                .body())
        .isEqualTo("x");
  }

  @Test
  void closingAClientEndsItsThreadAndItsConnections() throws Exception {
    long before = watchdogs();
    try (var server = FaultServer.start(Script.ok("x"))) {
      try (var client = Hawser.newHttpClient()) {
        client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
        assertThat(watchdogs()).isGreaterThan(0);
      }

      assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
      await(() -> watchdogs() <= before);
    }
  }

  private static long watchdogs() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("hawser-watchdog"))
        .count();
  }

  private static long descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }
}
