package dev.hawser.bench.cascade;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The experiment in small: a hundredth of a second's work for each caller, and a real Redis. */
@Tag("real-servers")
@Timeout(180)
class CascadeTest {
  private static Map<String, Course> courses(String... options) throws Exception {
    var cascade = new Cascade();
    new CommandLine(cascade).setCaseInsensitiveEnumValuesAllowed(true).parseArgs(options);
    return cascade.run();
  }

  /** Capacity is 100/s, and 400 callers ask. */
  @Test
  void aLimitKeepsTheGatewayAnswering() throws Exception {
    Map<String, Course> courses =
        courses(
            "--clients",
            "jdk,hawser-limited",
            "--callers",
            "400",
            "--work",
            "200",
            "--calm",
            "3",
            "--seconds",
            "10",
            "--after",
            "8");
    Course usual = courses.get("jdk");
    Course limited = courses.get("hawser-limited");

    assertThat(usual.goodput()).as("the usual client falls over").isLessThan(50);
    assertThat(limited.goodput())
        .as("nine tenths of capacity, less a busy machine")
        .isGreaterThan(75);
    assertThat(limited.recoverySeconds()).isLessThan(2);
  }

  @Test
  void retriesDoNotKeepDownWhatIsWellAgain() throws Exception {
    Map<String, Course> courses =
        courses(
            "--trouble",
            "outage",
            "--clients",
            "hawser-limited",
            "--work",
            "200",
            "--calm",
            "3",
            "--after",
            "10");

    assertThat(courses.get("hawser-limited").recoverySeconds()).isLessThan(4);
  }
}
