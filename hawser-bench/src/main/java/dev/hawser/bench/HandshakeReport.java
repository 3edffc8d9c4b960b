package dev.hawser.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** What the rounds of {@code handshakes} come to: a table of handshakes, and one of herds. */
final class HandshakeReport {
  /** Clients on the JDK's TLS. Others are set against the least of these, round by round. */
  private static final List<String> JSSE =
      List.of("hawser", "jdk", "okhttp", "apache", "apache-async", "vertx");

  private final Map<String, String> versions;
  private final Rounds handshakes = new Rounds();
  private final Rounds herds = new Rounds();
  private boolean complete = true;

  HandshakeReport(Map<String, String> versions) {
    this.versions = versions;
  }

  void handshakes(String client, Map<Scenario, Sample> round) {
    add(handshakes, client, round);
  }

  void herd(String client, Map<Scenario, Sample> round) {
    add(herds, client, round);
  }

  /** Whether all that was begun has figures. */
  boolean complete() {
    return complete;
  }

  private void add(Rounds rounds, String client, Map<Scenario, Sample> round) {
    if (!round.isEmpty()) {
      complete &= round.values().stream().allMatch(Sample::complete);
      rounds.add(client, merge(round));
    }
  }

  /** One sample of all: the figures by scenario, {@code full.cpuMicros}, and what they make. */
  static Sample merge(Map<Scenario, Sample> round) {
    Map<String, Double> figures = new LinkedHashMap<>();
    var notes = new TreeSet<String>();
    round.forEach(
        (scenario, sample) -> {
          String prefix = name(scenario) + ".";
          sample.figures().forEach((name, value) -> figures.put(prefix + name, value));
          double each = sample.get("requests");
          figures.put(prefix + "each", sample.get("cpuSeconds") * 1e6 / each);
          figures.put(prefix + "process", sample.get("processCpuSeconds") * 1e6 / each);
          if (!sample.notes().isEmpty()) {
            notes.add(name(scenario) + ": " + sample.notes());
          }
        });
    Sample all = new Sample(figures, String.join("; ", notes));
    for (String kind : List.of("full", "resumed")) {
      figures.put(kind + ".net", all.get(kind + ".each") - all.get("unsecured.each"));
    }
    figures.put("first.net", all.get("first.process") - all.get("first-unsecured.process"));
    return all;
  }

