package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The moving record in small, through the system's own configuration and nothing set. */
@Timeout(90)
class MovingRecordTest {
  private static final int NO_NAMESPACES = 77;

  @Test
  void noCallFailsWhenTheRecordMoves() throws Exception {
    var command = new ArrayList<>(List.of(Path.of("own-network").toAbsolutePath().toString()));
    command.addAll(List.of(Jvm.java(), "-cp", Jvm.classPath()));
    command.addAll(List.of(MovingRecord.class.getName(), "--clients", "hawser"));
    command.addAll(List.of("--rate", "100", "--ttl", "1", "--move", "1", "--seconds", "5"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();

    assumeThat(process.exitValue()).as(said).isNotEqualTo(NO_NAMESPACES);
    assertThat(said).containsPattern("(?m)^hawser +500 +0 +\\+[0-2]\\.\\d +-");
  }
}
