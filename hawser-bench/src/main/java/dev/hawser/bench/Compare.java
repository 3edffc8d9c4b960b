package dev.hawser.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.faults.KeyKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command: one server, all clients one after the other, as many rounds as asked for, one
 * report.
 *
 * <p>Clients take turns within a round, the tools that are compared with (wrk, curl) like all
 * others and on the same cores, so that a machine that gets slower or busier does so for all of
 * them. Every second round goes backwards: who is always measured right after the heaviest client
 * would always find the machine warm.
 */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares HTTP clients side by side: each in its own process on one core, the server on"
          + " another.",
      ""
    },
    footer = {
      "",
      "Scenarios: get (small GETs, many callers), https (the same over TLS), latency (one",
      "caller, against a bare blocking socket), download and upload (a big body, streamed,",
      "against curl). Over HTTP/2, all on one connection: h2, h2-tls, h2-download, h2-upload,",
      "h2-tls-download, h2-tls-upload, and h2-path (a download over a path of 50 ms round trip,",
      "against what a bare socket gets through it).",
      "Besides the clients: wrk, curl, bare (a blocking socket and no client at all) and",
      "bare-platform (the same on a platform thread).",
      "jdk-body and jdk-objects are no clients: the heap that java.net.http's own objects take,",
      "a floor for the column 'alloc B'.",
      "Figures of a busy machine are worthless: mind the warnings below the table."
    })
