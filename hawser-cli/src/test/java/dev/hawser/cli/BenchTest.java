package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("tls")
@Timeout(60)
class BenchTest {
  private static final String SHORT = " -c 4 -d 400ms --warmup 100ms";

  private final Shell shell = Shell.toFiles();

  @Test
  void printsATable() throws Exception {
    try (var origin = OriginServer.start()) {
      assertThat(shell.runLine("bench " + origin.uri("/") + SHORT)).isZero();

      assertThat(shell.out())
          .containsPattern("(?m)^requests +[0-9,]+ in 0\\.[45] s by 4 callers$")
          .containsPattern("(?m)^errors +0$")
          .containsPattern("(?m)^requests/s +[0-9,]+$")
          .containsPattern("(?m)^latency +p50 [0-9.]+ +p90 [0-9.]+ +p99 [0-9.]+ +max [0-9.]+ ms$")
          .containsPattern("(?m)^client CPU +[0-9.]+ us a request")
          .containsPattern("(?m)^connections +[1-5] opened.* 100.00 % of requests on a reused one");
      assertThat(shell.err()).isEmpty();
    }
  }

  @Test
  void printsOneJsonDocument() throws Exception {
    try (var origin = OriginServer.start()) {
      assertThat(shell.runLine("bench " + origin.uri("/") + " --json" + SHORT)).isZero();

      Map<String, Object> figures = shell.json();
      assertThat(figures)
          .containsKeys(
              "requests",
              "errors",
              "rps",
              "cpuMicrosPerRequest",
              "p50",
              "p90",
              "p99",
              "max",
              "connectionsOpened",
              "handshakes",
              "resumed")
          .containsEntry("errors", 0)
          .containsEntry("handshakes", 0)
          .containsEntry("statuses", Map.of("200", figures.get("requests")));
      assertThat(number(figures, "requests")).isPositive();
      assertThat(number(figures, "rps")).isPositive();
      assertThat(number(figures, "cpuMicrosPerRequest")).isPositive();
      assertThat(number(figures, "p50")).isPositive().isLessThanOrEqualTo(number(figures, "max"));
      assertThat(number(figures, "connectionsOpened")).isBetween(1.0, 5.0);
    }
  }

  @Test
  void countsHandshakes(@TempDir Path folder) throws Exception {
    TestAuthority authority = TestAuthority.create();
    Path cacert = authority.writePem(folder.resolve("ca.pem"));
    try (var origin = OriginServer.builder().tls(authority.localhost().serverContext()).start()) {
      String line = "bench " + origin.uri("/") + " --cacert " + cacert + SHORT;
      assertThat(shell.runLine(line)).isZero();
      assertThat(shell.out()).containsPattern("(?m)^TLS +[1-5] handshakes, [0-4] of them resumed$");
    }
  }

  @Test
  void moreCallersThanThePoolHasPlacesByDefault() throws Exception {
    try (var origin = OriginServer.start()) {
      String line = "bench " + origin.uri("/delay/20") + " -c 150 -d 500ms --warmup 300ms --json";
      assertThat(shell.runLine(line)).isZero();
      assertThat(number(shell.json(), "connectionsOpened")).isGreaterThan(100);
    }
  }

  @Test
  void aServerThatCannotBeReachedIsKnownAtOnce() throws Exception {
    try (var port = Ports.refused()) {
      String url = "http://127.0.0.1:" + port.port() + "/";
      long start = System.nanoTime();
      assertThat(shell.run("bench", url, "-d", "30s")).isEqualTo(Main.FAILED);
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
      assertThat(shell.err().lines()).hasSize(1);
      assertThat(shell.err()).contains("refused", "check the port");

      assertThat(shell.run("bench", url, "--json")).isEqualTo(Main.FAILED);
      assertThat(shell.json()).containsEntry("requests", 0).containsEntry("errors", 1);
      assertThat(shell.err()).isEmpty();
    }
  }

  @Test
  void errorsAreToldByKind() throws Exception {
    try (var server = FaultServer.start(Script.answer("junk\r\n\r\n"))) {
      assertThat(shell.runLine("bench " + server.uri("/") + SHORT)).isEqualTo(Main.FAILED);
      assertThat(shell.out())
          .containsPattern("(?m)^errors +[1-9][0-9]*$")
          .containsPattern(
              "(?m)^ +[1-9][0-9]* x the server sent .*while waiting for the response$");
    }
  }

  @Test
  void otherStatusesAreShown() throws Exception {
    try (var origin = OriginServer.start()) {
      assertThat(shell.runLine("bench " + origin.uri("/status/503") + SHORT)).isZero();
      assertThat(shell.out()).containsPattern("(?m)^statuses +503: [0-9,]+$");
    }
  }

  private static double number(Map<String, Object> figures, String name) {
    return ((Number) figures.get(name)).doubleValue();
  }
}
