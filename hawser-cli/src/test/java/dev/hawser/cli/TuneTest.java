package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuneTest {
  private final Shell shell = Shell.toFiles();

  @ParameterizedTest
  @CsvSource({
    "100, 50ms, 8, 30",
    "1000, 200ms, 300, 30",
    "5000, 100ms, 750, 30",
    "0, 0s, 2, 30",
    "1, 1s, 2, 30",
    "0.5, 10s, 8, 30",
    "10, 15.5s, 233, 46.5",
    "10, 10.0001s, 151, 30.0003",
    "2, 1s, 3, 30",
    "1000000000, 1us, 1500, 30",
    "1, 1h, 5400, 10800"
  })
  void appliesTheFormula(String qps, String rt, int maxIdle, String seconds) throws Exception {
    assertThat(shell.run("tune", "--qps", qps, "--rt", rt, "--json")).isZero();

    assertThat(shell.json()).containsOnlyKeys("maxIdlePerHost", "idleTimeoutSeconds");
    assertThat(shell.json()).containsEntry("maxIdlePerHost", maxIdle);
    assertThat(shell.out()).containsPattern("\"idleTimeoutSeconds\" : " + seconds + "\\n");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void printsWhatToPaste() {
    assertThat(shell.run("tune", "--qps", "1000", "--rt", "200ms")).isZero();
    assertThat(shell.out())
        .isEqualTo(
            """
            maxIdlePerHost  300   max(2, ceil(1000 x 0.2 x 1.5))
            idleTimeout     30s   max(30s, 3 x 0.2s)

            Hawser.newBuilder().pool(p -> p.maxConnectionsPerHost(300).maxIdlePerHost(300)\
            .idleTimeout(Duration.ofSeconds(30)))
            """);

    shell.run("tune", "--qps", "10", "--rt", "15.5s");
    assertThat(shell.out()).contains(".idleTimeout(Duration.ofMillis(46500))");
  }

  @Test
  void saysWhenNoMachineHasThatManyPorts() {
    assertThat(shell.run("tune", "--qps", "1000000", "--rt", "1s", "--json")).isZero();
    assertThat(shell.out()).contains("1500000");
    assertThat(shell.err()).contains("1,500,000 connections are more than");
  }
}
