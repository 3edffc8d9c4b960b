package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.TlsOptions.Provider;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.TestAuthority;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who computes for TLS: what the option says, and what is on the class path. */
@Tag("tls")
@Timeout(60)
class ProviderTest {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final int IDLE = 100;

  /** What the library keeps for the next connections, and the JDK for each of its threads. */
  private static final int KEPT = 64 + 20;

  @TempDir Path folder;

  private static boolean conscryptIsThere() {
    try {
      var _ = Class.forName("org.conscrypt.Conscrypt");
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private HawserClient.Builder trusting(Provider provider) throws Exception {
    Path root = ROOT.writePem(folder.resolve("root.pem"));
    return Hawser.newBuilder().tls(t -> t.onlyRoots(TlsFile.of(root)).provider(provider));
  }

  private static String provider(HawserClient client) {
    return client.sslContext().getProvider().getName();
  }

  @Test
  void autoTakesConscryptWhereItIs() throws Exception {
    try (var client = trusting(Provider.AUTO).build()) {
      assertThat(provider(client)).isEqualTo(conscryptIsThere() ? "Conscrypt" : "SunJSSE");
    }
  }

  @Test
  void theJdksCanBeAskedFor() throws Exception {
    try (var client = trusting(Provider.JDK).build()) {
      assertThat(provider(client)).isEqualTo("SunJSSE");
    }
  }

  @Test
  void conscryptIsTakenOrMissed() {
    if (conscryptIsThere()) {
      assertThatCode(() -> trusting(Provider.CONSCRYPT).build().close()).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> Hawser.newBuilder().tls(t -> t.provider(Provider.CONSCRYPT)).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("tls.provider", "class path", "conscrypt-openjdk-uber");
    }
  }

  /** Conscrypt would pass over some of what they say. */
  @Test
  void parametersOfTheUsersOwnAreForTheJdk() throws Exception {
    var parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.2"});
    parameters.setNamedGroups(new String[] {"secp384r1"});
    // Not P-256: in TLS 1.2 a certificate's curve must be among the groups (RFC 8422 5.3).
    var identity = ROOT.issue(leaf -> leaf.ips("127.0.0.1").key(KeyKind.RSA_2048));
    try (var server = OriginServer.builder().tls(identity.serverContext()).start();
        var client = trusting(Provider.AUTO).sslParameters(parameters).build()) {
      assertThat(provider(client)).isEqualTo("SunJSSE");
      HawserResponse<String> response =
          client.send(
              HttpRequest.newBuilder(server.uri("/bytes/10")).build(), BodyHandlers.ofString());
      assertThat(response.connection().tls().orElseThrow().version()).isEqualTo("TLSv1.2");
      assertThat(response.connection().tls().orElseThrow().group()).contains("secp384r1");
    }
  }

  /** Native memory is no part of the heap, and nobody sees how much of it there is. */
  @Test
  void idleConnectionsHoldNoMemoryOutsideTheHeap() throws Exception {
    long before = directBuffers();
    try (var server = OriginServer.builder().tls(ROOT.localhost().serverContext()).start();
        var client = trusting(Provider.AUTO).pool(p -> p.maxIdlePerHost(IDLE)).build();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      client.warmUp(server.uri("/"), IDLE);
      HttpRequest request = HttpRequest.newBuilder(server.uri("/bytes/100000")).build();
      var calls = new ArrayList<Future<?>>();
      for (int i = 0; i < IDLE; i++) {
        calls.add(callers.submit(() -> client.send(request, BodyHandlers.ofByteArray())));
      }
      for (Future<?> call : calls) {
        call.get();
      }
      awaitIt(() -> client.snapshot().idle() == IDLE && client.snapshot().bufferBytes() == 0);

      awaitIt(
          () -> {
            System.gc();
            return directBuffers() - before < KEPT;
          });
      assertThat(client.snapshot().idle()).isEqualTo(IDLE);
    }
  }

  /**
   * A connection of BoringSSL's has 40 KiB of native memory and two descriptors of its own, which
   * nobody gives back unless it is disposed of; {@code hawser-bench/soak} makes more of them.
   */
  @Test
  @EnabledOnOs(OS.LINUX)
  @Timeout(180)
  void connectionsThatAreClosedLeaveNoMemoryOutsideTheHeap() throws Exception {
    Path root = ROOT.writePem(folder.resolve("root.pem"));
    try (var server = OriginServer.builder().tls(ROOT.localhost().serverContext()).start()) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-Xms64m",
                  "-Xmx64m",
                  "-XX:+AlwaysPreTouch",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ChildSoak.class.getName(),
                  server.uri("/bytes/10").toString(),
                  root.toString())
              .redirectErrorStream(true)
              .start();
      var said = new HashMap<String, Integer>();
      try (var lines = process.inputReader()) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          Matcher figure = Pattern.compile("(\\w+) (-?\\d+)").matcher(line);
          if (figure.matches()) {
            said.put(figure.group(1), Integer.parseInt(figure.group(2)));
          }
        }
      } finally {
        process.destroy();
      }

      assertThat(said).containsKeys("grown", "descriptors");
      assertThat(said.get("grown")).as("MiB").isLessThan(32);
      assertThat(said.get("descriptors")).isLessThan(40);
    }
  }

  private static void awaitIt(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(20);
    }
  }

  private static long directBuffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }
}
