package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The differences that are documented are those that the suite finds: no more and no fewer. */
class DifferencesTest {
  private static final Path ROOT = Files.exists(Path.of("docs")) ? Path.of("") : Path.of("..");

  @Test
  void theDocumentListsThemAsTheTestsFindThem() throws IOException {
    List<String> documented =
        Pattern.compile(
                "^\\| `([A-Z_0-9]+)` \\| ([^|]+) \\| `([^`]*)` \\| `([^`]*)` \\| [^|]+ \\|$",
                Pattern.MULTILINE)
            .matcher(Files.readString(ROOT.resolve("docs/compatibility.md")))
            .results()
            .map(row -> row.group(1) + ": " + row.group(3) + ", " + row.group(4))
            .toList();

    assertThat(documented)
        .containsExactlyElementsOf(
            Arrays.stream(Difference.values())
                .map(each -> each + ": " + each.jdks() + ", " + each.ours())
                .toList());
  }

  @Test
  void eachIsOneAndHasItsTest() throws IOException {
    var tests = new StringBuilder();
    Path folder = ROOT.resolve("hawser-core/src/test/java/dev/hawser/compat");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith("CompatTest.java")).toList()) {
        tests.append(Files.readString(file));
      }
    }
    for (Difference each : Difference.values()) {
      assertThat(each.jdks()).isNotEqualTo(each.ours());
      assertThat(tests).contains("Difference." + each + ".of(subject)");
    }
  }
}
