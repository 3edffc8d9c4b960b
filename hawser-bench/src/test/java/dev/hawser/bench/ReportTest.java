package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the rounds of a comparison come to. */
class ReportTest {
  private final Report report = new Report(Scenario.GET, Map.of(), 0);

  private void round(String client, Map<String, Double> figures) {
    var all = new HashMap<>(Map.of("requests", 1000.0, "serverRequestsMeasured", 1000.0));
    all.putAll(figures);
    report.add(client, new Sample(all, ""));
  }

  @Test
  void aRatioIsTakenWithinItsRound() {
    round("hawser", Map.of("cpuMicros", 10.0));
    round("vertx", Map.of("cpuMicros", 20.0));
    round("hawser", Map.of("cpuMicros", 30.0)); // a slow minute, for both
    round("vertx", Map.of("cpuMicros", 60.0));

    assertThat(report.rounds().ratio("hawser", "vertx", "cpuMicros")).isEqualTo(0.5);
    assertThat(report.rounds().median("hawser", "cpuMicros")).isEqualTo(20);
  }

  @Test
  void theSpreadTellsHowFarTheRoundsAreApart() {
    for (double micros : new double[] {9, 10, 14}) {
      round("hawser", Map.of("cpuMicros", micros));
    }
    round("jdk", Map.of("cpuMicros", 9.0));

    assertThat(report.rounds().spread("hawser", "cpuMicros")).isCloseTo(0.5, within(1e-9));
    assertThat(report.rounds().spread("jdk", "cpuMicros")).as("of one round").isNaN();
    assertThat(report.table()).contains("CPU spread %");
  }

  @Test
  void whatIsAllocatedIsSetAgainstTheFloorOfTheSameRound() {
    round("hawser", Map.of("allocated", 1200.0));
    round("jdk-body", Map.of("allocated", 400.0));

    assertThat(report.beyond("hawser", "jdk-body")).isEqualTo(800);
    assertThat(report.beyond("hawser", "jdk-objects")).isNaN();
  }

  @Test
  void oneDisturbedRoundIsSaidThoughTheMedianIsQuiet() {
    for (String share : new String[] {"othersShare", "serverOthersShare", "stolenShare"}) {
      round(share, Map.of(share, 0.0));
      round(share, Map.of(share, 0.4));
      round(share, Map.of(share, 0.0));
    }

    assertThat(report.warnings())
        .satisfiesExactly(
            first -> assertThat(first).contains("NOT QUIET in 3 of 9"),
            client -> assertThat(client).startsWith("othersShare: 40 % of the client's core"),
            server -> assertThat(server).startsWith("serverOthersShare: 40 % of the server's core"),
            stolen -> assertThat(stolen).startsWith("stolenShare: 40 % of a core"));
  }

  @Test
  void aQuietMachineIsNotWarnedOf() {
    round("hawser", Map.of("othersShare", 0.01, "serverOthersShare", 0.02, "stolenShare", 0.0));

    assertThat(report.warnings()).isEmpty();
  }
}
