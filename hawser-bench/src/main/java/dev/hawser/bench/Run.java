package dev.hawser.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Runs one client once, in its own process on its own core, and asks everybody what it cost. */
final class Run {
  /**
   * What is the same for all clients of a comparison.
   *
   * @param pinned whether client and server have their cores
   * @param big what is transferred; null where nothing is
   * @param go the compiled Go client
   * @param certificates of the server, if it has any
   * @param count how many requests, where that is not a matter of time
   */
  record Plan(
      Scenario scenario,
      int callers,
      Duration warmup,
      Duration duration,
      int clientCpu,
      int serverCpu,
      boolean pinned,
      Path folder,
      @Nullable Path big,
      @Nullable Path go,
      @Nullable Certificates certificates,
      int count) {

    /** Allocation is the same in every request, and soon known. */
    private static final Duration FLOOR = Duration.ofSeconds(3);

    Duration warmup(String client) {
      return shorter(client, warmup);
    }

    Duration duration(String client) {
      return shorter(client, duration);
    }

    private Duration shorter(String client, Duration time) {
      return scenario.floors().contains(client) && time.compareTo(FLOOR) > 0 ? FLOOR : time;
    }
  }

  private static final String END = "\0end";

  private final Plan plan;
  private final Processes processes;
  private final Server server;
  private final @Nullable HandshakeLog log;

  Run(Plan plan, Processes processes, Server server) {
    this.plan = plan;
    this.processes = processes;
    this.server = server;
    this.log = server.handshakeLog(plan.scenario.way);
  }

  Sample once(String client) throws IOException, InterruptedException {
    return switch (client) {
      case "wrk" -> wrk();
      case "curl" -> curl();
      default -> plan.scenario.floors().contains(client) ? floor(client) : reporting(client);
    };
  }

  /** Who calls nobody has no speed to show, and does not mind strangers on the core. */
  private Sample floor(String client) throws IOException, InterruptedException {
    Sample sample = reporting(client);
    sample.figures().keySet().retainAll(Set.of("requests", "allocated", "errors", "stuck"));
    return sample;
  }

  private URI uri(String client) {
    return server.uri(
        plan.scenario.way(client),
        switch (plan.scenario.load) {
          case "download" -> server.paths().big();
          case "upload" -> server.paths().upload();
          default -> server.paths().small();
        });
  }

  /** A client that says when its measured part begins and ends, and then its figures. */
  private Sample reporting(String client) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    if (client.equals("go")) {
      command.add(String.valueOf(plan.go));
    } else {
      command.add(Jvm.java());
      command.addAll(Jvm.flags(plan.scenario, plan.certificates));
      command.addAll(List.of("-cp", Jvm.classPath(), "dev.hawser.bench.measure.PeerMain"));
    }
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("--client", client);
    options.put("--scenario", plan.scenario.load);
    options.put("--uri", uri(client));
    options.put("--http", plan.scenario.way.http2() ? 2 : 1);
    options.put("--callers", plan.callers);
    options.put("--warmup", plan.warmup(client).toMillis());
    options.put("--duration", plan.duration(client).toMillis());
    if (plan.big != null) {
      options.put("--file", plan.big);
    }
    if (plan.scenario.load.equals("batch")) {
      options.put("--count", plan.count);
      options.put("--warm-uri", server.uri(Way.RESUMED, server.paths().small()));
    }
    if (plan.certificates != null) {
      options.put("--cacert", plan.certificates.authority());
    }
    options.forEach((name, value) -> command.addAll(List.of(name, value.toString())));

