package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents name what there is, and link to what exists. */
class DocsTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)\\)");

  @Test
  void everyOptionEventAndFigureHasItsPlace() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/options.md"));
    List<Class<?>> records =
        List.of(
            PoolOptions.class,
            DnsOptions.class,
            TcpOptions.class,
            TlsOptions.class,
            Http1Options.class,
            ExchangeOptions.class,
            Timeline.class,
            ConnectionInfo.class,
            ClientSnapshot.class,
            ClientSnapshot.Host.class,
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
    for (Class<?> failure : ExchangeFailure.class.getPermittedSubclasses()) {
      assertThat(text).contains("`" + failure.getSimpleName() + "`");
    }
  }

  @Test
  void everyPublicTypeIsNamed() throws Exception {
    String text =
        Files.readString(ROOT.resolve("docs/options.md"))
            + Files.readString(ROOT.resolve("README.md"));
    try (Stream<Path> files = Files.list(ROOT.resolve("hawser-core/src/main/java/dev/hawser"))) {
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
    return String.format(java.util.Locale.ROOT, "%,d", value);
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
      List<Path> documents =
          Stream.concat(
                  files.filter(path -> path.toString().endsWith(".md")),
                  Arrays.stream(new String[] {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"})
                      .map(ROOT::resolve))
              .toList();
      for (Path document : documents) {
        Matcher links = LINK.matcher(Files.readString(document));
        while (links.find()) {
          if (!links.group(1).startsWith("http")) {
            assertThat(document.resolveSibling(links.group(1))).as("link in %s", document).exists();
          }
        }
      }
    }
  }
}
