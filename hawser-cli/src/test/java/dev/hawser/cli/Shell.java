package dev.hawser.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs the command in this process, as a shell runs it in one of its own. */
final class Shell {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final boolean terminal;

  private Shell(boolean terminal) {
    this.terminal = terminal;
  }

  /** Its output goes to files. */
  static Shell toFiles() {
    return new Shell(false);
  }

  /** Its output goes to a terminal without colours. */
  static Shell onTerminal() {
    return new Shell(true);
  }

  Console console() {
    return new Console(stream(out), stream(err), terminal, terminal, false, true);
  }

  /** Returns the exit code. */
  int run(String... arguments) {
    out.reset();
    err.reset();
    return Main.run(console(), arguments);
  }

  /** Splits at spaces. */
  int runLine(String arguments) {
    return run(arguments.strip().split(" +"));
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** What was printed to standard output, which is one JSON document and nothing else. */
  @SuppressWarnings("unchecked")
  Map<String, Object> json() throws IOException {
    return (Map<String, Object>) JSON.std.anyFrom(out());
  }

  @SuppressWarnings("unchecked")
  List<Map<String, Object>> jsonList(String name) throws IOException {
    return (List<Map<String, Object>>) json().get(name);
  }

  private static PrintStream stream(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }
}
