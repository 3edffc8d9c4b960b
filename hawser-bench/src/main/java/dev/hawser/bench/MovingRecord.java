package dev.hawser.bench;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.bench.measure.PacedMain;
import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.xbill.DNS.Type;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Moves a DNS record from one server to another under load, lets the old server fall silent, and
 * shows what became of each client's calls. All clients run at the same time, each in a process of
 * its own. Needs a network where port 53 is free and {@code resolv.conf} names 127.0.0.1: the
 * script {@code moving-record} makes one.
 */
@Command(
    name = "moving-record",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Moves a DNS record from 127.0.0.2 to 127.0.0.3 under load. The old server falls silent a"
          + " second after the record's time to live: it drops what comes, and refuses nothing.",
      ""
    },
    footer = {
      "",
      "Clients have their defaults, but for room for 64 connections. A call that has no answer",
      "after 5 s has failed."
    })
final class MovingRecord implements Callable<Integer> {
  private static final String NAME = "moving.test";
  private static final InetAddress OLD = InetAddress.ofLiteral("127.0.0.2");
  private static final InetAddress NEW = InetAddress.ofLiteral("127.0.0.3");

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      defaultValue = "hawser,jdk,okhttp,apache,apache-async,vertx",
      description = "who takes part (${DEFAULT-VALUE})")
  private List<String> clients = List.of();

  @Option(names = "--rate", defaultValue = "200", description = "calls a second (${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--ttl",
      defaultValue = "2",
      description = "of the record, in s (${DEFAULT-VALUE})")
  private int ttl;

  @Option(
      names = "--move",
      defaultValue = "10",
      description = "the record is changed after so many s (${DEFAULT-VALUE})")
  private int move;

  @Option(
      names = "--seconds",
      defaultValue = "70",
      description = "how long the load lasts (${DEFAULT-VALUE})")
  private int seconds;

  /** When each client last asked the old server, as of {@link System#currentTimeMillis()}. */
  private final Map<String, Long> lastToOld = new ConcurrentHashMap<>();

  private volatile boolean silent;

  static void main(String[] args) {
    System.exit(new CommandLine(new MovingRecord()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Path folder = Files.createTempDirectory("moving-record");
    try (var dns = DnsServer.start(InetAddress.ofLiteral("127.0.0.1"), 53);
        var old = FaultServer.start(new InetSocketAddress(OLD, 0), this::answerUntilSilent);
        var fresh = FaultServer.start(new InetSocketAddress(NEW, old.port()), Script.ok("new"));
        var processes = new Processes(false)) {
      Thread hook = Thread.ofPlatform().unstarted(processes::close);
      Runtime.getRuntime().addShutdownHook(hook);
      dns.set(NAME, Type.A, ttl, OLD.getHostAddress());
      var running = new LinkedHashMap<String, BufferedReader>();
      for (String client : clients) {
        running.put(client, start(processes, folder, client, old.port()).inputReader());
      }
      for (BufferedReader output : running.values()) {
        lineWith(output, PacedMain.READY);
      }
      long start = System.nanoTime();
      say(
          "%d calls a second each; %s is at %s for %d s"
              .formatted(rate, NAME, OLD.getHostAddress(), ttl));
      waitUntil(start, move);
      dns.set(NAME, Type.A, ttl, NEW.getHostAddress());
      long moved = System.currentTimeMillis();
      say("now at %s".formatted(NEW.getHostAddress()));
      waitUntil(start, move + ttl + 1);
      silent = true;
      old.stopListening();
      try (var hole = Ports.blackhole(old.address())) {
        say("%s drops what comes; %d s more".formatted(hole.address(), seconds - move - ttl - 1));
        print(running, moved, folder);
      }
      Runtime.getRuntime().removeShutdownHook(hook);
      return 0;
    } catch (BindException e) {
      System.err.println(
          "moving-record: port 53 of 127.0.0.1 is not to be had ("
              + e.getMessage()
              + "): start hawser-bench/moving-record, which makes a network of its own");
      return 1;
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private void answerUntilSilent(Peer peer) throws IOException {
    while (true) {
      String client = peer.readRequest().target().substring(1);
      lastToOld.put(client, System.currentTimeMillis());
      if (silent) {
        peer.stall();
      }
      peer.ok("old");
    }
  }

  private Process start(Processes processes, Path folder, String client, int port)
      throws IOException {
    var command = new ArrayList<>(List.of(Jvm.java()));
    command.addAll(Jvm.flags(Scenario.DOWNLOAD));
    command.addAll(List.of("-cp", Jvm.classPath(), "dev.hawser.bench.measure.PacedMain"));
    command.addAll(List.of("--client", client, "--rate", Integer.toString(rate)));
    command.addAll(List.of("--uri", "http://" + NAME + ":" + port + "/" + client));
    command.addAll(List.of("--duration", Long.toString(Duration.ofSeconds(seconds).toMillis())));
    return processes.start(0, folder.resolve(client), command);
  }

  private static void waitUntil(long start, int seconds) throws InterruptedException {
    Thread.sleep(Math.max(0, (start - System.nanoTime()) / 1_000_000 + seconds * 1_000L));
  }

  private void print(Map<String, BufferedReader> running, long moved, Path folder)
      throws IOException {
    say("");
    say(
        "%-13s %8s %7s  %-12s %-21s %9s  %s"
            .formatted(
                "client",
                "calls",
                "failed",
                "last to old",
                "failures began … last",
                "slowest",
                "the first"));
    for (Map.Entry<String, BufferedReader> one : running.entrySet()) {
      String line = lineWith(one.getValue(), "{");
      if (line.isEmpty()) {
        say(
            "%-13s ended without a result: %s"
                .formatted(one.getKey(), errors(folder, one.getKey())));
        continue;
      }
      Map<String, Object> told = JSON.std.mapFrom(line);
      say(
          "%-13s %8s %7s  %-12s %-21s %9s  %s"
              .formatted(
                  one.getKey(),
                  "%,.0f".formatted(number(told, "requests")),
                  "%,.0f".formatted(number(told, "failed")),
                  lastAsked(one.getKey(), moved),
                  told.containsKey("problem")
                      ? seconds(number(told, "firstFailure") - moved)
                          + " … "
                          + seconds(number(told, "lastFailure") - moved)
                      : "-",
                  "%,.0f ms".formatted(number(told, "slowestMillis")),
                  told.getOrDefault("problem", "")));
    }
    say("");
    say("Instants are seconds after the record was changed; 'slowest' is of calls with an answer.");
  }

  private String lastAsked(String client, long moved) {
    Long at = lastToOld.get(client);
    return at == null ? "never" : seconds((double) at - moved);
  }

  /** The next line that begins so; empty if the process ends without. */
  private static String lineWith(BufferedReader output, String beginning) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith(beginning)) {
        return line;
      }
    }
    return "";
  }

  private static String errors(Path folder, String client) throws IOException {
    return Files.readString(folder.resolve(client)).strip();
  }

  private static double number(Map<String, Object> told, String name) {
    return told.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private static String seconds(double millis) {
    return String.format(Locale.ROOT, "%+.1f", millis / 1e3);
  }

  private static void say(String line) {
    System.out.println(line);
  }
}
