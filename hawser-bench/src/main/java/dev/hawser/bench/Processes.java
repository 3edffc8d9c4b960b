package dev.hawser.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The processes of one comparison: started on a core, and ended one by one by their own handles,
 * whatever happens to the driver.
 */
public final class Processes implements AutoCloseable {
  private final boolean pinned;
  private final boolean tied;
  private final Set<Process> alive = ConcurrentHashMap.newKeySet();

  public Processes(boolean pinned) {
    this.pinned = pinned;
    this.tied = onPath("setpriv");
  }

  static boolean onPath(String command) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/usr/local/sbin";
    return Pattern.compile(":")
        .splitAsStream(path)
        .anyMatch(folder -> !folder.isEmpty() && Files.isExecutable(Path.of(folder, command)));
  }

  /** Whether client and server can have a core each; if not, why goes to {@code skipped}. */
  static boolean canPin(Map<String, String> skipped, int clientCpu, int serverCpu) {
    int cpus = Runtime.getRuntime().availableProcessors();
    if (!onPath("taskset")) {
      skipped.put("pinning", "taskset is not installed (package util-linux)");
    } else if (cpus <= Math.max(clientCpu, serverCpu)) {
      skipped.put("pinning", "this process may use " + cpus + " core(s) only");
    } else {
      return true;
    }
    return false;
  }

  /** Starts a command on one core. What it writes to standard error goes to a file of its own. */
  public Process start(int cpu, Path errors, List<String> command) throws IOException {
    List<String> whole = new ArrayList<>();
    if (tied) {
      // A driver killed with -9 runs no hook; the kernel then tells the child.
      whole.addAll(List.of("setpriv", "--pdeathsig", "TERM"));
    }
    if (pinned) {
      whole.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
    }
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole).redirectError(errors.toFile());
    builder.environment().merge("PATH", ":/usr/sbin:/usr/local/sbin", String::concat);
    Process process = builder.start();
    alive.add(process);
    return process;
  }

  /** Keeps the driver off the client's core. */
  void moveDriverTo(int cpu) throws IOException, InterruptedException {
    if (pinned) {
      String self = Long.toString(ProcessHandle.current().pid());
      Process move =
          new ProcessBuilder("taskset", "-a", "-c", "-p", Integer.toString(cpu), self)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      move.waitFor(5, TimeUnit.SECONDS);
    }
  }

  public void end(Process process) {
    alive.remove(process);
    process.destroy();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    alive.forEach(this::end);
  }

  /** At the end of all, or when the driver is ended. */
  public void closeAndDelete(Path folder) {
    close();
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      System.err.println("left behind: " + folder);
    }
  }

  /** One of the loopback address that nobody listens on. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
