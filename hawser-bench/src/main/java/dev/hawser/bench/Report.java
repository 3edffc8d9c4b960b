package dev.hawser.bench;

import static dev.hawser.bench.Table.show;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the rounds of a comparison say: medians of figures, and of the ratios within a round. */
final class Report {
  /** More than this much of the core for the compiler, or for strangers, and a figure is marked. */
  static final double TOLERATED = 0.03;

  /** The figures that tell of others on the cores, and how to say it. */
  private static final Map<String, String> STRANGERS =
      new TreeMap<>(
          Map.of(
              "othersShare", "of the client's core went to other processes",
              "serverOthersShare", "of the server's core went to other processes",
              "stolenShare", "of a core was taken by the hypervisor"));

  private final Scenario scenario;
  private final Map<String, String> versions;
  private final double megabytes;
  private final Rounds rounds = new Rounds();

  Report(Scenario scenario, Map<String, String> versions, long transferBytes) {
    this.scenario = scenario;
    this.versions = versions;
    this.megabytes = transferBytes / 1e6;
  }

  Rounds rounds() {
    return rounds;
  }

  void add(String client, Sample sample) {
    rounds.add(client, sample);
  }

  /** Of heap: what a client allocates beyond a floor measured in the same round. */
  double beyond(String client, String floor) {
    return rounds.difference(client, floor, "allocated");
  }

  /** Whether somebody else was on the cores of client or server. */
  static boolean disturbed(Sample sample) {
    return STRANGERS.keySet().stream().anyMatch(figure -> sample.get(figure) > TOLERATED);
  }

  // ── as a table ──────────────────────────────────────────────────────────────────────────────

  String table() {
    Table columns = new Table();
    columns.column("client", client -> client);
    columns.column("version", client -> versions.getOrDefault(client, ""));
    if (scenario.transfer()) {
      columns.column("MB/s", "%,.0f", client -> rounds.median(client, "rps") * megabytes);
      ratios(columns, "MB/s", "rps");
      figure(columns, "CPU ms each", "cpuMicros", "%,.1f", 1e-3);
      if (scenario.way.http2()) {
        ratios(columns, "CPU", "cpuMicros");
      }
      spread(columns, "MB/s", "rps");
      figure(columns, "RSS MiB", "residentPeakMiB", "%,.0f", 1);
      figure(columns, "heap MiB", "heapPeakMiB", "%,.0f", 1);
      figure(columns, "alloc KiB each", "allocated", "%,.0f", 1 / 1024.0);
    } else {
      figure(columns, "req/s", "rps", "%,.0f", 1);
      figure(columns, "CPU µs", "cpuMicros", "%.1f", 1);
      if (scenario == Scenario.LATENCY) {
        figure(columns, "mean µs", "meanMicros", "%.1f", 1);
        figure(columns, "p50 µs", "p50Micros", "%.1f", 1);
        figure(columns, "p99 µs", "p99Micros", "%.1f", 1);
        spread(columns, "p50", "p50Micros");
        ratios(columns, "p50", "p50Micros");
        ratios(columns, "mean", "meanMicros");
      } else {
        spread(columns, "CPU", "cpuMicros");
        figure(columns, "p50 ms", "p50Micros", "%.2f", 1e-3);
        figure(columns, "p99 ms", "p99Micros", "%.2f", 1e-3);
        ratios(columns, "CPU", "cpuMicros");
        if (!scenario.way.http2()) {
          columns.column("req/s:wrk", "%.2f", client -> rounds.ratio(client, "wrk", "rps"));
        }
      }
      figure(columns, "alloc B", "allocated", "%,.0f", 1);
      for (String floor : scenario.floors()) {
        columns.column(
            "over " + floor,
            "%,.0f",
            client -> scenario.floors().contains(client) ? Double.NaN : beyond(client, floor));
      }
    }
    columns.column("errors", this::errors);
    columns.column("conns", this::connections);
    figure(columns, "JIT %", "compileShare", "%.1f", 100);
    figure(columns, "others %", "othersShare", "%.0f", 100);
    figure(columns, "server %", "serverCpuShare", "%.0f", 100);
    figure(columns, "its others %", "serverOthersShare", "%.0f", 100);
    return columns.of(rounds.clients());
  }

  private void figure(Table columns, String title, String figure, String format, double factor) {
    columns.column(title, format, client -> rounds.median(client, figure) * factor);
  }

  private void spread(Table columns, String title, String figure) {
    columns.column(title + " spread %", "%.0f", client -> rounds.spread(client, figure) * 100);
  }

  private void ratios(Table columns, String title, String figure) {
    for (String yardstick : scenario.yardsticks()) {
      columns.column(
          title + ":" + yardstick, "%.2f", client -> rounds.ratio(client, yardstick, figure));
    }
  }

