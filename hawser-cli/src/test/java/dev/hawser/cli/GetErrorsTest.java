package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code hawser get} says when an exchange fails: one line, and exit code 1. */
@Timeout(60)
class GetErrorsTest {
  private final Shell shell = Shell.toFiles();

  private void failsWithOneLine(String... arguments) {
    assertThat(shell.run(arguments)).isEqualTo(Main.FAILED);
    assertThat(shell.err().lines()).hasSize(1);
    assertThat(shell.err()).startsWith("hawser: ").doesNotContain("Exception", "\tat ");
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void refused() throws Exception {
    try (var port = Ports.refused()) {
      failsWithOneLine("get", "http://127.0.0.1:" + port.port() + "/");
      assertThat(shell.err())
          .contains(
              "127.0.0.1:" + port.port(), "refused", "while connecting", " ms", "check the port");
    }
  }

  @Test
  void refusedAsJson() throws Exception {
    try (var port = Ports.refused()) {
      assertThat(shell.run("get", "http://127.0.0.1:" + port.port() + "/", "--json"))
          .isEqualTo(Main.FAILED);
      Map<String, Object> exchange = shell.jsonList("exchanges").getFirst();
      assertThat(exchange)
          .containsEntry("status", null)
          .containsEntry("address", "127.0.0.1:" + port.port())
          .containsEntry("errorPhase", "connect")
          .containsEntry("bytes", 0);
      assertThat(String.valueOf(exchange.get("error"))).contains("refused");
      assertThat(shell.err()).isEmpty();
    }
  }

  @Test
  void aStackTraceOnlyForDebug() throws Exception {
    try (var port = Ports.refused()) {
      shell.run("get", "http://127.0.0.1:" + port.port() + "/", "--debug");
      assertThat(shell.err()).contains("ConnectFailedException", "\tat ");
    }
  }

  @Test
  void unknownHost() {
    failsWithOneLine("get", "http://no-such-host.invalid/");
    assertThat(shell.err()).contains("no-such-host.invalid", "while resolving the name");
  }

  @Test
  void noAnswerToTheConnect() throws Exception {
    try (var port = Ports.blackhole()) {
      String url = "http://127.0.0.1:" + port.port() + "/";
      failsWithOneLine("get", url, "--connect-timeout", "200ms");
      assertThat(shell.err()).contains("no answer to the TCP connect", "raise --connect-timeout");
    }
  }

  @Test
  void theRequestsTimeout() throws Exception {
    try (var origin = OriginServer.start()) {
      failsWithOneLine("get", origin.uri("/delay/5000").toString(), "--timeout", "150ms");
      assertThat(shell.err())
          .contains("timeout of 150 ms passed while waiting for the response", "Raise --timeout");
    }
  }

  @Test
  void aBodyThatStalls() throws Exception {
    String begin = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe";
    try (var server = FaultServer.start(Script.answerAndStall(begin))) {
      String url = server.uri("/").toString();
      failsWithOneLine("get", url, "--timeout", "300ms");
      assertThat(shell.err()).contains("timeout of 300 ms", "receiving the body");

      shell.run("get", url, "--timeout", "300ms", "--json");
      assertThat(shell.jsonList("exchanges").getFirst())
          .containsEntry("status", 200)
          .containsEntry("bytes", 2)
          .containsEntry("errorPhase", "body");
    }
  }

  @Test
  void garbage() throws Exception {
    try (var server = FaultServer.start(Script.answer("SSH-2.0-OpenSSH_9.6\r\n"))) {
      failsWithOneLine("get", server.uri("/").toString());
      assertThat(shell.err()).contains("SSH", "while waiting for the response");
    }
  }

  @Test
  void someOfManyRepeats() throws Exception {
    try (var server =
        FaultServer.start(Script.answer("junk\r\n\r\n"), Script.ok("good"), Script.ok("good"))) {
      assertThat(shell.run("get", server.uri("/").toString(), "--repeat", "3")).isEqualTo(1);
      assertThat(shell.err().lines()).hasSize(1);
      assertThat(shell.out()).contains("3 requests: 2 answered, 1 failed, 1 on a reused");
    }
  }
}
