package dev.hawser.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The list of experiments, and the document that is made of it. */
class ExperimentsTest {
  private static final Path DOCUMENT =
      Path.of(System.getProperty("basedir", ".")).resolve("../docs/experiments.md");
  private static final String UPDATE =
      "./mvnw -q -Dformat.skip -Dexperiments.update -Dtest=ExperimentsTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -pl hawser-lab -am test";

  @Test
  void namesAreUniqueAndInKebabCase() {
    assertThat(Experiments.all()).extracting(Experiment::id).doesNotHaveDuplicates();
    assertThat(Experiments.all())
        .extracting(Experiment::id)
        .allMatch(id -> id.matches("[a-z0-9]+(-[a-z0-9]+)*"));
  }

  @Test
  void allFitIntoTheirTime() {
    assertThat(total(Experiments.quick(), Scale.QUICK)).isLessThan(Duration.ofMinutes(2));
    assertThat(total(Experiments.all(), Scale.FULL)).isLessThan(Duration.ofMinutes(15));
  }

  private static Duration total(List<Experiment> experiments, Scale scale) {
    return experiments.stream()
        .map(each -> each.takes(scale).multipliedBy(Math.ceilDiv(5, each.sideBySide())))
        .reduce(Duration.ZERO, Duration::plus);
  }

  @Test
  void theDocumentIsMadeOfThem() throws IOException {
    String document = document();
    if (System.getProperty("experiments.update") != null) {
      Files.writeString(DOCUMENT, document);
    }
    assertThat(Files.exists(DOCUMENT) ? Files.readString(DOCUMENT) : "")
        .as("docs/experiments.md; make it anew with\n  %s", UPDATE)
        .isEqualTo(document);
  }

  private static String document() {
    var lines = new ArrayList<String>();
    lines.add("# The experiments of the fault lab");
    lines.add("");
    lines.add("Made of the classes in `hawser-lab`; do not edit it. To make it anew:");
    lines.add("`" + UPDATE + "`.");
    lines.add("");
    String quick =
        Experiments.quick().stream()
            .map(each -> "`" + each.id() + "`")
            .collect(Collectors.joining(", "));
    lines.add("`./hawser lab` makes all of them and writes a report; `--best` adds the other");
    lines.add(
        "clients as their documentation advises for the case. `--quick` is the short form of");
    lines.add("those that are named, or of " + quick + ".");
    Experiments.all().forEach(each -> describe(each, lines));
    return String.join("\n", lines) + "\n";
  }

  private static void describe(Experiment each, List<String> lines) {
    lines.addAll(List.of("", "## `" + each.id() + "`", each.title() + ".", "", each.story(), ""));
    lines.add("- **Hypothesis:** " + each.hypothesis());
    lines.add("- **Held, when** " + each.rule() + ".");
    lines.add("- **All clients get:** " + words(each.needed(Scale.FULL)) + ".");
    for (Client client : Client.values()) {
      Settings own = each.needed(Scale.FULL, client);
      if (!own.equals(each.needed(Scale.FULL))) {
        lines.add(
            "- **%s gets:** %s; and is shown without that, too."
                .formatted(client.title(), words(own)));
      }
    }
    lines.add("- **With `--best`, the others get:** " + words(each.best(Scale.FULL)) + ".");
    lines.add("- **Turns red, when** " + each.mutation().says() + ".");
    lines.add(
        "- **Takes** about %s, quick %s; %s."
            .formatted(
                Texts.duration(each.takes(Scale.FULL)),
                Texts.duration(each.takes(Scale.QUICK)),
                each.sideBySide() == 1
                    ? "one client after the other"
                    : "up to " + each.sideBySide() + " clients side by side"));
    lines.addAll(List.of("", "| Parameter | Quick | Full |", "|---|---|---|"));
    for (Parameter<?> parameter : each.parameters()) {
      lines.add(
          "| %s | %s | %s |"
              .formatted(
                  parameter.name(), parameter.shown(Scale.QUICK), parameter.shown(Scale.FULL)));
    }
    lines.addAll(List.of("", "`./hawser lab " + each.id() + " --best`"));
  }

  private static String words(Settings settings) {
    var words = new ArrayList<String>();
    if (settings.room() > 0) {
      words.add("room for %d connections to a host".formatted(settings.room()));
    }
    if (settings.http2()) {
      words.add("HTTP/2");
    }
    for (Map.Entry<Limit, Duration> limit : new TreeMap<>(settings.limits()).entrySet()) {
      words.add(limit.getKey().says() + ": " + Texts.duration(limit.getValue()));
    }
    return words.isEmpty() ? "nothing" : String.join("; ", words);
  }
}
