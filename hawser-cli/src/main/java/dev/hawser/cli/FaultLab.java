package dev.hawser.cli;

import dev.hawser.cli.Console.Style;
import dev.hawser.lab.Experiment;
import dev.hawser.lab.Experiments;
import dev.hawser.lab.Lab;
import dev.hawser.lab.Programme;
import dev.hawser.lab.Result;
import dev.hawser.lab.Scale;
import dev.hawser.lab.Subject;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Setup;
import dev.hawser.lab.report.Environment;
import dev.hawser.lab.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the experiments of the fault lab. */
@Command(
    name = "lab",
    description = {
      "The fault lab: makes servers, names and handshakes misbehave, on real sockets, and shows"
          + " what HTTP clients do then, usual ones and Hawser."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "Exit code 0 if Hawser held in all of them. Ctrl-C ends every process that was started.",
      "Examples:",
      "  hawser lab --list",
      "  hawser lab --quick --report lab.html",
      "  hawser lab stale-dns --seed 7 --clients jdk,hawser --best"
    })
final class FaultLab implements Callable<Integer> {
  private static final String REPORT = "hawser-lab.html";

  private final Console console;

  @Parameters(
      arity = "0..*",
      paramLabel = "EXPERIMENT",
      description = "Which ones, by name; default all.")
  private List<String> names = List.of();

  @Option(names = "--list", description = "List the experiments and end.")
  private boolean list;

  @Option(
      names = "--quick",
      description = "The short form; of all, the quick set: within two minutes.")
  private boolean quick;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "What randomness comes from; default 1.")
  private long seed = 1;

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      description = "Who takes part: jdk, okhttp, apache, vertx, hawser; default all.")
  private List<String> clients = List.of();

  @Option(
      names = "--best",
      description = "The others also as their documentation advises for the case.")
  private boolean best;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "Where to write the report; default " + REPORT + ", with --json none.")
  private @Nullable Path report;

  @Option(names = "--json", description = "Print one JSON document and nothing else.")
  private boolean json;

  FaultLab(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (list) {
      return list();
    }
    var programme = new Programme(experiments(), subjects());
    Path page = page();
    var outcome = new LabOutcome(console, json);
    try (var _ = OnInterrupt.ofThisThread(console)) {
      run(programme, outcome);
      outcome.print();
      if (page != null) {
        write(page, outcome.results());
      }
    }
    return outcome.well() ? Main.OK : Main.FAILED;
  }

  private void run(Programme programme, LabOutcome outcome) throws IOException {
    try (Lab lab = Lab.open(quick ? Scale.QUICK : Scale.FULL, seed);
        var progress = new LabProgress(console, programme.experiments().size(), outcome)) {
      programme.run(lab, progress);
    } catch (InterruptedException e) {
      outcome.interrupted(); // and what there is is shown
    }
  }

  private int list() {
    if (json) {
      console.line(
          Json.lines(
              Json.object(
                  "experiments",
                  Experiments.all().stream()
                      .map(each -> Json.object("id", each.id(), "title", each.title()))
                      .toList())));
      return Main.OK;
    }
    for (Experiment each : Experiments.all()) {
      console.line(
          console.paint(Style.BOLD, "%-14s".formatted(each.id()))
              + each.title()
              + console.paint(
                  Style.FAINT,
                  " (about %s, quick %s)"
                      .formatted(time(each, Scale.FULL), time(each, Scale.QUICK))));
    }
    return Main.OK;
  }

  private static String time(Experiment experiment, Scale scale) {
    return Durations.written(Duration.ofSeconds(experiment.takes(scale).toSeconds()));
  }

  private List<Experiment> experiments() {
    if (names.isEmpty()) {
      return quick ? Experiments.quick() : Experiments.all();
    }
    return names.stream().distinct().map(FaultLab::experiment).toList();
  }

  private static Experiment experiment(String name) {
    return Experiments.of(name)
        .orElseThrow(
            () ->
                new UsageException(
                    "there is no experiment '%s'; there are: %s"
                        .formatted(
                            name,
                            Experiments.all().stream()
                                .map(Experiment::id)
                                .collect(Collectors.joining(", ")))));
  }

  /** In the order of the report, ours last. */
  private List<Subject> subjects() {
    clients.forEach(FaultLab::checkClient);
    var subjects = new ArrayList<Subject>();
    for (Client client : Client.values()) {
      if (!clients.isEmpty() && !clients.contains(client.id())) {
        continue;
      }
      subjects.add(new Subject(client, Setup.DEFAULTS));
      if (client == Client.HAWSER) {
        subjects.add(new Subject(client, Setup.BARE)); // where it is another
      }
      if (best && client != Client.HAWSER) {
        subjects.add(new Subject(client, Setup.BEST));
      }
    }
    return subjects;
  }

  private static void checkClient(String name) {
    List<String> ids = Arrays.stream(Client.values()).map(Client::id).toList();
    if (!ids.contains(name)) {
      throw new UsageException(
          "there is no client '%s'; there are: %s".formatted(name, String.join(", ", ids)));
    }
  }

  private @Nullable Path page() {
    Path page = report == null && !json ? Path.of(REPORT) : report;
    if (page != null) {
      Path folder = page.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(page)) {
        throw new UsageException("--report " + page + ": no file can be written there");
      }
    }
    return page;
  }

  private void write(Path page, List<Result> results) throws IOException {
    if (results.isEmpty()) {
      return;
    }
    Scale scale = quick ? Scale.QUICK : Scale.FULL;
    Files.writeString(page, Report.html(new Environment(scale, seed, Instant.now()), results));
    if (!json) {
      console.line("The report: " + page.toAbsolutePath().toUri());
    }
  }
}
