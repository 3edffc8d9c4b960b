package dev.hawser.bench;

import dev.hawser.bench.measure.SoakMain;
import dev.hawser.faults.KeyKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The command: whether memory outside the heap, or descriptors, grow with the number of connections
 * that a client has had.
 */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes many short TLS connections, half of them resumed, and fails when the process grows.",
      ""
    },
    footer = {
      "",
      "The heap is fixed and touched before, so what grows is native memory: BoringSSL's, buffers",
      "outside the heap, threads. Growth counts from a fifth of the connections on."
    })
final class Soak implements Callable<Integer> {
  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      defaultValue = "hawser-conscrypt,hawser",
      description = "${DEFAULT-VALUE}")
  private List<String> clients = List.of();

  @Option(
      names = "--connections",
      paramLabel = "N",
      defaultValue = "20000",
      description = "each (${DEFAULT-VALUE})")
  private int connections;

  @Option(
      names = "--callers",
      paramLabel = "N",
      defaultValue = "8",
      description = "at once (${DEFAULT-VALUE})")
  private int callers;

  @Option(
      names = "--most-growth",
      paramLabel = "MIB",
      defaultValue = "16",
      description = "of resident memory (${DEFAULT-VALUE} MiB)")
  private int mostGrowth;

  static void main(String[] args) {
    System.exit(new CommandLine(new Soak()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("hawser-bench");
    Processes processes = new Processes(Processes.canPin(new HashMap<>(), 1, 0));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> processes.closeAndDelete(folder)));
    Certificates certificates = Certificates.write(folder, KeyKind.P256);
    Server server = Server.nginx(processes, 0, folder, certificates, 0);
    int worst = 0;
    for (String client : clients) {
      System.out.printf("%s: %,d connections, %d at once%n", client, connections, callers);
      worst = Math.max(worst, soak(client, processes, server, folder, certificates));
    }
    return worst;
  }

  /** Returns the exit code of the client's process, which prints as it goes. */
  private int soak(
      String client, Processes processes, Server server, Path folder, Certificates certificates)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Jvm.java()));
    command.addAll(Jvm.flags(Scenario.FULL, certificates));
    // The last ones count. Touched at once, or its first use would look like growth.
    command.addAll(List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch"));
    command.addAll(List.of("-cp", Jvm.classPath(), SoakMain.class.getName(), client));
    command.add(server.uri(Way.FULL, server.paths().small()).toString());
    command.add(server.uri(Way.RESUMED, server.paths().small()).toString());
    command.addAll(List.of("" + connections, "" + callers, "" + mostGrowth));
    Path errors = folder.resolve(client + ".err");
    Process process = processes.start(1, errors, command);
    process.inputReader().lines().forEach(System.out::println);
    int code = process.waitFor();
    processes.end(process);
    System.err.print(Files.readString(errors));
    return code;
  }
}
