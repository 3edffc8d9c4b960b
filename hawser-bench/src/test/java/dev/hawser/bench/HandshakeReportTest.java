package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the rounds of {@code handshakes} come to. */
class HandshakeReportTest {
  private final HandshakeReport report = new HandshakeReport(Map.of());

  private static Sample warm(double micros) {
    return new Sample(Map.of("requests", 1000.0, "cpuSeconds", micros / 1e3), "");
  }

  private static Sample first(double millis) {
    return new Sample(
        Map.of("requests", 200.0, "cpuSeconds", 1.0, "processCpuSeconds", millis / 1e3), "");
  }

  @Test
  void aHandshakeIsWhatIsSpentBeyondTheSameRequestsWithoutTls() {
    Sample merged =
        HandshakeReport.merge(
            Map.of(
                Scenario.UNSECURED, warm(100),
                Scenario.FULL, warm(1100),
                Scenario.FIRST_UNSECURED, first(600),
                Scenario.FIRST, first(1400)));

    assertThat(merged.get("full.net")).isCloseTo(1000, within(1e-6));
    assertThat(merged.get("first.net")).as("of 200, in µs").isCloseTo(4000, within(1e-6));
    assertThat(merged.get("resumed.net")).as("not measured").isNaN();
  }

  @Test
  void clientsAreSetAgainstTheBestOnTheJdksTlsOfTheSameRound() {
    for (double slow : new double[] {1, 3}) {
      round("hawser", 1100 * slow);
      round("jdk", 2100 * slow);
      round("hawser-conscrypt", 600 * slow);
    }

    assertThat(report.tables()).containsPattern("hawser-conscrypt .* 0\\.5\\d");
    assertThat(report.tables()).doesNotContain("herd");
  }

  private void round(String client, double micros) {
    report.handshakes(client, Map.of(Scenario.UNSECURED, warm(100), Scenario.FULL, warm(micros)));
  }

  @Test
  void aHerdIsCountedByTheServer() {
    var herd =
        new Sample(
            Map.of(
                "requests",
                200.0,
                "full",
                3.0,
                "resumed",
                197.0,
                "seconds",
                0.9,
                "cpuSeconds",
                1.2),
            "");
    report.herd("hawser", Map.of(Scenario.HERD_COLD, herd, Scenario.HERD_WARM, herd));

    assertThat(report.tables()).containsPattern("hawser +3 +197 +1,200 +900 +3 +197 +1,200 +900");
    assertThat(report.complete()).isTrue();
  }

  @Test
  void whatHasFailedIsSaid() {
    report.handshakes("okhttp", Map.of(Scenario.FULL, Sample.failed("no result within its time")));

    assertThat(report.complete()).isFalse();
    assertThat(report.warnings()).containsExactly("okhttp: full: no result within its time");
  }
}
