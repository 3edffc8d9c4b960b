package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ClientSnapshot.Certificate;
import dev.hawser.ClientSnapshot.Counters;
import dev.hawser.ClientSnapshot.Ejection;
import dev.hawser.ClientSnapshot.Hedges;
import dev.hawser.ClientSnapshot.Host;
import dev.hawser.ClientSnapshot.Limit;
import dev.hawser.ClientSnapshot.Load;
import dev.hawser.ClientSnapshot.Name;
import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ContainerLoad.Pressure;
import dev.hawser.ContainerLoad.Throttling;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Path DOCUMENT =
      Path.of("").toAbsolutePath().getParent().resolve("docs/metrics.md");

  /** With one of everything. */
  private static ClientSnapshot snapshot() {
    Origin origin = Origin.of(URI.create("https://a.example/"));
    return new ClientSnapshot(
        7,
        2,
        4,
        5,
        1,
        List.of(
            new Host(
                origin,
                1,
                2,
                4,
                5,
                0,
                0,
                6,
                Optional.empty(),
                new Size(0, 5, Duration.ofSeconds(30)),
                Optional.empty(),
                List.of())),
        List.of(
            new Name(
                "a.example",
                "A",
                List.of(InetAddress.getLoopbackAddress()),
                Optional.empty(),
                "127.0.0.1:53",
                Duration.ofMillis(1500),
                Duration.ofMillis(-500),
                Optional.empty(),
                10,
                3,
                1)),
        List.of(
            new Certificate(
                Path.of("/tls/own.pem"),
                true,
                "CN=\"me\"",
                Instant.EPOCH,
                Instant.ofEpochSecond(2_000_000_000))),
        List.of(
            new Load(
                origin,
                99,
                3,
                2,
                Duration.ofMillis(2500),
                8,
                Optional.of(new Limit(20, 19, 2, 1, Duration.ofMillis(30))),
                Optional.of(new Hedges(Optional.of(Duration.ofMillis(40)), 5, 4, 1)),
                List.of(
                    new Ejection(
                        InetAddress.getLoopbackAddress(), Duration.ofSeconds(20), "it fails")),
                3)),
        new Counters(100, 9, 8, 7, 93, 7, 6, 0, Map.of(CloseReason.IDLE_TIMEOUT, 4L)),
        16_384,
        new ContainerLoad(
            0.5,
            true,
            Optional.of(Duration.ofMillis(12_250)),
            OptionalDouble.of(0.75),
            Optional.of(new Throttling(100, 9, Duration.ofMillis(300))),
            Optional.of(new Pressure(0.25, 0.1, Duration.ofSeconds(3), true)),
            Optional.of(new Pressure(0, 0, Duration.ZERO, true))));
  }

  @Test
  void textIsWhatPrometheusReads() {
    assertThat(Metric.text(snapshot().metrics()))
        .startsWith(
            """
            # HELP hawser_connections Connections by state.
            # TYPE hawser_connections gauge
            hawser_connections{origin="https://a.example:443",state="opening"} 1
            hawser_connections{origin="https://a.example:443",state="idle"} 2
            hawser_connections{origin="https://a.example:443",state="leased"} 4
            # HELP hawser_waiting Callers in line for a connection.
            """)
        .contains("hawser_utilisation{origin=\"https://a.example:443\"} 1.5\n")
        .contains("# TYPE hawser_exchanges_total counter\nhawser_exchanges_total 100\n")
        .contains("hawser_closed_total{reason=\"IDLE_TIMEOUT\"} 4\n")
        .contains("hawser_closed_total{reason=\"CLOSED_BY_PEER\"} 0\n")
        .contains("hawser_dns_ttl_left_seconds{host=\"a.example\",type=\"A\"} -0.5\n")
        .contains(
            "hawser_certificate_not_after_seconds"
                + "{file=\"/tls/own.pem\",subject=\"CN=\\\"me\\\"\",own=\"true\"} 2000000000\n")
        .contains("hawser_breaker_open_seconds{origin=\"https://a.example:443\"} 2.5\n")
        .contains("hawser_hedge_after_seconds{origin=\"https://a.example:443\"} 0.04\n")
        .contains("hawser_ejected_addresses{origin=\"https://a.example:443\"} 1\n")
        .contains("hawser_cpu_seconds_total 12.25\n")
        .contains("hawser_pressure{resource=\"cpu\",of=\"machine\",tasks=\"some\"} 0.25\n");
  }

  @Test
  void aFamilyStandsTogetherWhoeversItIs() {
    var one = new Metric("a", Metric.Kind.GAUGE, "A.", Map.of("client", "1"), 1);
    var two = new Metric("a", Metric.Kind.GAUGE, "A.", Map.of("client", "2"), Double.NaN);
    var other = new Metric("b_total", Metric.Kind.COUNTER, "B.", Map.of(), 1e300);

    assertThat(Metric.text(List.of(one, other, two)))
        .isEqualTo(
            """
            # HELP a A.
            # TYPE a gauge
            a{client="1"} 1
            a{client="2"} NaN
            # HELP b_total B.
            # TYPE b_total counter
            b_total 1.0E300
            """);
  }

  @Test
  void everyFigureHasItsPlaceInTheDocuments() throws IOException {
    String text = Files.readString(DOCUMENT);
    Set<String> told =
        snapshot().metrics().stream()
            .map(Metric::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> listed = names(text, "(?m)^\\| `(hawser_\\w+)`");
    Set<String> named = names(text, "(hawser_\\w+)");

    assertThat(listed).isEqualTo(told);
    assertThat(told).containsAll(named);
    for (Metric metric : snapshot().metrics()) {
      String row =
          text.lines()
              .filter(line -> line.startsWith("| `" + metric.name() + "`"))
              .findFirst()
              .orElseThrow();
      assertThat(row).contains(metric.kind() == Metric.Kind.COUNTER ? "counter" : "gauge");
      for (String label : metric.labels().keySet()) {
        assertThat(row).contains("`" + label + "`");
      }
      assertThat(metric.name().endsWith("_total")).isEqualTo(metric.kind() == Metric.Kind.COUNTER);
    }
  }

  private static Set<String> names(String text, String pattern) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
