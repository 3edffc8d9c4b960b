package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands over TLS, in small, against nginx. */
@Tag("real-servers")
@Timeout(180)
class HandshakesTest {
  @Test
  void fullHandshakesAreFullAndResumedOnesResumed() throws Exception {
    String said =
        run(
            Handshakes.class,
            "--clients hawser --parts warm,herd --rounds 1 --herd 10"
                + " --warmup 1s --duration 1s");

    // No TLS µs, full/s, µs, net, ratio; resumed/s, µs, net, ratio; resumed %.
    assertThat(said).containsPattern("(?m)^hawser +\\S+( +[\\d,.]+){9} +(100|[5-9]\\d)\\.\\d ");
    assertThat(said).containsPattern("(?m)^hawser +\\S+( +[\\d,]+){8} +0$");
  }

  @Test
  void smallGetsAreComparedOverTls() throws Exception {
    String said =
        run(
            Compare.class,
            "--scenario https --clients hawser,vertx-openssl --rounds 1"
                + " --callers 4 --warmup 1s --duration 500ms");

    assertThat(said).containsPattern("(?m)^hawser +\\S+ .* 0 +4 ");
    assertThat(said).containsPattern("(?m)^vertx-openssl +\\S+ .* 0 +4 ");
  }

  private static String run(Class<?> command, String options) throws Exception {
    var line = new ArrayList<>(List.of(Jvm.java(), "-cp", Jvm.classPath(), command.getName()));
    line.addAll(List.of(options.split(" ")));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    return said;
  }
}
