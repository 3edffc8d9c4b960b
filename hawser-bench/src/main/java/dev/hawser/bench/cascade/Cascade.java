package dev.hawser.bench.cascade;

import dev.hawser.bench.Jvm;
import dev.hawser.bench.Processes;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the experiment for one client after the other, and prints them side by side. */
@Command(
    name = "cascade",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "A gateway asks an authentication service, which has a pool of 20 connections to Redis. Then",
      "there is trouble: more callers than that can bear (rush), or a Redis that stands still for",
      "five seconds under calls that come at a rate that it can bear otherwise, while the gateway",
      "tries each three times (outage). What do callers get, and what is left when the cause is",
      "gone?",
      ""
    },
    footer = {
      "",
      "A second's answers are good/refused/failed; refused is 503, failed anything else. The",
      "gateway waits 2 s for an answer. Calls are good until one took over a second to come: then,",
      "or when one came to nothing, the system has not recovered yet. Takes redis-server."
    })
public final class Cascade implements Callable<Integer> {
  /** What happens to the services. */
  enum Trouble {
    RUSH,
    OUTAGE
  }

  private static final int CONNECTIONS = 20;

  @Option(
      names = "--trouble",
      defaultValue = "RUSH",
      description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
  private Trouble trouble = Trouble.RUSH;

  @Option(
      names = "--clients",
      paramLabel = "A,B",
      split = ",",
      defaultValue = "jdk,hawser,hawser-limited",
      description = "the gateway's, of jdk, jdk-once, hawser, hawser-limited (${DEFAULT-VALUE})")
  private List<String> clients = List.of();

  @Option(
      names = "--callers",
      defaultValue = "2000",
      description = "of a rush; each asks once a second (${DEFAULT-VALUE})")
  private int callers;

  @Option(
      names = "--work",
      paramLabel = "MS",
      defaultValue = "40",
      description =
          "for which a connection to Redis is held: capacity is 20 / MS (${DEFAULT-VALUE})")
  private int work;

  @Option(
      names = "--calm",
      paramLabel = "S",
      defaultValue = "5",
      description = "before the trouble (${DEFAULT-VALUE})")
  private int calm;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "for which a rush lasts; an outage lasts 5 (${DEFAULT-VALUE})")
  private int seconds;

  @Option(
      names = "--after",
      paramLabel = "S",
      defaultValue = "20",
      description = "after the trouble (${DEFAULT-VALUE})")
  private int after;

