package dev.hawser.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * All rounds of all clients, and what they say: medians of figures, and medians of the ratios
 * within each round, which a machine that is slower in one round than in the next does not move.
 */
final class Report {
  /** More than this much of the core for the compiler, or for strangers, and a figure is marked. */
  private static final double TOLERATED = 0.03;

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
  private final Map<String, List<Sample>> rounds = new LinkedHashMap<>();

  Report(Scenario scenario, Map<String, String> versions, long transferBytes) {
    this.scenario = scenario;
    this.versions = versions;
    this.megabytes = transferBytes / 1e6;
  }

  void add(String client, Sample sample) {
    rounds.computeIfAbsent(client, name -> new ArrayList<>()).add(sample);
  }

  /** NaN when no round has it. */
  double median(String client, String figure) {
    return median(
        rounds.getOrDefault(client, List.of()).stream()
            .mapToDouble(sample -> sample.get(figure))
            .toArray());
  }

  /** The client's figure divided by the yardstick's of the same round; the median of all rounds. */
  double ratio(String client, String yardstick, String figure) {
    List<Sample> ours = rounds.getOrDefault(client, List.of());
    List<Sample> theirs = rounds.getOrDefault(yardstick, List.of());
    double[] ratios = new double[Math.min(ours.size(), theirs.size())];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours.get(i).get(figure) / theirs.get(i).get(figure);
    }
    return median(ratios);
  }

  /**
   * What a client allocates beyond a floor measured in the same round; the median of all rounds.
   */
  double beyond(String client, String floor) {
    List<Sample> ours = rounds.getOrDefault(client, List.of());
    List<Sample> least = rounds.getOrDefault(floor, List.of());
    double[] beyond = new double[Math.min(ours.size(), least.size())];
    for (int i = 0; i < beyond.length; i++) {
      beyond[i] = ours.get(i).get("allocated") - least.get(i).get("allocated");
    }
    return median(beyond);
  }

  /** From the least round to the greatest, as a share of the median; NaN with one round only. */
  double spread(String client, String figure) {
    var all =
        rounds.getOrDefault(client, List.of()).stream()
            .mapToDouble(sample -> sample.get(figure))
            .filter(Double::isFinite)
            .summaryStatistics();
    return all.getCount() < 2 ? Double.NaN : (all.getMax() - all.getMin()) / median(client, figure);
  }

  /** Whether somebody else was on the cores of client or server. */
  static boolean disturbed(Sample sample) {
    return STRANGERS.keySet().stream().anyMatch(figure -> sample.get(figure) > TOLERATED);
  }

  private static double median(double[] values) {
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  // ── as a table ──────────────────────────────────────────────────────────────────────────────

  private record Column(String title, Function<String, String> cell) {}

  String table() {
    List<Column> columns = new ArrayList<>();
    columns.add(new Column("client", client -> client));
    columns.add(new Column("version", client -> versions.getOrDefault(client, "")));
    if (scenario.transfer()) {
      columns.add(new Column("MB/s", client -> show("%,.0f", median(client, "rps") * megabytes)));
      ratios(columns, "MB/s", "rps");
      columns.add(
          new Column("CPU ms each", client -> show("%,.1f", median(client, "cpuMicros") / 1e3)));
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
        columns.add(new Column("req/s:wrk", client -> show("%.2f", ratio(client, "wrk", "rps"))));
      }
      figure(columns, "alloc B", "allocated", "%,.0f", 1);
      for (String floor : scenario.floors()) {
        columns.add(
            new Column(
                "over " + floor,
                client ->
                    scenario.floors().contains(client)
                        ? ""
                        : show("%,.0f", beyond(client, floor))));
      }
    }
    columns.add(new Column("errors", this::errors));
    columns.add(new Column("conns", this::connections));
    figure(columns, "JIT %", "compileShare", "%.1f", 100);
    figure(columns, "others %", "othersShare", "%.0f", 100);
    figure(columns, "server %", "serverCpuShare", "%.0f", 100);
    figure(columns, "its others %", "serverOthersShare", "%.0f", 100);
    columns.removeIf(
        column -> rounds.keySet().stream().allMatch(client -> column.cell.apply(client).isBlank()));
    return align(columns);
  }

  private void figure(
      List<Column> columns, String title, String figure, String format, double factor) {
    columns.add(new Column(title, client -> show(format, median(client, figure) * factor)));
  }

  private void spread(List<Column> columns, String title, String figure) {
    columns.add(
        new Column(title + " spread %", client -> show("%.0f", spread(client, figure) * 100)));
  }

  private void ratios(List<Column> columns, String title, String figure) {
    for (String yardstick : scenario.yardsticks()) {
      columns.add(
          new Column(
              title + ":" + yardstick, client -> show("%.2f", ratio(client, yardstick, figure))));
    }
  }

  private static String show(String format, double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "";
  }

  private String errors(String client) {
    double errors = 0;
    for (Sample sample : rounds.getOrDefault(client, List.of())) {
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
    double late = median(client, "connectionsMeasured");
    return show("%.0f", median(client, "connections"))
        + (late > 0 ? show(" (%.0f late)", late) : "");
  }

  private String align(List<Column> columns) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(columns.stream().map(Column::title).toList());
    for (String client : rounds.keySet()) {
      cells.add(columns.stream().map(column -> column.cell.apply(client)).toList());
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : cells) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        int at = i;
        int width = cells.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
        String blank = " ".repeat(width - row.get(i).length());
        line.append(i < 2 ? row.get(i) + blank : blank + row.get(i)).append("  ");
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }

  /** What a reader must know before believing the table. */
  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    long disturbed =
        rounds.values().stream().flatMap(List::stream).filter(Report::disturbed).count();
    if (disturbed > 0) {
      long all = rounds.values().stream().mapToLong(List::size).sum();
      warnings.add(
          "THE MACHINE WAS NOT QUIET in %d of %d measurements: do not publish these figures"
              .formatted(disturbed, all));
    }
    rounds.forEach(
        (client, samples) -> {
          new TreeSet<>(
                  samples.stream().map(Sample::notes).filter(note -> !note.isEmpty()).toList())
              .forEach(note -> warnings.add(client + ": " + note));
          warn(warnings, client, "compileShare", "of its CPU went to the compiler: warm up longer");
          STRANGERS.forEach((figure, text) -> warn(warnings, client, figure, text));
          double told = median(client, "requests");
          double seen = median(client, "serverRequestsMeasured");
          // The server is asked a moment before and after: a tenth of a second is no lie.
          double tolerated = told * TOLERATED + median(client, "rps") / 10;
          boolean called = !scenario.transfer() && !scenario.floors().contains(client);
          if (called && Math.abs(seen - told) > tolerated) {
            warnings.add(
                client + show(": counted %,.0f requests", told) + show(", the server %,.0f", seen));
          }
        });
    return warnings;
  }

  private void warn(List<String> warnings, String client, String figure, String text) {
    // Each round by itself: a median would hide the one that was disturbed.
    String shares =
        rounds.getOrDefault(client, List.of()).stream()
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
    rounds.forEach(
        (client, samples) -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("client", client);
          one.put("version", versions.getOrDefault(client, ""));
          Map<String, Object> medians = new LinkedHashMap<>();
          samples.stream()
              .flatMap(sample -> sample.figures().keySet().stream())
              .distinct()
              .forEach(figure -> put(medians, figure, median(client, figure)));
          if (scenario.transfer()) {
            put(medians, "megabytesPerSecond", median(client, "rps") * megabytes);
          }
          one.put("median", medians);
          Map<String, Object> spreads = new LinkedHashMap<>();
          for (String figure : List.of("rps", "cpuMicros", "p50Micros", "p99Micros", "allocated")) {
            put(spreads, figure, spread(client, figure));
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
    for (String yardstick : rounds.keySet()) {
      Map<String, Object> one = new LinkedHashMap<>();
      for (String figure : List.of("rps", "cpuMicros", "p50Micros", "meanMicros")) {
        put(one, figure, ratio(client, yardstick, figure));
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
