package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code hawser get} against a server that behaves. */
@Timeout(60)
class GetTest {
  private final Shell shell = Shell.toFiles();
  private OriginServer origin;

  @BeforeEach
  void start() throws Exception {
    origin = OriginServer.start();
  }

  @AfterEach
  void stop() throws Exception {
    origin.close();
  }

  private String url(String path) {
    return origin.uri(path).toString();
  }

  @Test
  void drawsAWaterfall() {
    assertThat(shell.run("get", url("/delay/50"))).isZero();

    assertThat(shell.out())
        .contains("HTTP/1.1 200, 12 bytes, text/plain")
        .contains("127.0.0.1:" + origin.port() + " on connection 1, new")
        .containsPattern("(?m)^  connect    .*[█▏] .* ms$")
        .containsPattern("(?m)^  firstByte  .*██.* ms$")
        .containsPattern("(?m)^  total +[0-9.]+ ms$")
        .doesNotContain("tls");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void repeatsAreRowsAndReuseTheConnection() {
    assertThat(shell.run("get", url("/"), "--repeat", "3")).isZero();

    assertThat(shell.out())
        .containsPattern("(?m)^ +# status connection +total +queue +dns")
        .containsPattern("(?m)^ +2 +200 1 reused +[0-9.]+ ")
        .containsPattern("(?m)^ +3 +200 1 reused +[0-9.]+ ")
        .contains("3 requests: 3 answered, 2 on a reused connection");
    assertThat(origin.connections()).isEqualTo(1);
  }

  @Test
  void saysWhichProtocolWasSpoken() throws Exception {
    try (OriginServer http2 = OriginServer.builder().http2().start()) {
      String url = http2.uri("/").toString();
      assertThat(shell.run("get", url, "--http2", "--repeat", "2", "--json")).isZero();
      assertThat(shell.jsonList("exchanges"))
          .allSatisfy(
              each -> assertThat((Map<?, ?>) each).extracting("protocol").isEqualTo("HTTP/2"));
      assertThat(http2.connections()).isEqualTo(1);

      assertThat(shell.run("get", url, "--http2")).isZero();
      assertThat(shell.out()).contains("HTTP/2 200, 64 bytes");
      assertThat(shell.run("get", url)).as("by Upgrade: h2c").isZero();
      assertThat(shell.out()).contains("HTTP/2 200, 64 bytes");
      assertThat(shell.run("get", url, "--http1.1")).isZero();
      assertThat(shell.out()).contains("HTTP/1.1 200, 64 bytes");
      assertThat(http2.violations()).isEmpty();
    }
  }

  @Test
  void saysWhyAConnectionWasClosedBetweenRepeats() throws Exception {
    try (var server =
        FaultServer.start(Script.closeWhenIdle(Duration.ofMillis(100), peer -> peer.ok("bye")))) {
      String url = server.uri("/").toString();
      assertThat(shell.run("get", url, "--repeat", "2", "--interval", "600ms")).isZero();

      assertThat(shell.out())
          .containsPattern("connection 1 closed after [0-9.]+ ms: closed by the server while idle")
          .containsPattern("(?m)^ +2 +200 2 new ");
    }
  }

  @Test
  @SuppressWarnings("unchecked")
  void printsOneJsonDocument() throws Exception {
    assertThat(shell.run("get", url("/"), "--repeat", "3", "--json")).isZero();

    List<Map<String, Object>> exchanges = shell.jsonList("exchanges");
    assertThat(exchanges).hasSize(3);
    assertThat(exchanges.getFirst())
        .containsEntry("status", 200)
        .containsEntry("protocol", "HTTP/1.1")
        .containsEntry("address", "127.0.0.1:" + origin.port())
        .containsEntry("reused", false)
        .containsEntry("error", null)
        .containsEntry("tls", null)
        .containsEntry("bytes", 64);
    assertThat(exchanges.getLast()).containsEntry("reused", true);
    var phases = (Map<String, Number>) exchanges.getFirst().get("phases");
    assertThat(phases)
        .containsOnlyKeys(
            "queue",
            "dns",
            "connect",
            "proxy",
            "tls",
            "request",
            "firstByte",
            "body",
            "backoff",
            "total");
    assertThat(phases.get("total").doubleValue()).isPositive();
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void sendsWhatItIsTold() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      shell.run(
          "get",
          server.uri("/p?q=1").toString(),
          "-X",
          "PUT",
          "--data",
          "a=b",
          "-H",
          "X-Test: yes");

      var request = server.requests().getFirst();
      assertThat(request.requestLine()).isEqualTo("PUT /p?q=1 HTTP/1.1");
      assertThat(request.header("x-test")).containsExactly("yes");
      assertThat(request.header("content-type"))
          .containsExactly("application/x-www-form-urlencoded");
      assertThat(request.text()).isEqualTo("a=b");
    }
  }

