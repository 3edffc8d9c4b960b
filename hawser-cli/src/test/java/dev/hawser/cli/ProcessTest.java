package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.faults.OriginServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The command as a process: its streams, its exit code, and how it takes Ctrl-C. */
@Timeout(60)
class ProcessTest {
  private static Process start(String... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  @Test
  void endsWithItsExitCode() throws Exception {
    Process process = start("tune", "--qps", "100", "--rt", "50ms", "--json");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(JSON.std.mapFrom(out)).containsEntry("maxIdlePerHost", 8);

    assertThat(start("tune").waitFor()).isEqualTo(Main.USAGE);
  }

  @Test
  void anInterruptedGetReportsWhatItHasDone() throws Exception {
    try (var origin = OriginServer.start()) {
      String url = origin.uri("/").toString();
      Process process = start("get", url, "--repeat", "100000", "--interval", "20ms", "--json");
      try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
        var out = new StringBuilder();
        for (int i = 0; i < 4; i++) {
          out.append(reader.readLine()).append('\n');
        }
        process.toHandle().destroy(); // SIGTERM; the streams stay open
        reader.lines().forEach(line -> out.append(line).append('\n'));

        List<?> exchanges = (List<?>) JSON.std.mapFrom(out.toString()).get("exchanges");
        assertThat(exchanges).hasSizeGreaterThanOrEqualTo(3);
      }
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void anInterruptedBenchReportsWhatItHasMeasured() throws Exception {
    try (var origin = OriginServer.start()) {
      String url = origin.uri("/").toString();
      Process process = start("bench", url, "-c", "2", "-d", "50s", "--warmup", "0s", "--json");
      while (origin.requests() < 100) {
        Thread.sleep(20);
      }
      process.toHandle().destroy(); // SIGTERM; the streams stay open
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Map<String, Object> figures = JSON.std.mapFrom(out);
      assertThat(((Number) figures.get("requests")).longValue()).isPositive();
      assertThat(((Number) figures.get("seconds")).doubleValue()).isLessThan(40);
    }
  }

  @Test
  void anInterruptedLabLeavesNoProcessBehind() throws Exception {
    Process process = start("lab", "idle-close", "--quick", "--clients", "jdk,hawser", "--json");
    while (process.descendants().count() < 2) {
      Thread.sleep(20);
    }
    List<ProcessHandle> children = process.descendants().toList();
    process.toHandle().destroy(); // SIGTERM; the streams stay open
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(children).noneMatch(ProcessHandle::isAlive);
    assertThat(JSON.std.mapFrom(out)).containsEntry("interrupted", true);
  }
}
