package dev.hawser.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command: what a WebSocket message costs each client, either way. */
@Command(
    name = "websockets",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Compares WebSocket messages, small and large, sent and received without a pause over one"
          + " connection: each client in its own process on one core, a server on another.",
      ""
    },
    footer = {
      "",
      "java.net.http's clients are given the next message when the last is done with, OkHttp as"
          + " long",
      "as its queue holds less than 1 MiB. 'CPU µs' is the client's whole process for a message."
    })
final class WebSockets implements Callable<Integer> {
  private static final List<String> CLIENTS = List.of("hawser", "jdk", "okhttp");
  private static final List<Integer> SIZES = List.of(64, 64 * 1024);

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      description = "only these; all by default")
  private List<String> clients = CLIENTS;

  @Option(
      names = "--warmup",
      paramLabel = "D",
      description = "not measured (5s)",
      converter = Compare.Durations.class)
  private Duration warmup = Duration.ofSeconds(5);

  @Option(
      names = "--duration",
      paramLabel = "D",
      description = "measured (3s)",
      converter = Compare.Durations.class)
  private Duration duration = Duration.ofSeconds(3);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "all clients this many times; medians are shown (3)")
  private int rounds = 3;

  @Option(names = "--client-cpu", paramLabel = "N", description = "core of the client (1)")
  private int clientCpu = 1;

  @Option(names = "--server-cpu", paramLabel = "N", description = "core of the server (0)")
  private int serverCpu;

  private record Figures(double perSecond, double cpuMicros) {}

  public static void main(String[] args) {
    System.exit(new CommandLine(new WebSockets()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, String> skipped = new TreeMap<>();
    boolean pinned = Processes.canPin(skipped, clientCpu, serverCpu);
    skipped.forEach((what, why) -> System.out.println("without " + what + ": " + why));
    Path errors = Files.createTempFile("websockets", ".log");
    try (var processes = new Processes(pinned)) {
      Process server =
          processes.start(serverCpu, errors, java("dev.hawser.bench.websocket.WebSocketServer"));
      String port;
      try (BufferedReader out = server.inputReader()) {
        port = out.readLine();
        compare(processes, errors, port);
      }
    }
    return 0;
  }

  private void compare(Processes processes, Path errors, String port) throws IOException {
    for (String direction : List.of("receive", "send")) {
      for (int size : SIZES) {
        Map<String, List<Figures>> figures = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
          for (String client : clients) {
            figures
                .computeIfAbsent(client, name -> new ArrayList<>())
                .add(measure(processes, errors, client, port, direction, size));
          }
        }
        System.out.println();
        System.out.println(direction + ", messages of " + size + " bytes:");
        System.out.print(
            new Table()
                .column("client", client -> client)
                .column(
                    "messages/s",
                    "%,.0f",
                    c -> median(figures.getOrDefault(c, List.of()), Figures::perSecond))
                .column(
                    "CPU µs",
                    "%.2f",
                    c -> median(figures.getOrDefault(c, List.of()), Figures::cpuMicros))
                .of(figures.keySet()));
      }
    }
  }

  private Figures measure(
      Processes processes, Path errors, String client, String port, String direction, int size)
      throws IOException {
    String uri = "ws://127.0.0.1:" + port + '/' + direction + '/' + size;
    Process process =
        processes.start(
            clientCpu,
            errors,
            java(
                "dev.hawser.bench.websocket.MeasuredClient",
                client,
                uri,
                direction,
                Integer.toString(size),
                Long.toString(warmup.toMillis()),
                Long.toString(duration.toMillis())));
    try (BufferedReader out = process.inputReader()) {
      String line = out.readLine();
      if (line == null) {
        throw new IOException(client + " has failed; see " + errors);
      }
      String[] told = line.split(" ", -1);
      double messages = Double.parseDouble(told[0]);
      return new Figures(
          messages / Double.parseDouble(told[1]) * 1e9,
          Double.parseDouble(told[2]) / messages / 1e3);
    } finally {
      processes.end(process);
    }
  }

  private static List<String> java(String main, String... arguments) {
    var command = new ArrayList<>(List.of(Jvm.java(), "-Xms256m", "-Xmx256m", "-XX:+UseSerialGC"));
    command.addAll(List.of("-cp", Jvm.classPath(), main));
    command.addAll(List.of(arguments));
    return command;
  }

  private static double median(List<Figures> figures, ToDoubleFunction<Figures> figure) {
    return Rounds.median(figures.stream().mapToDouble(figure).toArray());
  }
}
