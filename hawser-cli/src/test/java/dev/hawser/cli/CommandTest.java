package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a user meets it: what it prints where, and its exit codes. */
@Timeout(60)
class CommandTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int hawser(String... arguments) {
    out.reset();
    err.reset();
    var console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8), new PrintStream(err, true, StandardCharsets.UTF_8), false);
    return Main.run(console, arguments);
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @SuppressWarnings("unchecked")
  private Map<String, Object> json() throws Exception {
    return (Map<String, Object>) JSON.std.anyFrom(out());
  }

  @Test
  void getDrawsAWaterfallAndReusesTheConnection() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      assertThat(hawser("get", server.uri("/x").toString(), "--repeat", "2")).isZero();

      assertThat(out()).contains("HTTP/1.1 200", "connection 1, new", "reused: its exchange 2", "connect", "firstByte", "█", "hello");
      assertThat(err()).isEmpty();
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void getPrintsOneJsonDocument() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      assertThat(hawser("get", server.uri("/").toString(), "--repeat", "3", "--json")).isZero();

      var exchanges = (List<Map<String, Object>>) json().get("exchanges");
      assertThat(exchanges).hasSize(3);
      assertThat(exchanges.get(0)).containsKeys("status", "protocol", "address", "reused", "error", "phases", "tls", "bytes");
      assertThat(exchanges.get(0)).containsEntry("status", 200).containsEntry("reused", false).containsEntry("bytes", 5);
      assertThat(exchanges.get(2)).containsEntry("reused", true).containsEntry("error", null);
      assertThat((Map<String, Object>) exchanges.get(0).get("phases"))
          .containsOnlyKeys("queue", "dns", "connect", "tls", "request", "firstByte", "body", "total");
      assertThat(exchanges.get(0).get("address")).isEqualTo(server.authority());
    }
  }

  @Test
  void getSendsWhatItIsTold() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      hawser("get", server.uri("/p?q=1").toString(), "-X", "PUT", "--data", "abc", "-H", "X-Test: yes");

      var request = server.requests().getFirst();
      assertThat(request.requestLine()).isEqualTo("PUT /p?q=1 HTTP/1.1");
      assertThat(request.header("x-test")).containsExactly("yes");
      assertThat(request.text()).isEqualTo("abc");
    }
  }

  @Test
  void getResolvesAHostAsTold() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      String url = "http://far.example.test:" + server.port() + "/";
      assertThat(hawser("get", url, "--resolve", "far.example.test:" + server.port() + ":127.0.0.1")).isZero();
      assertThat(server.requests().getFirst().header("host")).containsExactly("far.example.test:" + server.port());
    }
  }

  @Test
  void getWritesTheBodyToAFile(@TempDir Path dir) throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      assertThat(hawser("get", server.uri("/").toString(), "-o", dir.resolve("body").toString())).isZero();
      assertThat(Files.readString(dir.resolve("body"))).isEqualTo("hello");
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void aRefusedConnectionIsOneLineAndExitCodeOne() throws Exception {
    int port = refusedPort();
    assertThat(hawser("get", "http://127.0.0.1:" + port + "/")).isEqualTo(1);

    assertThat(err().strip().lines()).hasSize(1);
    assertThat(err()).contains("refused", "while connecting", "127.0.0.1:" + port, "ms", "check the port").doesNotContain("Exception");

    assertThat(hawser("get", "http://127.0.0.1:" + port + "/", "--json")).isEqualTo(1);
    var exchanges = (List<Map<String, Object>>) json().get("exchanges");
    assertThat(String.valueOf(exchanges.getFirst().get("error"))).contains("refused");
    assertThat(err()).isEmpty();

    assertThat(hawser("get", "http://127.0.0.1:" + port + "/", "--debug")).isEqualTo(1);
    assertThat(err()).contains("\tat ");
  }

  @Test
  void aStalledServerEndsAtTheTimeout() throws Exception {
    try (var server = FaultServer.start(Script.answerAndStall("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"))) {
      assertThat(hawser("get", server.uri("/").toString(), "--timeout", "300ms")).isEqualTo(1);
      assertThat(err()).contains("timeout of 300 ms", "receiving the body");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "get localhost:80            | do you mean http://localhost:80",
        "get http:///x               | no host",
        "get http://a/ --nonsense    | Unknown option",
        "get http://a/ --timeout 5   | not a duration",
        "get http://a/ --resolve x   | HOST:PORT:ADDR",
        "get                         | URL",
        "gte                         | gte",
        "tune --qps 5                | --rt",
        "tune --qps -5 --rt 1s       | --qps must be",
        "tune --qps NaN --rt 1s      | NaN",
        "tune --qps 1000000000 --rt 1h | more than any machine",
        "tune --qps 5 --rt 2h        | --rt must be",
      })
  void wrongUsageIsExplainedWithExitCodeTwo(String arguments, String explanation) {
    assertThat(hawser(arguments.strip().split(" "))).isEqualTo(2);
    assertThat(err()).contains(explanation).contains("Usage:").doesNotContain("\tat ");
    assertThat(out()).isEmpty();
  }

  @Test
  void noSubcommandIsWrongUsage() {
    assertThat(hawser()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "bench", "tune", "demo"})
  void everySubcommandHasHelp(String subcommand) {
    assertThat(hawser(subcommand, "--help")).isZero();
    assertThat(out()).contains("Usage: hawser " + subcommand);
  }

  @ParameterizedTest
  @CsvSource({"100, 50ms, 8, 30", "1000, 200ms, 300, 30", "5000, 100ms, 750, 30", "0, 0s, 2, 30", "10, 15.5s, 233, 46.5"})
  void tuneAppliesTheFormula(String qps, String rt, int maxIdle, double seconds) throws Exception {
    assertThat(hawser("tune", "--qps", qps, "--rt", rt, "--json")).isZero();
    assertThat(json()).containsEntry("maxIdlePerHost", maxIdle);
    assertThat(((Number) json().get("idleTimeoutSeconds")).doubleValue()).isEqualTo(seconds);

    assertThat(hawser("tune", "--qps", qps, "--rt", rt)).isZero();
    assertThat(out()).contains("maxIdlePerHost(" + maxIdle + ")");
  }

  @Test
  void benchMeasures() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      assertThat(hawser("bench", server.uri("/").toString(), "-c", "4", "-d", "500ms", "--warmup", "100ms", "--json")).isZero();

      assertThat(json())
          .containsOnlyKeys(
              "requests", "errors", "rps", "cpuMicrosPerRequest", "p50", "p90", "p99", "max", "connectionsOpened", "handshakes", "resumed");
      assertThat(((Number) json().get("requests")).longValue()).isPositive();
      assertThat(json()).containsEntry("errors", 0).containsEntry("connectionsOpened", 4);
    }
  }

  @Test
  void benchAgainstNothingFails() throws Exception {
    assertThat(hawser("bench", "http://127.0.0.1:" + refusedPort() + "/", "-c", "2", "-d", "200ms", "--warmup", "0ms")).isEqualTo(1);
    assertThat(out()).contains("refused");
  }

  @Test
  void demoShowsEverything() {
    assertThat(hawser("demo")).isZero();
    assertThat(out()).contains("hawser get", "█", "requests/s", "reused");
    assertThat(err().lines().filter(line -> line.startsWith("hawser:"))).hasSize(1);
  }

  private static int refusedPort() throws Exception {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