final class Compare implements Callable<Integer> {
  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      defaultValue = "get",
      description = "one of those below (${DEFAULT-VALUE})")
  private String scenarioName = "get";

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      description = "only these; all by default")
  private List<String> only = List.of();

  @Option(names = "--callers", paramLabel = "N", description = "requests in flight (64; latency 1)")
  private @Nullable Integer callers;

  @Option(
      names = "--warmup",
      paramLabel = "D",
      description = "not measured (15s; latency 10s; transfers 5s)",
      converter = Durations.class)
  private @Nullable Duration warmup;

  @Option(
      names = "--duration",
      paramLabel = "D",
      description = "measured (10s)",
      converter = Durations.class)
  private @Nullable Duration duration;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "all clients this many times; medians are shown (3)")
  private int rounds = 3;

  @Option(
      names = "--size",
      paramLabel = "BYTES",
      defaultValue = "100000000",
      description = "of a transfer (${DEFAULT-VALUE})")
  private long size = 100_000_000;

  @Option(
      names = "--server",
      paramLabel = "KIND",
      defaultValue = "auto",
      description = "nginx, embedded or auto (nginx where installed)")
  private String serverKind = "auto";

  @Option(
      names = "--client-cpu",
      paramLabel = "N",
      defaultValue = "1",
      description = "core of the client (1)")
  private int clientCpu = 1;

  @Option(
      names = "--server-cpu",
      paramLabel = "N",
      defaultValue = "0",
      description = "core of the server (0)")
  private int serverCpu;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "write everything measured here as well")
  private @Nullable Path json;

  @Spec private CommandLine.Model.CommandSpec spec;

  private final Map<String, String> skipped = new LinkedHashMap<>();

  Compare() {
    spec = CommandLine.Model.CommandSpec.create();
  }

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Compare()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Scenario scenario = scenario();
    checkOptions(scenario);
    boolean pinned = Processes.canPin(skipped, clientCpu, serverCpu);
    Path folder = Files.createTempDirectory("hawser-bench");
    Processes processes = new Processes(pinned);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> processes.closeAndDelete(folder)));
    processes.moveDriverTo(serverCpu);

    List<String> clients = new ArrayList<>(only.isEmpty() ? scenario.clients() : only);
    Path go = clients.contains("go") ? GoClient.compile(folder, skipped) : null;
    Path big = bigFile(folder, scenario);
    dropMissing(clients, go);
    Certificates certificates =
        scenario.way.secure() ? Certificates.write(folder, KeyKind.P256) : null;
    Server server = server(scenario, processes, folder, certificates);
    if (scenario == Scenario.H2_PATH) {
      for (Way way : List.of(Way.PATH_PLAIN, Way.PATH_HTTP2)) {
        server.ports().put(way, LongPath.open(server.port(way.beyondPath())));
      }
    }
    Run.Plan plan =
        new Run.Plan(
            scenario,
            callers != null ? callers : scenario.callers,
            warmup != null ? warmup : scenario.warmup,
            duration != null ? duration : scenario.duration,
            clientCpu,
            serverCpu,
            pinned,
            folder,
            big,
            go,
            certificates,
            0);
    Map<String, Object> setting = setting(plan, server, pinned);
    setting.forEach((name, value) -> System.out.println(name + ": " + value));
    skipped.forEach((name, why) -> System.out.println("skipped " + name + ": " + why));

    Report report = new Report(scenario, versions(), size);
    Run run = new Run(plan, processes, server);
    boolean allWell = true;
    for (int round = 1; round <= rounds; round++) {
      for (String client : round % 2 == 1 ? clients : clients.reversed()) {
        Sample sample = run.once(client);
        allWell &= sample.complete();
        report.add(client, sample);
        System.err.println(progress(round, client, sample));
      }
    }
    System.out.println();
    System.out.println(report.table());
    report.warnings().forEach(warning -> System.out.println("! " + warning));
    if (json != null) {
      write(json, setting, report);
    }
    return allWell ? 0 : 1;
  }

  private Scenario scenario() {
    for (Scenario scenario : Scenario.compared()) {
      if (scenario.label().equalsIgnoreCase(scenarioName)) {
        return scenario;
      }
    }
    throw wrong("no such scenario: " + scenarioName);
  }

  private void checkOptions(Scenario scenario) {
    for (String client : only) {
      if (!scenario.known().contains(client)) {
        throw wrong(
            "no such client: " + client + "; there are " + String.join(", ", scenario.known()));
      }
    }
    if (!List.of("auto", "nginx", "embedded").contains(serverKind)) {
      throw wrong("no such server: " + serverKind);
    }
    if (rounds < 1 || size < 1 || (callers != null && callers < 1)) {
      throw wrong("--rounds, --size and --callers are at least 1");
    }
    if (scenario.transfer() && callers != null && callers != 1) {
      throw wrong("transfers are made one at a time");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), text);
  }

  private void dropMissing(List<String> clients, @Nullable Path go) {
    for (String tool : List.of("wrk", "curl")) {
      if (clients.contains(tool) && !Processes.onPath(tool)) {
        skipped.put(tool, "not installed (package " + tool + ")");
        clients.remove(tool);
      }
    }
    if (go == null) {
      clients.remove("go");
    }
  }

  private Server server(
      Scenario scenario, Processes processes, Path folder, @Nullable Certificates certificates)
      throws IOException {
    boolean upload = scenario.upload() && !scenario.way.http2();
    boolean installed = Processes.onPath("nginx");
    if (serverKind.equals("nginx") && upload) {
      throw wrong(
          "nginx has no way to take a body and forget it: uploads go to the embedded server");
    }
    boolean nginxOnly = certificates != null || scenario.way.http2();
    if (nginxOnly && (!installed || serverKind.equals("embedded"))) {
      throw wrong("TLS and HTTP/2 take nginx (package nginx-light)");
    }
    if (serverKind.equals("auto") && !installed && !upload) {
      skipped.put("nginx", "not installed (package nginx-light); the embedded server answers");
    }
    if (upload || serverKind.equals("embedded") || (serverKind.equals("auto") && !installed)) {
      return Server.embedded(processes, serverCpu, folder, size);
    }
    return Server.nginx(processes, serverCpu, folder, certificates, scenario.upload() ? size : 0);
  }

  private Path bigFile(Path folder, Scenario scenario) throws IOException {
    Path big = folder.resolve("big");
    byte[] block = new byte[1024 * 1024];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (' ' + i % 90);
    }
    try (var out = Files.newOutputStream(big)) {
      for (long left = scenario.transfer() ? size : 0; left > 0; left -= block.length) {
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    }
    return big;
  }

  private Map<String, Object> setting(Run.Plan plan, Server server, boolean pinned) {
    Map<String, Object> setting = new LinkedHashMap<>();
    setting.put("scenario", plan.scenario().label());
    setting.put("callers", plan.callers());
    setting.put("warm-up", plan.warmup().toString());
    setting.put("measured", plan.duration().toString());
    setting.put("rounds", rounds);
    if (plan.scenario().transfer()) {
      setting.put("bytes", size);
    }
    setting.put("server", server.about());
    if (plan.scenario() == Scenario.H2_PATH) {
      setting.put("path", LongPath.ABOUT);
    }
    setting.put("cores", pinned ? "client " + clientCpu + ", server " + serverCpu : "not pinned");
    setting.put("machine", Machine.processor() + ", Linux " + System.getProperty("os.version"));
    setting.put("java", Runtime.version().toString());
    setting.put("flags", String.join(" ", Jvm.flags(plan.scenario())));
    return setting;
  }

  static Map<String, String> versions() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Compare.class.getResourceAsStream("peers.properties")) {
      properties.load(in);
    }
    Map<String, String> versions = new LinkedHashMap<>();
    properties.forEach((name, version) -> versions.put(name.toString(), version.toString()));
    versions.put(
        "jdk",
        Runtime.version().feature()
            + "."
            + Runtime.version().interim()
            + "."
            + Runtime.version().update());
    return versions;
  }

  private static String progress(int round, String client, Sample sample) {
    String figures;
    if (!sample.complete()) {
      figures = "failed " + sample.notes();
    } else if (Double.isNaN(sample.get("rps"))) {
      figures = String.format(Locale.ROOT, "%,10.0f B", sample.get("allocated"));
    } else {
      figures =
          String.format(
              Locale.ROOT,
              "%,10.0f /s  %8.1f µs CPU%s",
              sample.get("rps"),
              sample.get("cpuMicros"),
              Report.disturbed(sample) ? "  (disturbed)" : "");
    }
    return String.format(Locale.ROOT, "round %d  %-14s %s", round, client, figures);
  }

  private void write(Path file, Map<String, Object> setting, Report report) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(setting);
    all.put("skipped", skipped);
    all.put("warnings", report.warnings());
    all.put("clients", report.json());
    Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(all) + "\n");
  }

  /** Durations as everywhere in Hawser's commands: {@code 250ms}, {@code 10s}, {@code 2m}. */
  static final class Durations implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      String unit = text.replaceAll("[0-9]", "");
      long value = Long.parseLong(text.substring(0, text.length() - unit.length()));
      return switch (unit) {
        case "ms" -> Duration.ofMillis(value);
        case "s" -> Duration.ofSeconds(value);
        case "m" -> Duration.ofMinutes(value);
        default ->
            throw new CommandLine.TypeConversionException("write 250ms, 10s or 2m, not " + text);
      };
    }
  }
}
