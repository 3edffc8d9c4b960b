package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.Hawser;
import dev.hawser.Metric;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a scrape reads is right in the eyes of Prometheus' own checker. */
@Tag("real-servers")
@Timeout(60)
class PromtoolTest {
  @Test
  void aLiveClientsFiguresAreWellFormed() throws Exception {
    try (var server = FaultServer.start(Script.ok("fine"));
        var client = Hawser.newBuilder().breaker(b -> b.enabled(true)).build()) {
      client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());

      String text = Metric.text(client.snapshot().metrics());

      assertThat(text).contains("hawser_exchanges_total 1\n");
      assertThat(promtool(text)).isEmpty();
    }
  }

  @Test
  void noLabelOrHelpCanBreakIt() throws Exception {
    var odd =
        new Metric(
            "hawser_odd",
            Metric.Kind.GAUGE,
            "A \\ and\na line.",
            Map.of("file", "/a\"b\\c\nd\u00e9"),
            Double.POSITIVE_INFINITY);

    assertThat(promtool(Metric.text(List.of(odd)))).isEmpty();
    assertThat(promtool("hawser_odd{file=\"/a\"b\"} 1\n")).isNotEmpty(); // it does look
  }

  /** What it has to say; empty if all is well. */
  private static String promtool(String text) throws Exception {
    Process process =
        new ProcessBuilder("promtool", "check", "metrics").redirectErrorStream(true).start();
    try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
      in.write(text);
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 ? said : said + "exit code " + process.exitValue();
  }
}
