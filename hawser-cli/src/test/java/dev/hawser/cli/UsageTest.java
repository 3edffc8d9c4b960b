package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong usage is explained, with the subcommand's usage and exit code 2; help is help. */
class UsageTest {
  private final Shell shell = Shell.toFiles();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "get localhost:80               | do you mean http://localhost:80 ?",
        "get http:/x                    | do you mean http://x ?",
        "get http://a/ --nonsense       | Unknown option",
        "get http://a/ --repeet 2       | --repeat",
        "get http://a/ --timeout 5      | '5' is not a duration",
        "get http://a/ --timeout 0s     | --timeout is 0",
        "get http://a/ --repeat 0       | --repeat is 0",
        "get http://a/ --repeat x       | 'x'",
        "get http://a/ --resolve x      | HOST:PORT:ADDR",
        "get http://a/ --resolve a:80:b | 'b' is no IP address",
        "get http://a/ -H x             | not a header",
        "get http://a/ -H Host:x        | --resolve",
        "get http://a/ -X CONNECT       | no method",
        "get http://a/ --data @/none    | there is no file /none",
        "get http://a/ -o /none/x       | --output",
        "get http://a/ --json --body    | --output FILE",
        "get http://a/ http://b/        | Unmatched argument",
        "get                            | URL",
        "bench http://a/ -c 0           | -c is 0",
        "bench http://a/ -d 0s          | -d is 0",
        "lab no-such                    | there is no experiment 'no-such'; there are: idle-close",
        "lab --clients curl             | there is no client 'curl'; there are: jdk",
        "lab --report /none/x.html      | --report /none/x.html",
        "lab --seed x                   | 'x'",
        "demo --port 70000              | --port is 70000",
        "tune --qps 5                   | --rt",
        "tune --qps -5 --rt 1s          | '-5' is not a number",
        "tune --qps NaN --rt 1s         | 'NaN' is not a number",
        "tune --qps 1e999999999 --rt 1s | is not a number",
        "tune --qps 2000000000 --rt 1s  | --qps must be from 0 to 1000000000",
        "tune --qps 1000000000 --rt 1h  | over 2147483646 connections",
        "tune --qps 5 --rt 2h           | --rt must be from 0s to 1h",
        "tune --qps 5 --rt -1s          | not a duration",
      })
  void explains(String arguments, String explanation) {
    assertThat(shell.runLine(arguments)).isEqualTo(Main.USAGE);
    assertThat(shell.err())
        .startsWith("hawser: ")
        .contains(explanation)
        .contains("Usage: hawser " + arguments.strip().split(" ")[0])
        .doesNotContain("Exception", "\tat ");
    assertThat(shell.out()).isEmpty();
  }

  @Test
  void suggestsASubcommand() {
    assertThat(shell.run("bnech")).isEqualTo(Main.USAGE);
    assertThat(shell.err()).contains("'bnech'", "bench");
  }

  @Test
  void nothingIsWrongUsage() {
    assertThat(shell.run()).isEqualTo(Main.USAGE);
    assertThat(shell.err()).contains("a subcommand is missing", "Usage: hawser", "hawser demo");
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "bench", "tune", "lab", "demo"})
  void everySubcommandHasHelpWithExamples(String subcommand) {
    assertThat(shell.run(subcommand, "--help")).isZero();
    assertThat(shell.out())
        .contains("Usage: hawser " + subcommand, "Example", "  hawser " + subcommand + " ");
    assertThat(shell.out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(shell.err()).isEmpty();
  }

  @Test
  void hasAVersion() {
    assertThat(shell.run("--version")).isZero();
    assertThat(shell.out()).contains("hawser", "Java 2");
  }
}
