package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name what there is, and link to what exists. */
class DocsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]*)(?:#([^)]*))?\\)");
  private static final Path API = ROOT.resolve("hawser-core/src/main/java/dev/hawser");

  @Test
  void everyOptionEventAndFigureHasItsPlace() throws IOException {
    String text =
        Files.readString(ROOT.resolve("docs/options.md"))
            + Files.readString(ROOT.resolve("docs/metrics.md"));
    List<Class<?>> records =
        List.of(
            PoolOptions.class,
            DnsOptions.class,
            TcpOptions.class,
            TlsOptions.class,
            Http1Options.class,
            Http2Options.class,
            ExchangeOptions.class,
            RetryOptions.class,
            BreakerOptions.class,
            EjectionOptions.class,
            LimitOptions.class,
            HedgeOptions.class,
            WebSocketOptions.class,
            DecompressionOptions.class,
            Timeline.class,
            ConnectionInfo.class,
            ClientSnapshot.class,
            ClientSnapshot.Host.class,
            ClientSnapshot.Load.class,
            ClientSnapshot.Limit.class,
            ClientSnapshot.Hedges.class,
            ClientSnapshot.Ejection.class,
            ContainerLoad.class,
            ContainerLoad.Throttling.class,
            ContainerLoad.Pressure.class,
            ClientSnapshot.Counters.class);
    for (Class<?> record : records) {
      assertThat(text).contains("`" + record.getSimpleName() + "`");
      for (RecordComponent component : record.getRecordComponents()) {
        assertThat(text).as(record.getSimpleName()).contains("`" + component.getName() + "`");
      }
    }
    for (Class<?> event : ExchangeEvent.class.getPermittedSubclasses()) {
      assertThat(text).contains("`" + event.getSimpleName() + "`");
    }
    for (CloseReason reason : CloseReason.values()) {
      assertThat(text).contains("`" + reason + "`");
    }
    for (TlsFailedException.Reason reason : TlsFailedException.Reason.values()) {
      assertThat(text).contains("`" + reason + "`");
    }
    for (Class<?> failure : ExchangeFailure.class.getPermittedSubclasses()) {
      assertThat(text).contains("`" + failure.getSimpleName() + "`");
    }
  }

  @Test
  void everyPublicTypeIsNamed() throws Exception {
    String text =
        Files.readString(ROOT.resolve("docs/options.md"))
            + Files.readString(ROOT.resolve("README.md"));
    try (Stream<Path> files = Files.list(API)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        if (!name.equals("package-info")
            && Modifier.isPublic(Class.forName("dev.hawser." + name).getModifiers())) {
          assertThat(text).contains(name);
        }
      }
    }
  }

  @Test
  void defaultsAreAsDocumented() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/options.md"));
    assertThat(text)
        .contains("| `maxConnections` | " + grouped(PoolOptions.DEFAULTS.maxConnections()))
        .contains("| `maxConnectionsPerHost` | " + PoolOptions.DEFAULTS.maxConnectionsPerHost())
        .contains("| `maxWaitingPerHost` | " + grouped(PoolOptions.DEFAULTS.maxWaitingPerHost()))
        .contains("| `idleTimeout` | " + PoolOptions.DEFAULTS.idleTimeout().toSeconds() + " s")
        .contains("| `maxAge` | " + PoolOptions.DEFAULTS.maxAge().toMinutes() + " min")
        .contains("| `connectTimeout` | " + TcpOptions.DEFAULTS.connectTimeout().toSeconds() + " s")
        .contains(
            "| `handshakeTimeout` | " + TlsOptions.DEFAULTS.handshakeTimeout().toSeconds() + " s")
        .contains("| `maxHeaderBytes` | " + grouped(Http1Options.DEFAULTS.maxHeaderBytes()))
        .contains(
            "| `headTimeout` | " + ExchangeOptions.DEFAULTS.headTimeout().toMinutes() + " min");
  }

  private static String grouped(int value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  @Test
  void messagesAreQuotedAsTheyAre() throws IOException {
    StringBuilder sources = new StringBuilder();
    try (Stream<Path> files = Files.walk(API)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.append(Files.readString(file));
      }
    }
    List<String> quoted =
        Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(ROOT.resolve("docs/trouble.md")))
            .results()
            .map(result -> result.group(1))
            .toList();
    assertThat(quoted).isNotEmpty();
    for (String message : quoted) {
      if (!message.equals("Connection refused")) { // the system's own
        assertThat(sources).contains(message);
      }
    }
  }

  @Test
  void everyPublicTypeHasAnExample() throws IOException {
    try (Stream<Path> files = Files.list(API)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String source = Files.readString(file);
        if (file.endsWith("package-info.java") || source.contains("\npublic ")) {
          assertThat(source).as("%s", file).contains("{@snippet class=\"dev.hawser.examples.");
        }
        assertThat(source).as("in %s: not compiled", file).doesNotContain("{@snippet :");
      }
    }
  }

  @Test
  void theReadmesJavaIsAnExampleThatRuns() throws IOException {
    String examples =
        Files.readString(ROOT.resolve("hawser-core/src/test/java/dev/hawser/examples/Calls.java"));
    String example = only("@start region=\"readme\"\n(.*?)// @end", examples);
    String readme = only("```java\n(.*?)```", Files.readString(ROOT.resolve("README.md")));

    assertThat(readme).isEqualToIgnoringWhitespace(example);
  }

  private static String only(String pattern, String text) {
    List<String> found =
        Pattern.compile(pattern, Pattern.DOTALL)
            .matcher(text)
            .results()
            .map(result -> result.group(1))
            .toList();
    assertThat(found).hasSize(1);
    return found.getFirst();
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    for (Path document : documents()) {
      Matcher links = LINK.matcher(Files.readString(document));
      while (links.find()) {
        String file = links.group(1);
        if (!file.startsWith("http")) {
          Path target = file.isEmpty() ? document : document.resolveSibling(file);
          assertThat(target).as("link in %s", document).exists();
          if (links.group(2) != null) {
            assertThat(anchors(target)).as("link in %s", document).contains(links.group(2));
          }
        }
      }
    }
  }

  @Test
  void everyTlsFaultHasItsTests() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/faults.md"));
    for (String row : List.of("40", "41", "42", "43", "43a", "44", "45", "46", "47", "48")) {
      assertThat(text).contains("\n| " + row + " |");
    }
    assertThat(testsOf(text)).isGreaterThan(40);
  }

  @Test
  void everyProxyFaultHasItsTests() throws IOException {
    assertThat(testsOf(Files.readString(ROOT.resolve("docs/proxies.md")))).isGreaterThan(8);
  }

  /** Checks that the tests that a document names exist; returns how many. */
  private static int testsOf(String text) throws IOException {
    Matcher tests =
        Pattern.compile("(?<=[ _])([A-Z][A-Za-z0-9]+Test)\\.(\\w+?)_?[ ,]").matcher(text);
    var sources = new HashMap<String, String>();
    try (Stream<Path> files = Files.walk(ROOT.resolve("hawser-core/src/test/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
        sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
      }
    }
    int found = 0;
    while (tests.find()) {
      String source = sources.get(tests.group(1));
      assertThat(source).as(tests.group()).contains("void " + tests.group(2) + "(");
      boolean italic = text.charAt(tests.start() - 1) == '_';
      assertThat(source.contains("@Tag(\"real-servers\")")).as(tests.group()).isEqualTo(italic);
      found++;
    }
    return found;
  }

  /** Every Markdown file of the project. */
  private static List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>();
    for (String folder : new String[] {"", "docs", "docs/decisions", "hawser-bench"}) {
      try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
        files.filter(path -> path.toString().endsWith(".md")).forEach(found::add);
      }
    }
    return found;
  }

  /** What GitHub makes of a document's headings. */
  private static List<String> anchors(Path document) throws IOException {
    try (Stream<String> lines = Files.lines(document)) {
      return lines
          .filter(line -> line.startsWith("#"))
          .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
          .map(line -> line.replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
          .toList();
    }
  }
}
