package dev.hawser.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Where the command writes: answers to {@code out}, progress and errors to {@code err}.
 *
 * @param terminal whether a person is looking
 */
record Console(PrintStream out, PrintStream err, boolean terminal) {
  private static final String RED = "\u001b[31m";
  private static final String RESET = "\u001b[0m";

  /** Colours only for people who have not said no (no-color.org). */
  boolean coloured() {
    return terminal && System.getenv("NO_COLOR") == null;
  }

  void error(String message) {
    err.println(coloured() ? RED + "hawser: " + message + RESET : "hawser: " + message);
  }

  /** A line that the next one overwrites; nothing when nobody looks. */
  void progress(String line) {
    if (terminal) {
      err.print("\r\u001b[K" + line);
      err.flush();
    }
  }

  void endProgress() {
    if (terminal) {
      err.print("\r\u001b[K");
      err.flush();
    }
  }

  PrintWriter outWriter() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  PrintWriter errWriter() {
    return new PrintWriter(err, true, StandardCharsets.UTF_8);
  }

  void flush() {
    out.flush();
    err.flush();
  }
}
