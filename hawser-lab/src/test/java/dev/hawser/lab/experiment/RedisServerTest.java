package dev.hawser.lab.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real Redis and the lab's own are one to who uses them, and both end. */
@Timeout(30)
class RedisServerTest {
  @TempDir private Path folder;

  @Test
  void theRealOne() throws Exception {
    Path program = RedisProcess.find();
    assumeThat(program).as("no redis-server is installed").isNotNull();
    List<ProcessHandle> processes;
    try (RedisProcess redis = RedisProcess.start(program, folder)) {
      processes = ProcessHandle.current().descendants().toList();
      assertThat(redis.says()).contains("redis-server").containsPattern("\\d+\\.\\d+");
      keepsSessions(redis);
    }
    assertThat(processes).isNotEmpty().noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void oneThatDoesNotBeginIsReplacedAndTheReportSaysSo() throws Exception {
    try (RedisServer redis = RedisServer.start(Path.of("/bin/false"), folder)) {
      assertThat(redis.says()).contains("the lab's own", "redis-server did not begin");
      keepsSessions(redis);
    }
  }

  @Test
  void theLabsOwn() throws Exception {
    try (SmallRedis redis = SmallRedis.start("none is installed")) {
      assertThat(redis.says()).contains("the lab's own", "none is installed");
      keepsSessions(redis);
    }
  }

  @Test
  void theLabsOwnIsNotTroubledByNonsense() throws Exception {
    try (SmallRedis redis = SmallRedis.start("none is installed")) {
      for (String nonsense :
          Stream.of("GET x", "*9999999999", "*1\r\n$99999999", "*-1", "*0", "*1\r\n$3\r\nabcd")
              .toList()) {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), redis.port())) {
          socket.getOutputStream().write((nonsense + "\r\n").getBytes(StandardCharsets.US_ASCII));
          socket.shutdownOutput();
          socket.getInputStream().readAllBytes(); // it ends
        }
      }
      keepsSessions(redis);
    }
  }

  private static void keepsSessions(RedisServer server) throws IOException {
    try (var redis = new Redis(server.port());
        var another = new Redis(server.port())) {
      assertThat(redis.call("PING")).isEqualTo("PONG");
      assertThat(redis.call("GET", "session:1")).isEmpty();
      assertThat(redis.call("SET", "session:1", "17")).isEqualTo("OK");
      assertThat(another.call("GET", "session:1")).isEqualTo("17");
      assertThatThrownBy(() -> redis.call("NONSENSE")).hasMessageContaining("Redis says -ERR");
      assertThat(redis.call("PING")).isEqualTo("PONG");
    }
    server.close();
    assertThatThrownBy(() -> new Redis(server.port())).isInstanceOf(ConnectException.class);
  }
}