    Path errors = plan.folder.resolve(client + ".err");
    Probe before = Probe.of(this);
    Process process = processes.start(plan.clientCpu, errors, command);
    try {
      return listen(process, errors, before);
    } finally {
      processes.end(process);
    }
  }

  private Sample listen(Process process, Path errors, Probe before)
      throws IOException, InterruptedException {
    long deadline =
        System.nanoTime()
            + plan.warmup.plus(plan.duration).plus(plan.scenario.patience()).toNanos();
    BlockingQueue<String> lines = lines(process);
    Probe start = before;
    Probe end = before;
    while (true) {
      String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        return Sample.failed("no result within its time" + tail(errors));
      } else if (line.equals(END)) {
        return Sample.failed("ended without a result" + tail(errors));
      } else if (line.equals("MEASURE")) {
        start = Probe.of(this);
      } else if (line.equals("MEASURED")) {
        end = Probe.of(this);
      } else if (line.startsWith("{")) {
        Map<String, Object> told = JSON.std.mapFrom(line);
        return Sample.of(add(told, before, start, end), notes(told, errors));
      }
    }
  }

  private static BlockingQueue<String> lines(Process process) {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (BufferedReader reader = process.inputReader()) {
                for (String line; (line = reader.readLine()) != null; ) {
                  lines.add(line);
                }
              } catch (IOException e) {
                // ended
              }
              lines.add(END);
            });
    return lines;
  }

  private static String notes(Map<String, Object> told, Path errors) throws IOException {
    boolean clean =
        told.getOrDefault("errors", 0).equals(0) && told.getOrDefault("stuck", 0).equals(0);
    return clean ? "" : tail(errors);
  }

  private static String tail(Path errors) throws IOException {
    String text = Files.readString(errors).strip();
    return text.isEmpty() ? "" : ": " + text.substring(0, Math.min(text.length(), 600));
  }

  /** What the server and the kernel saw between three moments. */
  private Map<String, Object> add(Map<String, Object> told, Probe before, Probe start, Probe end) {
    double seconds = (end.nanos - start.nanos) / 1e9;
    double ownCpu = told.get("cpuSeconds") instanceof Number n ? n.doubleValue() : Double.NaN;
    // Each probe but the first has itself opened a connection since the one before.
    told.put("connections", end.counts.connections() - before.counts.connections() - 2);
    told.put("connectionsMeasured", end.counts.connections() - start.counts.connections() - 1);
    told.put("serverRequestsMeasured", end.counts.requests() - start.counts.requests() - 1);
    if (log != null) {
      HandshakeLog.Counts handshakes = end.handshakes.since(start.handshakes);
      told.put("full", handshakes.full());
      told.put("resumed", handshakes.resumed());
      told.put("resumedShare", handshakes.share());
    }
    told.put("serverCpuShare", end.serverCpu.minus(start.serverCpu).toMillis() / 1e3 / seconds);
    if (plan.pinned) {
      Machine.Core client = end.clientCore.since(start.clientCore);
      Machine.Core core = end.serverCore.since(start.serverCore);
      Duration ours =
          end.serverCpu.minus(start.serverCpu).plus(end.driverCpu.minus(start.driverCpu));
      told.put("othersShare", Math.max(0, client.busy() - ownCpu) / seconds);
      told.put("serverOthersShare", Math.max(0, core.busy() - ours.toMillis() / 1e3) / seconds);
      told.put("stolenShare", Math.max(client.stolen(), core.stolen()) / seconds);
    }
    return told;
  }

  private record Probe(
      long nanos,
      Server.Counts counts,
      HandshakeLog.Counts handshakes,
      Duration serverCpu,
      Duration driverCpu,
      Machine.Core clientCore,
      Machine.Core serverCore) {
    static Probe of(Run run) throws IOException {
      return new Probe(
          System.nanoTime(),
          run.server.counts(), // before the log is read: all earlier requests are in it then
          run.log == null ? HandshakeLog.Counts.NONE : run.log.read(),
          run.server.cpu(),
          ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO),
          Machine.core(run.plan.clientCpu),
          Machine.core(run.plan.serverCpu));
    }
  }

  /** wrk has no warm-up to need; its CPU time is that of its whole life. */
  private Sample wrk() throws IOException, InterruptedException {
    Probe before = Probe.of(this);
    Finished run =
        finish(
            "wrk",
            List.of(
                "wrk",
                "-t1",
                "-c" + plan.callers,
                "-d" + Math.max(1, plan.duration.toSeconds()) + "s",
                "--latency",
                uri("wrk").toString()));
    Map<String, Object> told = new LinkedHashMap<>();
    double requests = number(run.output, "(\\d+) requests in");
    if (!(requests > 0)) {
      return Sample.failed("no figures: " + run.output.strip());
    }
    told.put("requests", requests);
    told.put("rps", number(run.output, "Requests/sec: +([0-9.]+)"));
    told.put("cpuSeconds", run.cpu.toMillis() / 1e3);
    told.put("cpuMicros", run.cpu.toMillis() * 1e3 / requests);
    told.put("p50Micros", micros(run.output, "50"));
    told.put("p90Micros", micros(run.output, "90"));
    told.put("p99Micros", micros(run.output, "99"));
    boolean errors = run.output.contains("Socket errors") || run.output.contains("Non-2xx");
    told.put("errors", errors ? 1 : 0);
    return whole(told, before, errors ? run.output.strip() : "");
  }

  /** Of a tool that is measured from its start to its end. */
  private Sample whole(Map<String, Object> told, Probe before, String notes) throws IOException {
    Sample sample = Sample.of(add(told, before, before, Probe.of(this)), notes);
    sample.figures().merge("connections", 1.0, Double::sum); // two probes here, not three
    sample.figures().remove("connectionsMeasured");
    return sample;
  }

  private static double micros(String output, String percentile) {
    Matcher matcher = Pattern.compile(" " + percentile + "% +([0-9.]+)(us|ms|s)").matcher(output);
    if (!matcher.find()) {
      return Double.NaN;
    }
    double unit =
        switch (matcher.group(2)) {
          case "us" -> 1;
          case "ms" -> 1e3;
          default -> 1e6;
        };
    return Double.parseDouble(matcher.group(1)) * unit;
  }

  private static double number(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
  }

  /** curl, several transfers in each of its processes, over one connection. */
  private Sample curl() throws IOException, InterruptedException {
    boolean up = plan.scenario.upload();
    Way way = plan.scenario.way;
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "--max-time",
                "60",
                "-o",
                "/dev/null",
                "-w",
                "%{time_total} %{http_code}\\n"));
    if (up && plan.big != null) {
      command.addAll(List.of("-T", plan.big.toString(), "-H", "Expect:"));
    }
    if (way.http2()) {
      command.add(way.secure() ? "--http2" : "--http2-prior-knowledge");
    }
    if (plan.certificates != null) {
      command.addAll(List.of("--cacert", plan.certificates.authority().toString()));
    }
    command.add(uri("curl") + "?[1-10]");
    Probe before = Probe.of(this);
    long end = System.nanoTime() + plan.duration.toNanos();
    Duration cpu = Duration.ZERO;
    double seconds = 0;
    int transfers = 0;
    do {
      Finished run = finish("curl", command);
      cpu = cpu.plus(run.cpu);
      for (String line : run.output.lines().toList()) {
        if (!line.endsWith(" 200")) {
          return Sample.failed("curl said " + line);
        }
        seconds += Double.parseDouble(line.substring(0, line.indexOf(' ')));
        transfers++;
      }
    } while (System.nanoTime() < end && transfers > 0);
    Map<String, Object> told = new LinkedHashMap<>();
    told.put("requests", transfers);
    told.put("rps", transfers / seconds);
    told.put("cpuSeconds", cpu.toMillis() / 1e3);
    told.put("cpuMicros", cpu.toMillis() * 1e3 / Math.max(1, transfers));
    told.put("errors", 0);
    return whole(told, before, "");
  }

  private record Finished(String output, Duration cpu) {}

  /** Runs a tool to its end; it bounds its own time, and so does this. */
  private Finished finish(String name, List<String> command)
      throws IOException, InterruptedException {
    Duration before = Machine.endedChildren();
    Process process = processes.start(plan.clientCpu, plan.folder.resolve(name + ".err"), command);
    try {
      StringBuilder output = new StringBuilder();
      BlockingQueue<String> lines = lines(process);
      long deadline = System.nanoTime() + plan.duration.plus(Duration.ofSeconds(90)).toNanos();
      for (String line;
          (line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) != null
              && !line.equals(END); ) {
        output.append(line).append('\n');
      }
      process.waitFor(5, TimeUnit.SECONDS);
      return new Finished(output.toString(), Machine.endedChildren().minus(before));
    } finally {
      processes.end(process);
    }
  }
}