  private static String name(Scenario scenario) {
    return scenario.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  // ── as tables ───────────────────────────────────────────────────────────────────────────────

  String tables() {
    var out = new StringBuilder();
    if (!handshakes.clients().isEmpty()) {
      out.append(handshakeTable());
    }
    if (!herds.clients().isEmpty()) {
      out.append(out.isEmpty() ? "" : "\n").append(herdTable());
    }
    return out.toString();
  }

  private String handshakeTable() {
    Table table = new Table().column("client", client -> client);
    table.column("version", client -> versions.getOrDefault(client, ""));
    figure(handshakes, table, "no TLS µs", "unsecured.each", "%,.0f", 1);
    for (String kind : List.of("full", "resumed")) {
      figure(handshakes, table, kind + "/s", kind + ".rps", "%,.0f", 1);
      figure(handshakes, table, "CPU µs", kind + ".each", "%,.0f", 1);
      figure(handshakes, table, "net µs", kind + ".net", "%,.0f", 1);
      ratio(table, kind + ".net");
    }
    figure(handshakes, table, "resumed %", "resumed.resumedShare", "%.1f", 100);
    figure(handshakes, table, "first 200 µs", "first.process", "%,.0f", 1);
    figure(handshakes, table, "net µs", "first.net", "%,.0f", 1);
    ratio(table, "first.net");
    errors(handshakes, table, "unsecured", "full", "resumed", "first", "first-unsecured");
    figure(handshakes, table, "JIT %", "full.compileShare", "%.0f", 100);
    figure(handshakes, table, "others %", "full.othersShare", "%.0f", 100);
    figure(handshakes, table, "server %", "full.serverCpuShare", "%.0f", 100);
    return table.of(handshakes.clients());
  }

  private String herdTable() {
    Table table = new Table().column("herd", client -> client);
    table.column("version", client -> versions.getOrDefault(client, ""));
    for (String kind : List.of("cold", "warm")) {
      String herd = "herd-" + kind + ".";
      figure(herds, table, kind + ": full", herd + "full", "%.0f", 1);
      figure(herds, table, "resumed", herd + "resumed", "%.0f", 1);
      figure(herds, table, "CPU ms", herd + "cpuSeconds", "%,.0f", 1e3);
      figure(herds, table, "last ms", herd + "seconds", "%,.0f", 1e3);
    }
    errors(herds, table, "herd-cold", "herd-warm");
    return table.of(herds.clients());
  }

  private static void figure(
      Rounds rounds, Table table, String title, String figure, String format, double factor) {
    table.column(title, format, client -> rounds.median(client, figure) * factor);
  }

  private void ratio(Table table, String figure) {
    table.column(":best JSSE", "%.2f", client -> handshakes.ratio(client, JSSE, figure));
  }

  private static void errors(Rounds rounds, Table table, String... kinds) {
    table.column(
        "errors",
        client -> {
          double errors = 0;
          for (Sample sample : rounds.of(client)) {
            for (String kind : kinds) {
              for (String what : List.of(".errors", ".errorsInWarmup", ".stuck")) {
                errors += sample.figures().getOrDefault(kind + what, 0.0);
              }
            }
          }
          return Table.show("%,.0f", errors);
        });
  }

  List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (Rounds rounds : List.of(handshakes, herds)) {
      for (String client : rounds.clients()) {
        for (Sample sample : rounds.of(client)) {
          if (!sample.notes().isEmpty()) {
            warnings.add(client + ": " + sample.notes());
          }
          // The machine tells its time in ticks of 10 ms: too coarse for what is over in a moment.
          for (String kind : List.of("unsecured.", "full.", "resumed.")) {
            double others = sample.get(kind + "othersShare");
            if (others > Report.TOLERATED) {
              warnings.add(
                  client
                      + ": %s %.0f %% of the client's core went to other processes"
                          .formatted(kind.replace(".", ","), others * 100));
            }
          }
        }
      }
    }
    return warnings;
  }

  // ── as JSON ─────────────────────────────────────────────────────────────────────────────────

  Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("clients", json(handshakes));
    all.put("herds", json(herds));
    return all;
  }

  private List<Map<String, Object>> json(Rounds rounds) {
    List<Map<String, Object>> clients = new ArrayList<>();
    for (String client : rounds.clients()) {
      Map<String, Object> medians = new LinkedHashMap<>();
      rounds.of(client).stream()
          .flatMap(sample -> sample.figures().keySet().stream())
          .distinct()
          .forEach(figure -> put(medians, figure, rounds.median(client, figure)));
      Map<String, Object> ratios = new LinkedHashMap<>();
      for (String figure : List.of("full.net", "resumed.net", "first.net", "full.each")) {
        put(ratios, figure, rounds.ratio(client, JSSE, figure));
      }
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("client", client);
      one.put("version", versions.getOrDefault(client, ""));
      one.put("median", medians);
      one.put("toBestJsse", ratios);
      one.put("rounds", rounds.of(client).stream().map(HandshakeReport::finite).toList());
      clients.add(one);
    }
    return clients;
  }

  private static Map<String, Object> finite(Sample sample) {
    Map<String, Object> figures = new LinkedHashMap<>();
    sample.figures().forEach((name, value) -> put(figures, name, value));
    return figures;
  }

  private static void put(Map<String, Object> map, String name, double value) {
    if (Double.isFinite(value)) {
      map.put(name, value);
    }
  }
}
