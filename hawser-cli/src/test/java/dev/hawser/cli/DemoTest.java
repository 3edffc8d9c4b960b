package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DemoTest {
  private final Shell shell = Shell.toFiles();

  @Test
  void isATourThatEndsByItself() {
    assertThat(shell.run("demo")).isZero();

    assertThat(shell.out())
        .contains("$ hawser get http://127.0.0.1:", "█", "1 reused", "302 -> ", "TLSv1.3")
        .contains("refused", "--cacert FILE", "$ hawser bench", "requests/s", "maxIdlePerHost")
        .doesNotContain("\tat ");
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void isOneJsonDocumentToo() throws Exception {
    assertThat(shell.run("demo", "--json")).isZero();

    List<Map<String, Object>> steps = shell.jsonList("steps");
    assertThat(steps)
        .hasSizeGreaterThan(6)
        .allSatisfy(step -> assertThat(step).containsKey("result"));
    assertThat(steps).extracting(step -> step.get("exitCode")).contains(0, 1);
    assertThat(shell.err()).isEmpty();
  }
}