  @Test
  void dataMayBeAFileAndMakesAPost(@TempDir Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("body.json"), "{\"n\":1}\n");
    try (var server = FaultServer.start(Script.ok("hello"))) {
      String url = server.uri("/").toString();
      shell.run("get", url, "--data", "@" + file, "-H", "content-type: application/json");

      var request = server.requests().getFirst();
      assertThat(request.method()).isEqualTo("POST");
      assertThat(request.header("content-type")).containsExactly("application/json");
      assertThat(request.text()).isEqualTo("{\"n\":1}\n");
    }
  }

  @Test
  void aUserInTheUrlIsBasicAuthenticationAndNotShown() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"))) {
      shell.run("get", server.uri("/x").toString().replace("http://", "http://ann:s%40cret@"));

      String expected = Base64.getEncoder().encodeToString("ann:s@cret".getBytes());
      var request = server.requests().getFirst();
      assertThat(request.header("authorization")).containsExactly("Basic " + expected);
      assertThat(request.header("host")).containsExactly(server.authority());
      assertThat(shell.out() + shell.err()).doesNotContain("cret");
    }
  }

  @Test
  void resolvesAHostAsTold() throws Exception {
    String host = "far.example.test:" + origin.port();
    assertThat(shell.run("get", "http://" + host + "/headers", "--resolve", host + ":127.0.0.1"))
        .isZero();
    assertThat(shell.err()).isEmpty();
    assertThat(shell.out()).contains("127.0.0.1:" + origin.port() + " on connection 1");
  }

  @Test
  void warnsOfAResolveThatIsForAnotherPort() {
    shell.run("get", url("/"), "--resolve", "far.example.test:1:127.0.0.1");
    assertThat(shell.err()).contains("--resolve far.example.test:1:127.0.0.1 is not for");
  }

  @Test
  void followsRedirectsWhenAsked() {
    assertThat(shell.run("get", url("/redirect/2"))).isZero();
    assertThat(shell.out()).contains("HTTP/1.1 302", "to /redirect/1 (--follow goes there)");

    assertThat(shell.run("get", url("/redirect/2"), "--follow")).isZero();
    assertThat(shell.out())
        .contains("302 -> " + url("/redirect/1"), "302 -> " + url("/"), "HTTP/1.1 200");

    assertThat(shell.run("get", url("/redirect/2"), "--max-redirects", "1")).isZero();
    assertThat(shell.out())
        .contains("302 -> " + url("/redirect/1"), "HTTP/1.1 302", "not followed: the limit");
  }

  @Test
  void aTerminalGetsTheFirstLinesOfAText() {
    Shell terminal = Shell.onTerminal();
    terminal.run("get", url("/"));
    assertThat(terminal.out())
        .endsWith("This small answer has sixty-four bytes and fits in one segment.\n");

    terminal.run("get", url("/bytes/100000"));
    assertThat(terminal.out()).endsWith("...\n(--body shows all)\n").hasSizeLessThan(2_000);

    shell.run("get", url("/"));
    assertThat(shell.out()).doesNotContain("This small answer");
  }

  @Test
  void theWholeBodyGoesToStandardOutputAndTheReportToTheOther() {
    assertThat(shell.run("get", url("/bytes/200000"), "--body")).isZero();
    assertThat(shell.out()).hasSize(200_000).matches("[a-z]+");
    assertThat(shell.err()).contains("HTTP/1.1 200", "firstByte");
  }

  @Test
  void theBodyGoesToAFile(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("body");
    assertThat(shell.run("get", url("/bytes/200000"), "-o", file.toString(), "--json")).isZero();
    assertThat(file).hasSize(200_000);
    assertThat(shell.jsonList("exchanges").getFirst()).containsEntry("bytes", 200_000);
  }

  @Test
  void showsHeadersWhenAsked() {
    shell.run("get", url("/"), "-i");
    assertThat(shell.out()).contains("\n  Content-Length: 64\n");
  }

  @Test
  void showsNothingThatControlsATerminal() throws Exception {
    String response =
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\n\u001b[31mred";
    try (var server = FaultServer.start(Script.answer(response))) {
      Shell terminal = Shell.onTerminal();
      terminal.run("get", server.uri("/").toString());
      assertThat(terminal.out()).contains("?[31mr").doesNotContain("\u001b");
    }
  }
}
