package dev.hawser.cli;

import dev.hawser.cli.Console.Style;
import dev.hawser.lab.Experiment;
import dev.hawser.lab.Figure;
import dev.hawser.lab.Figures;
import dev.hawser.lab.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the lab has found so far, as a table that grows, or as JSON at the end. */
final class LabOutcome {
  private final Console console;
  private final boolean json;
  // All guarded by this.
  private final List<Result> results = new ArrayList<>();
  private @Nullable Experiment last;
  private boolean interrupted;

  LabOutcome(Console console, boolean json) {
    this.console = console;
    this.json = json;
  }

  synchronized void ended(Result result) {
    results.add(result);
    if (json) {
      return;
    }
    if (!result.experiment().equals(last)) {
      last = result.experiment();
      console.line(
          console.paint(Style.BOLD, result.experiment().id()) + "  " + result.experiment().title());
    }
    String verdict = "%-6s".formatted(result.verdict().word());
    console.line(
        "  %-36s %s  %s"
            .formatted(
                result.subject().title(),
                console.paint(result.verdict().held() ? Style.GREEN : Style.RED, verdict),
                result.verdict().why()));
    console.flush();
  }

  synchronized void interrupted() {
    interrupted = true;
  }

  /** Each experiment's in the order of the clients, whoever was done first. */
  synchronized List<Result> results() {
    var byExperiment = new LinkedHashMap<Experiment, List<Result>>();
    for (Result result : results) {
      byExperiment.computeIfAbsent(result.experiment(), _ -> new ArrayList<>()).add(result);
    }
    return byExperiment.values().stream()
        .flatMap(
            each ->
                each.stream()
                    .sorted(
                        (a, b) ->
                            a.subject().client() != b.subject().client()
                                ? a.subject().client().compareTo(b.subject().client())
                                : a.subject().setup().compareTo(b.subject().setup())))
        .toList();
  }

  /** Whether all was done, and ours held wherever it took part. */
  synchronized boolean well() {
    return !interrupted
        && !results.isEmpty()
        && results.stream().filter(r -> r.subject().judged()).allMatch(r -> r.verdict().held());
  }

  synchronized void print() {
    if (json) {
      console.line(
          Json.lines(
              Json.object(
                  "experiments",
                  results().stream().map(LabOutcome::json).toList(),
                  "interrupted",
                  interrupted)));
      return;
    }
    long ours = results.stream().filter(result -> result.subject().judged()).count();
    long held = results.stream().filter(r -> r.subject().judged() && r.verdict().held()).count();
    if (interrupted) {
      console.warn("interrupted");
    }
    if (ours > 0) {
      console.line("Hawser held in %d of %d.".formatted(held, ours));
    }
  }

  private static Map<String, @Nullable Object> json(Result result) {
    return Json.object(
        "id", result.experiment().id(),
        "client", result.subject().client().id(),
        "setup", result.subject().setup().word(),
        "verdict", result.verdict().word(),
        "why", result.verdict().why(),
        "figures", figures(result.figures()),
        "notes", notes(result.figures()),
        "set", result.set(),
        "seconds", result.took().toMillis() / 1e3);
  }

  /** What could not be measured is null: JSON has no NaN. */
  private static Map<String, @Nullable Object> figures(Figures figures) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    for (Figure figure : figures.values()) {
      json.put(figure.name(), Double.isFinite(figure.value()) ? figure.value() : null);
    }
    return json;
  }

  private static Map<String, @Nullable Object> notes(Figures figures) {
    var json = new LinkedHashMap<String, @Nullable Object>();
    figures.notes().forEach(note -> json.put(note.name(), note.text()));
    return json;
  }
}
