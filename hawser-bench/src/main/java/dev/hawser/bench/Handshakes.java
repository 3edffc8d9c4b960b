package dev.hawser.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.faults.KeyKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command: what a new TLS connection costs each client, warm, at its start, and in a herd. */
@Command(
    name = "handshakes",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares what new TLS connections cost HTTP clients: each in its own process on one core,"
          + " nginx on another.",
      ""
    },
    footer = {
      "",
      "Parts: warm (full and resumed handshakes without an end), first (200 in a process that has",
      "done nothing yet), herd (200 connections at once, without a ticket, cold and warm).",
      "'net' is less what the same client needs for the same requests without TLS. Which sessions",
      "were resumed is what nginx says. hawser-unbounded is Hawser with tls.resumeWait 0."
    })
final class Handshakes implements Callable<Integer> {
  private static final List<String> CLIENTS =
      List.of(
          "hawser",
          "hawser-conscrypt",
          "jdk",
          "okhttp",
          "apache",
          "apache-async",
          "vertx",
          "vertx-openssl",
          "go");

  private static final List<String> HERDS =
      List.of(
          "hawser",
          "hawser-unbounded",
          "hawser-conscrypt",
          "jdk",
          "okhttp",
          "vertx",
          "vertx-openssl");

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      description = "only these; all by default")
  private List<String> only = List.of();

  @Option(
      names = "--parts",
      paramLabel = "A,B",
      split = ",",
      description = "warm, first, herd; all by default")
  private List<String> parts = List.of("warm", "first", "herd");

  @Option(
      names = "--callers",
      paramLabel = "N",
      defaultValue = "2",
      description = "at once, but for herds (${DEFAULT-VALUE}, as many as OpenSSL gives tickets)")
  private int callers = 2;

  @Option(
      names = "--herd",
      paramLabel = "N",
      defaultValue = "200",
      description = "connections of a herd (${DEFAULT-VALUE})")
  private int herd = Scenario.BATCH;

  @Option(
      names = "--warmup",
      paramLabel = "D",
      description = "not measured (30s; without TLS, 8s at most)",
      converter = Compare.Durations.class)
  private Duration warmup = Duration.ofSeconds(30);

  @Option(
      names = "--duration",
      paramLabel = "D",
      description = "measured (4s)",
      converter = Compare.Durations.class)
  private Duration duration = Duration.ofSeconds(4);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "all clients this many times; medians are shown (3)")
  private int rounds = 3;

  @Option(
      names = "--key",
      paramLabel = "KIND",
      defaultValue = "P256",
      description = "of leaf, intermediate and root: P256 or RSA_2048 (${DEFAULT-VALUE})")
  private KeyKind key = KeyKind.P256;

  @Option(names = "--client-cpu", paramLabel = "N", description = "core of the client (1)")
  private int clientCpu = 1;

  @Option(names = "--server-cpu", paramLabel = "N", description = "core of the server (0)")
  private int serverCpu;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write everything measured here as well")
  private @Nullable Path json;

  @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private final Map<String, String> skipped = new LinkedHashMap<>();
  private final Map<Scenario, Run> runs = new TreeMap<>();

  static void main(String[] args) {
    System.exit(
        new CommandLine(new Handshakes()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    checkOptions();
    boolean pinned = Processes.canPin(skipped, clientCpu, serverCpu);
    Path folder = Files.createTempDirectory("hawser-bench");
    Processes processes = new Processes(pinned);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> processes.closeAndDelete(folder)));
    processes.moveDriverTo(serverCpu);

    List<String> clients = new ArrayList<>(only.isEmpty() ? CLIENTS : only);
    Path go = clients.contains("go") ? GoClient.compile(folder, skipped) : null;
    if (go == null) {
      clients.remove("go");
    }
    List<String> herds = only.isEmpty() ? HERDS : only.stream().filter(HERDS::contains).toList();
    clients.remove("hawser-unbounded");
    Certificates certificates = Certificates.write(folder, key);
    Server server = Server.nginx(processes, serverCpu, folder, certificates, 0);
    for (Scenario scenario : Scenario.values()) {
      if (scenario.way.closing()) {
        var plan = plan(scenario, pinned, folder, go, certificates);
        runs.put(scenario, new Run(plan, processes, server));
      }
    }
    Map<String, Object> setting = setting(pinned);
    setting.forEach((name, value) -> System.out.println(name + ": " + value));
    skipped.forEach((name, why) -> System.out.println("skipped " + name + ": " + why));

    HandshakeReport report = new HandshakeReport(Compare.versions());
    for (int round = 1; round <= rounds; round++) {
      for (String client : round % 2 == 1 ? clients : clients.reversed()) {
        report.handshakes(client, handshakes(round, client));
      }
      for (String client : round % 2 == 1 ? herds : herds.reversed()) {
        report.herd(client, herd(round, client));
      }
    }
    System.out.println();
    System.out.println(report.tables());
    report.warnings().forEach(warning -> System.out.println("! " + warning));
    if (json != null) {
      Map<String, Object> all = new LinkedHashMap<>(setting);
      all.put("skipped", skipped);
      all.put("warnings", report.warnings());
      all.putAll(report.json());
      Files.writeString(json, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all) + "\n");
    }
    return report.complete() ? 0 : 1;
  }

  private void checkOptions() {
    for (String client : only) {
      if (!CLIENTS.contains(client) && !HERDS.contains(client)) {
        throw wrong("no such client: " + client + "; there are " + String.join(", ", CLIENTS));
      }
    }
    for (String part : parts) {
      if (!List.of("warm", "first", "herd").contains(part)) {
        throw wrong("no such part: " + part + "; there are warm, first, herd");
      }
    }
    if (rounds < 1 || callers < 1 || herd < 1) {
      throw wrong("--rounds, --callers and --herd are at least 1");
    }
    if (!Processes.onPath("nginx")) {
      throw wrong("TLS takes nginx (package nginx-light)");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), text);
  }

  /** Each scenario's own warm-up is the most it needs. */
  private Run.Plan plan(
      Scenario scenario,
      boolean pinned,
      Path folder,
      @Nullable Path go,
      Certificates certificates) {
    boolean herding = scenario.way == Way.HERD;
    return new Run.Plan(
        scenario,
        herding ? herd : callers,
        warmup.compareTo(scenario.warmup) < 0 ? warmup : scenario.warmup,
        scenario.load.equals("batch") ? Duration.ZERO : duration,
        clientCpu,
        serverCpu,
        pinned,
        folder,
        null,
        go,
        certificates,
        herding ? herd : Scenario.BATCH);
  }

  private Map<String, Object> setting(boolean pinned) {
    Map<String, Object> setting = new LinkedHashMap<>();
    setting.put("callers", callers);
    setting.put("herd", herd);
    setting.put("warm-up", warmup.toString());
    setting.put("measured", duration.toString());
    setting.put("rounds", rounds);
    setting.put("keys", key.toString());
    setting.put("server", "nginx, 1 worker");
    setting.put("cores", pinned ? "client " + clientCpu + ", server " + serverCpu : "not pinned");
    setting.put("machine", Machine.processor() + ", Linux " + System.getProperty("os.version"));
    setting.put("java", Runtime.version().toString());
    setting.put("flags", String.join(" ", Jvm.flags(Scenario.FULL)));
    return setting;
  }

  private Map<Scenario, Sample> handshakes(int round, String client)
      throws IOException, InterruptedException {
    List<Scenario> wanted = new ArrayList<>();
    if (parts.contains("warm")) {
      wanted.addAll(List.of(Scenario.UNSECURED, Scenario.FULL, Scenario.RESUMED));
    }
    if (parts.contains("first")) {
      wanted.addAll(List.of(Scenario.FIRST_UNSECURED, Scenario.FIRST));
    }
    return measure(round, client, wanted);
  }

  private Map<Scenario, Sample> herd(int round, String client)
      throws IOException, InterruptedException {
    return measure(
        round,
        client,
        parts.contains("herd") ? List.of(Scenario.HERD_COLD, Scenario.HERD_WARM) : List.of());
  }

  private Map<Scenario, Sample> measure(int round, String client, List<Scenario> wanted)
      throws IOException, InterruptedException {
    Map<Scenario, Sample> samples = new TreeMap<>();
    for (Scenario scenario : wanted) {
      Run run = runs.get(scenario);
      if (run == null) {
        throw new IllegalStateException("no run for " + scenario);
      }
      Sample sample = run.once(client);
      samples.put(scenario, sample);
      System.err.printf(
          "round %d  %-16s  %-15s  %7.0f µs CPU each%s%n",
          round,
          client,
          scenario.name().toLowerCase(Locale.ROOT),
          sample.get("cpuSeconds") * 1e6 / sample.get("requests"),
          sample.complete() ? "" : "  failed " + sample.notes());
    }
    return samples;
  }
}