  public static void main(String[] args) {
    System.exit(
        new CommandLine(new Cascade()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    Map<String, Course> courses = run();
    for (String client : clients) {
      say("%-15s %s".formatted(client, Setup.of(client).what()));
    }
    say("");
    print(courses);
    return 0;
  }

  /** What became of each client's calls, in the order of the clients. */
  Map<String, Course> run() throws IOException, InterruptedException {
    say(
        trouble == Trouble.RUSH
            ? "rush: capacity %.0f calls/s; %d callers at first, then %d for %d s, then %d"
                .formatted(capacity(), few(), callers, seconds, few())
            : "outage: capacity %.0f calls/s, of which %d come; Redis stands still for %d s"
                .formatted(capacity(), few(), troubleSeconds()));
    var courses = new LinkedHashMap<String, Course>();
    Path folder = Files.createTempDirectory("cascade");
    var processes = new Processes(false);
    Thread hook = Thread.ofPlatform().unstarted(() -> processes.closeAndDelete(folder));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      for (String client : clients) {
        courses.put(client, run(client, new Chain(processes, folder)));
        processes.close();
      }
    } finally {
      processes.closeAndDelete(folder);
      Runtime.getRuntime().removeShutdownHook(hook);
    }
    return courses;
  }

  private Course run(String client, Chain chain) throws IOException, InterruptedException {
    int redis = chain.redis();
    int auth = chain.service(Auth.class, redis, CONNECTIONS, work);
    int gateway = chain.service(Gateway.class, client, auth, attempts());
    warmUp(gateway);

    long start = System.nanoTime();
    long troubled = TimeUnit.SECONDS.toNanos(calm);
    long well = troubled + TimeUnit.SECONDS.toNanos(troubleSeconds());
    long end = well + TimeUnit.SECONDS.toNanos(after);
    var asking = new Callers(gateway, start);
    if (trouble == Trouble.RUSH) {
      asking.add(few(), start + end);
    } else {
      asking.arrive(few(), start + end);
    }
    Thread.sleep(Duration.ofNanos(start + troubled - System.nanoTime()));
    if (trouble == Trouble.RUSH) {
      asking.add(callers - few(), start + well);
    } else {
      try (var control = new Redis(redis)) {
        control.call("CLIENT", "PAUSE", Integer.toString(1000 * troubleSeconds()), "ALL");
      }
    }
    var course = new Course(asking.await(), troubled, well, end);
    say("%s is done".formatted(client));
    return course;
  }

  /** Classes are loaded and code is compiled before anything is counted. */
  private void warmUp(int gateway) throws InterruptedException {
    long now = System.nanoTime();
    var first = new Callers(gateway, now);
    first.add(few(), now + TimeUnit.SECONDS.toNanos(calm));
    first.await();
  }

  double capacity() {
    return CONNECTIONS * 1000.0 / work;
  }

  private int few() {
    return (int) (capacity() * (trouble == Trouble.RUSH ? 0.2 : 0.8));
  }

  private int attempts() {
    return trouble == Trouble.RUSH ? 1 : 3;
  }

  private int troubleSeconds() {
    return trouble == Trouble.RUSH ? seconds : 5;
  }

  private void print(Map<String, Course> courses) {
    say("%-4s%s".formatted("s", columns(clients)));
    for (int second = 0; second < calm + troubleSeconds() + after; second++) {
      int at = second;
      String mark = second == calm ? ">" : second == calm + troubleSeconds() ? "<" : " ";
      say(
          "%-3d%s%s"
              .formatted(
                  second,
                  mark,
                  columns(courses.values().stream().map(course -> course.second(at)).toList())));
    }
    say("");
    say(
        "%-15s %12s %9s %11s %11s %9s %9s %11s  %s"
            .formatted(
                "client",
                "goodput/s",
                ":capacity",
                "refused p50",
                "refused p99",
                "good p50",
                "good p99",
                "first bad s",
                "recovered after s"));
    courses.forEach(
        (client, course) ->
            say(
                "%-15s %12.0f %9.2f %11s %11s %9s %9s %11s  %s"
                    .formatted(
                        client,
                        course.goodput(),
                        course.goodput() / capacity(),
                        shown(course.refusedMillis(0.5)),
                        shown(course.refusedMillis(0.99)),
                        shown(course.goodMillis(0.5)),
                        shown(course.goodMillis(0.99)),
                        shown(course.firstBadSeconds()),
                        Double.isNaN(course.recoverySeconds())
                            ? "not in %d".formatted(after)
                            : shown(course.recoverySeconds()))));
  }

  private static String shown(double figure) {
    return Double.isNaN(figure) ? "-" : "%.1f".formatted(figure);
  }

  private static String columns(List<String> cells) {
    var line = new StringBuilder();
    cells.forEach(cell -> line.append("%18s".formatted(cell)));
    return line.toString();
  }

  private static void say(String line) {
    System.out.println(line);
  }

  /** The processes of one client's run. */
  private record Chain(Processes processes, Path folder) {
    /** Its port. */
    int redis() throws IOException, InterruptedException {
      int port = Processes.freePort();
      String log = folder.resolve("redis.log").toString();
      start(
          List.of(
              "redis-server",
              "--bind",
              "127.0.0.1",
              "--port",
              "" + port,
              "--save",
              "",
              "--dir",
              folder.toString(),
              "--logfile",
              log));
      for (long end = System.nanoTime() + 10_000_000_000L; ; Thread.sleep(20)) {
        try (var redis = new Redis(port)) {
          redis.call("PING");
          return port;
        } catch (IOException e) {
          if (System.nanoTime() > end) {
            throw new IOException("redis-server does not answer", e);
          }
        }
      }
    }

    int service(Class<?> main, Object... arguments) throws IOException {
      var command =
          new ArrayList<>(List.of(Jvm.java(), "-Xmx512m", "-cp", Jvm.classPath(), main.getName()));
      for (Object argument : arguments) {
        command.add(argument.toString());
      }
      BufferedReader said = start(command).inputReader();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        if (line.startsWith(Service.READY)) {
          return Integer.parseInt(line.substring(Service.READY.length()));
        }
      }
      throw new IOException(main.getSimpleName() + " ended before it listened");
    }

    private Process start(List<String> command) throws IOException {
      return processes.start(0, Files.createTempFile(folder, "errors", ".txt"), command);
    }
  }
}
