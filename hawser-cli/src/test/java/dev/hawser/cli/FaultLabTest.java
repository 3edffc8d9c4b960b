package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lab as a command. */
@Timeout(120)
class FaultLabTest {
  private final Shell shell = Shell.toFiles();

  @TempDir private Path folder;

  @Test
  void tellsInJsonWhoHeldAndWritesTheReport() throws Exception {
    Path report = folder.resolve("lab.html");
    int code =
        shell.run(
            "lab",
            "no-reuse",
            "--quick",
            "--clients",
            "apache,hawser",
            "--json",
            "--report",
            report.toString());

    List<Map<String, Object>> experiments = shell.jsonList("experiments");
    assertThat(experiments).extracting(each -> each.get("id")).containsOnly("no-reuse");
    assertThat(experiments)
        .extracting(each -> each.get("client") + " " + each.get("verdict"))
        .containsExactly("apache failed", "hawser held");
    assertThat(experiments)
        .allSatisfy(each -> assertThat((Map<?, ?>) each.get("figures")).isNotEmpty());
    assertThat(shell.err()).isEmpty();
    assertThat(code).isZero();
    assertThat(Files.readString(report)).startsWith("<!doctype html>").contains("no-reuse");
  }

  @Test
  void listsTheExperiments() throws Exception {
    assertThat(shell.run("lab", "--list")).isZero();
    assertThat(shell.out()).contains("idle-close", "stale-dns", "quick");
    assertThat(shell.run("lab", "--list", "--json")).isZero();
    assertThat(shell.jsonList("experiments"))
        .extracting(each -> each.get("id"))
        .contains("tls-stall");
  }
}
