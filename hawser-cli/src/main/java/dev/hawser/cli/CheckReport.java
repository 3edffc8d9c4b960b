package dev.hawser.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Tells of each check as soon as it is done; as JSON, of all of them in one document. */
final class CheckReport {
  /** Finds out about one thing. */
  @FunctionalInterface
  interface Look {
    Check look() throws InterruptedException;
  }

  /** As wide as the longest id. */
  private static final String ROW = "%-4s  %-19s  %s";

  private final Console console;
  private final boolean json;
  private final Progress progress;
  private final List<Check> checks = new ArrayList<>();

  CheckReport(Console console, boolean json) {
    this.console = console;
    this.json = json;
    this.progress = new Progress(console);
  }

  /** Says what is being done, to people who would wait for it. */
  void busy(String what) {
    progress.show("      " + what + " …");
  }

  /** Looks, and tells of it. */
  void add(String id, Look look) throws InterruptedException {
    busy(id);
    try {
      add(look.look());
    } finally {
      progress.close();
    }
  }

  void add(Check check) {
    progress.close();
    checks.add(check);
    if (!json) {
      print(check);
      console.flush();
    }
  }

  private void print(Check check) {
    String line = ROW.formatted(check.status().text(), check.id(), printable(check.found()));
    console.line(console.paint(check.status().style(), line.substring(0, 4)) + line.substring(4));
    if (!check.why().isEmpty()) {
      console.line(ROW.formatted("", "why", printable(check.why())));
      console.line(ROW.formatted("", "fix", printable(check.fix())));
    }
  }

  /** Much of it comes from the peer. */
  private static String printable(String text) {
    return Errors.printable(text);
  }

  /** Ends it; returns the exit code. */
  int end() {
    if (json) {
      console.line(Json.lines(Json.object("checks", checks.stream().map(Check::toJson).toList())));
    } else {
      console.line("");
      console.line(
          checks.size()
              + " checks: "
              + Arrays.stream(Check.Status.values())
                  .filter(status -> count(status) > 0)
                  .map(status -> count(status) + " " + status.text())
                  .collect(Collectors.joining(", ")));
    }
    return count(Check.Status.FAIL) > 0 ? Main.FAILED : Main.OK;
  }

  private long count(Check.Status status) {
    return checks.stream().filter(check -> check.status() == status).count();
  }
}
