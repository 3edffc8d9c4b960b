package dev.hawser.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.cli.Console.Style;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The demonstration's steps: each is a command as a person would type it. */
final class Tour {
  private record Step(String title, int exitCode, List<String> command) {
    static Step of(String title, String... command) {
      return new Step(title, Main.OK, List.of(command));
    }

    static Step failing(String title, String... command) {
      return new Step(title, Main.FAILED, List.of(command));
    }

    String commandLine() {
      return "hawser " + String.join(" ", command);
    }
  }

  private final Console console;
  private final List<Step> steps;

  /** {@code quick} leaves out what takes longer than a second. */
  Tour(Console console, DemoServers servers, boolean quick) {
    this.console = console;
    this.steps =
        steps(servers).stream()
            .filter(step -> !quick || !step.command().getFirst().equals("bench"))
            .toList();
  }

  private static List<Step> steps(DemoServers servers) {
    String authority = servers.authority().toString();
    return List.of(
        Step.of("A request, and where its time goes", "get", servers.http("/")),
        Step.of(
            "The next ones reuse the connection: no dns, no connect",
            "get",
            servers.http("/"),
            "--repeat",
            "4"),
        Step.of("A server that thinks for 300 ms", "get", servers.http("/delay/300")),
        Step.of("A body that comes slowly", "get", servers.http("/drip/5/60")),
        Step.of("Redirects", "get", servers.http("/redirect/2"), "--follow"),
        Step.of(
            "https, by an authority of its own",
            "get",
            servers.https("/"),
            "--cacert",
            authority,
            "--repeat",
            "3"),
        Step.failing("The same without --cacert: an error is one line", "get", servers.https("/")),
        Step.failing("Nobody listens", "get", "http://127.0.0.1:" + servers.refused().port() + "/"),
        Step.of(
            "Load, for two seconds",
            "bench",
            servers.http("/"),
            "-c",
            "16",
            "-d",
            "2s",
            "--warmup",
            "1s"),
        Step.of("A pool's size for that", "tune", "--qps", "5000", "--rt", "100ms"));
  }

  /** Runs all steps and prints what they print; returns whether each ended as it should. */
  boolean run() {
    Console both = console.errorsToOut(); // so that a file gets them in their places
    boolean well = true;
    for (Step step : steps) {
      console.line(console.paint(Style.FAINT, "# " + step.title()));
      console.line(console.paint(Style.BOLD, "$ " + step.commandLine()));
      console.flush();
      well &= Main.run(both, step.command().toArray(String[]::new)) == step.exitCode();
      console.line("");
      console.flush();
    }
    return well;
  }

  /** Runs all steps; prints one JSON document of their commands and their own documents. */
  boolean runAsJson() throws IOException {
    boolean well = true;
    var told = new ArrayList<Map<String, @Nullable Object>>();
    for (Step step : steps) {
      var out = new ByteArrayOutputStream();
      var captured = new PrintStream(out, true, StandardCharsets.UTF_8);
      int exitCode =
          Main.run(
              Console.plain(captured, console.err()),
              Stream.concat(step.command().stream(), Stream.of("--json")).toArray(String[]::new));
      well &= exitCode == step.exitCode();
      told.add(
          Json.object(
              "title", step.title(),
              "command", step.commandLine(),
              "exitCode", exitCode,
              "result", JSON.std.anyFrom(out.toString(StandardCharsets.UTF_8))));
    }
    console.line(Json.lines(Json.object("steps", told)));
    return well;
  }
}
