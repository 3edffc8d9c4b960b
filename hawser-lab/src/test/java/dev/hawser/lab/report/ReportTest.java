package dev.hawser.lab.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.lab.Experiments;
import dev.hawser.lab.Figures;
import dev.hawser.lab.Result;
import dev.hawser.lab.Scale;
import dev.hawser.lab.Series;
import dev.hawser.lab.Subject;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

/** The page stands alone, and what servers say is text in it. */
class ReportTest {
  private static final String EVIL = "<script src=\"http://evil.test/x\">&'</script>";
  private static final Environment ENVIRONMENT =
      new Environment(Scale.QUICK, 7, Instant.parse("2026-01-02T03:04:05Z"));

  private static String page() {
    List<Result> results =
        Experiments.all().stream()
            .map(
                experiment ->
                    new Result(
                        experiment,
                        new Subject(Client.OKHTTP, Setup.BEST),
                        List.of(EVIL),
                        new Figures()
                            .add("figure", 1, EVIL, EVIL)
                            .add(Series.of(EVIL, List.of(1.0)))
                            .note("error", EVIL, EVIL),
                        Verdict.failed(EVIL),
                        Duration.ofSeconds(1)))
            .toList();
    return Report.html(ENVIRONMENT, results);
  }

  @Test
  void escapesEverything() {
    assertThat(page())
        .contains("&lt;script src=&quot;http://evil.test/x&quot;&gt;&amp;&#39;&lt;/script&gt;")
        .doesNotContain("<script");
  }

  @Test
  void needsNothingFromOutside() {
    assertThat(page())
        .doesNotContainPattern("(src|href|action)=\"(?!#)")
        .doesNotContainPattern("url\\(|@import|<link|<iframe|<object");
  }

  @Test
  void hasItsParts() {
    assertThat(page())
        .contains("<html lang=\"en\">", "prefers-color-scheme: dark", "@media print")
        .contains("scope=\"row\"", "scope=\"col\"", "OkHttp, set up for this", "✗ failed")
        .contains(
            "./hawser lab idle-close --quick --best --clients okhttp --seed 7", "2 January 2026")
        .contains("Hypothesis", "What was set", "Kernel");
  }

  @Test
  void whatOursDoesAsItComesIsShownBesideAndDoesNotCount() {
    Result held = result(Setup.DEFAULTS, Verdict.held("well"));
    Result bare = result(Setup.BARE, Verdict.failed("badly"));
    assertThat(Report.html(ENVIRONMENT, List.of(held, bare)))
        .contains("Hawser held in 1 of 1.", "Hawser, as it comes:", "✗ failed", "badly")
        .containsOnlyOnce("<th scope=\"col\">Hawser, as it comes</th>"); // of the figures
  }

  private static Result result(Setup setup, Verdict verdict) {
    return new Result(
        Experiments.of("cascade").orElseThrow(),
        new Subject(Client.HAWSER, setup),
        List.of(),
        new Figures().add("calls", 1, "", "calls"),
        verdict,
        Duration.ofSeconds(1));
  }

  @Test
  void eachOfManyLinesHasAStyleOfThePage() {
    List<Series> series =
        IntStream.range(0, 9)
            .mapToObj(i -> new Series(i == 8 ? "Hawser" : "x" + i, List.of(new Series.Point(i, i))))
            .toList();
    String svg = new Lines("t", "says", "x", "y", false, series, List.of()).svg();
    assertThat(svg).containsPattern("line s4\"/><text [^>]*>Hawser");
    for (int i = 0; i < 9; i++) {
      assertThat(svg).contains("line s" + i + "\"");
      assertThat(page()).contains("svg .s" + i + " {");
    }
  }

  @Test
  void chartsAreWellFormedAndSayWhatTheyShow() throws Exception {
    var marker = List.of(new Chart.Marker(1, EVIL));
    var series = new Series("<a>", List.of(new Series.Point(0, 1), new Series.Point(2, 1000)));
    List<Chart> charts =
        List.of(
            new Strip(
                EVIL,
                "says",
                "x",
                List.of("a", "b", "c", "d"),
                List.of(
                    new Strip.Lane(
                        "<x>", List.of(List.of(1.0), List.of(2.0), List.of(), List.of(0.5)))),
                marker),
            new Strip(EVIL, "says", "x", List.of("a"), List.of(), List.of()),
            new Courses(
                EVIL,
                "says",
                "x",
                "y",
                List.of("<k>", "l"),
                List.of(new Courses.Lane("<x>", List.of(series, new Series("l", List.of())))),
                marker),
            new Courses(EVIL, "says", "x", "y", List.of(), List.of(), List.of()),
            new Lines(EVIL, "says", "x", "y", true, List.of(series), marker),
            new Lines(EVIL, "says", "x", "y", false, List.of(), List.of()),
            new Bars(
                EVIL,
                "says",
                "ms",
                List.of(
                    new Bars.Group(
                        "<g>",
                        List.of(
                            new Bars.Bar("<b>", 3, true), new Bars.Bar("n", Double.NaN, false))))),
            new Histogram(
                EVIL, "says", "ms", List.of(new Histogram.Row("<r>", List.of(0.0, 1.0, 5e4)))));
    for (Chart chart : charts) {
      var document =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(chart.svg())));
      assertThat(document.getElementsByTagName("title").item(0).getTextContent()).isEqualTo(EVIL);
      assertThat(document.getElementsByTagName("desc").getLength()).isEqualTo(1);
      assertThat(chart.svg()).doesNotContain("NaN", "Infinity");
    }
  }
}