  private String errors(String client) {
    double errors = 0;
    for (Sample sample : rounds.of(client)) {
      if (!sample.complete()) {
        return "failed";
      }
      for (String kind : List.of("errors", "errorsInWarmup", "stuck")) {
        errors += sample.figures().getOrDefault(kind, 0.0);
      }
    }
    return show("%,.0f", errors);
  }

  /**
   * How many were opened in all; and how many of these while measuring, which is none where they
   * are kept alive.
   */
  private String connections(String client) {
    double late = rounds.median(client, "connectionsMeasured");
    return show("%.0f", rounds.median(client, "connections"))
        + (late > 0 ? show(" (%.0f late)", late) : "");
  }

  /** What a reader must know before believing the table. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    long disturbed = rounds.all().stream().filter(Report::disturbed).count();
    if (disturbed > 0) {
      long all = rounds.all().size();
      warnings.add(
          "THE MACHINE WAS NOT QUIET in %d of %d measurements: do not publish these figures"
              .formatted(disturbed, all));
    }
    rounds
        .clients()
        .forEach(
            client -> {
              List<Sample> samples = rounds.of(client);
              new TreeSet<>(
                      samples.stream().map(Sample::notes).filter(note -> !note.isEmpty()).toList())
                  .forEach(note -> warnings.add(client + ": " + note));
              warn(
                  warnings,
                  client,
                  "compileShare",
                  "of its CPU went to the compiler: warm up longer");
              STRANGERS.forEach((figure, text) -> warn(warnings, client, figure, text));
              double told = rounds.median(client, "requests");
              double seen = rounds.median(client, "serverRequestsMeasured");
              // The server is asked a moment before and after: a tenth of a second is no lie.
              double tolerated = told * TOLERATED + rounds.median(client, "rps") / 10;
              boolean called = !scenario.transfer() && !scenario.floors().contains(client);
              if (called && Math.abs(seen - told) > tolerated) {
                warnings.add(
                    client
                        + show(": counted %,.0f requests", told)
                        + show(", the server %,.0f", seen));
              }
            });
    return warnings;
  }

  private void warn(List<String> warnings, String client, String figure, String text) {
    // Each round by itself: a median would hide the one that was disturbed.
    String shares =
        rounds.of(client).stream()
            .mapToDouble(sample -> sample.get(figure))
            .filter(share -> share > TOLERATED)
            .mapToObj(share -> show("%.0f %%", share * 100))
            .collect(Collectors.joining(", "));
    if (!shares.isEmpty()) {
      warnings.add(client + ": " + shares + " " + text);
    }
  }

  // ── as JSON ─────────────────────────────────────────────────────────────────────────────────

  List<Map<String, Object>> json() {
    List<Map<String, Object>> clients = new ArrayList<>();
    rounds
        .clients()
        .forEach(
            client -> {
              List<Sample> samples = rounds.of(client);
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("client", client);
              one.put("version", versions.getOrDefault(client, ""));
              Map<String, Object> medians = new LinkedHashMap<>();
              samples.stream()
                  .flatMap(sample -> sample.figures().keySet().stream())
                  .distinct()
                  .forEach(figure -> put(medians, figure, rounds.median(client, figure)));
              if (scenario.transfer()) {
                put(medians, "megabytesPerSecond", rounds.median(client, "rps") * megabytes);
              }
              one.put("median", medians);
              Map<String, Object> spreads = new LinkedHashMap<>();
              for (String figure :
                  List.of("rps", "cpuMicros", "p50Micros", "p99Micros", "allocated")) {
                put(spreads, figure, rounds.spread(client, figure));
              }
              one.put("spread", spreads);
              Map<String, Object> beyond = new LinkedHashMap<>();
              scenario.floors().forEach(floor -> put(beyond, floor, beyond(client, floor)));
              one.put("allocatedBeyond", beyond);
              one.put("ratios", ratios(client));
              one.put("rounds", samples.stream().map(Sample::figures).toList());
              one.put(
                  "notes",
                  samples.stream().map(Sample::notes).filter(note -> !note.isEmpty()).toList());
              clients.add(one);
            });
    return clients;
  }

  private Map<String, Object> ratios(String client) {
    Map<String, Object> ratios = new LinkedHashMap<>();
    for (String yardstick : rounds.clients()) {
      Map<String, Object> one = new LinkedHashMap<>();
      for (String figure : List.of("rps", "cpuMicros", "p50Micros", "meanMicros")) {
        put(one, figure, rounds.ratio(client, yardstick, figure));
      }
      ratios.put(yardstick, one);
    }
    return ratios;
  }

  private static void put(Map<String, Object> map, String name, double value) {
    if (Double.isFinite(value)) {
      map.put(name, value);
    }
  }
}
