package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.lab.ClientProcess;
import dev.hawser.lab.Experiment;
import dev.hawser.lab.Figures;
import dev.hawser.lab.Mutation;
import dev.hawser.lab.Parameter;
import dev.hawser.lab.Result;
import dev.hawser.lab.Scale;
import dev.hawser.lab.Series;
import dev.hawser.lab.Series.Point;
import dev.hawser.lab.Trial;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Lines;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Many hosts are called once, and then not again: what becomes of the connections. */
public final class Leak implements Experiment {
  private static final Parameter<Integer> HOSTS =
      new Parameter<>("hosts, each called once", 200, 500);
  private static final Parameter<Duration> CALLING =
      new Parameter<>("the calls are spread over", ofSeconds(1), ofSeconds(5));
  private static final Parameter<Duration> WATCHED =
      new Parameter<>("watched after the last call, for", ofMillis(3_500), ofSeconds(70));
  private static final Parameter<Duration> AFTER_CLOSE =
      new Parameter<>("watched after the servers have closed, for", ofSeconds(2), ofSeconds(3));

  /** Their defaults are up to a minute. */
  private static final Duration QUICK_IDLE = ofSeconds(2);

  private static final Parameter<String> IDLE =
      new Parameter<>("idle time of the clients", "all are told 2 s", "their defaults");

  /** Long: a slow machine is no leak. */
  private static final Duration TIMEOUT = ofSeconds(15);

  private static final Duration TICK = ofMillis(250);
  private static final double MOST_LEFT_PERCENT = 15;
  private static final String SOCKETS = "sockets";
  private static final String DESCRIPTORS = "descriptors";
  private static final String MEMORY = "memory over time";

  @Override
  public String id() {
    return "leak";
  }

  @Override
  public String title() {
    return "Idle connections to many hosts";
  }

  @Override
  public String story() {
    return "A service that calls web hooks, a crawler or a proxy calls hundreds of hosts, each once"
        + " in a while. A client keeps each connection for a next call that may never come:"
        + " limits for one host do not help, since there is one connection to each. Unless"
        + " idle connections are closed in time, and those that a server has closed are"
        + " noticed, sockets pile up until the process has no descriptor left, and then"
        + " every call fails, also those to files and databases.";
  }

  @Override
  public String hypothesis() {
    return "Idle connections are closed when their time is over though nobody calls any more, and"
        + " those that servers close are closed on this side, too.";
  }

  @Override
  public String rule() {
    return "no call failed; at most %.0f sockets for 100 hosts were open at the end of the watch"
            .formatted(MOST_LEFT_PERCENT)
        + ", and again after the servers had closed all connections. (A small pool over all hosts"
        + " also does, as it is a bound)";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(HOSTS, IDLE, CALLING, WATCHED, AFTER_CLOSE);
  }

  @Override
  public Settings needed(Scale scale) {
    return scale == Scale.QUICK ? Settings.NONE.with(Limit.IDLE, QUICK_IDLE) : Settings.NONE;
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.IDLE, scale == Scale.QUICK ? QUICK_IDLE : ofSeconds(10));
  }

  @Override
  public Duration takes(Scale scale) {
    return CALLING
        .at(scale)
        .multipliedBy(2)
        .plus(WATCHED.at(scale))
        .plus(AFTER_CLOSE.at(scale))
        .plusSeconds(3);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    LabServer server = trial.keep(LabServer.named("hosts").at("0.0.0.0", 0).start());
    ClientProcess client = trial.client();
    var watch = new Watch(client);

    List<Call> calls = new ArrayList<>(callAll(trial, client, server, watch));
    double memory = watch.memory.getLast().y();
    watch.until(trial.get(WATCHED));
    double leftIdle = watch.last();
    double mean = watch.mean();

    calls.addAll(callAll(trial, client, server, watch));
    double closing = watch.seconds();
    server.closeConnections();
    watch.until(trial.get(AFTER_CLOSE));

    double hosts = trial.get(HOSTS);
    return new Figures()
        .add("calls", calls.size(), "", "calls")
        .add("failed", Calls.failed(calls), "", "of them failed")
        .add("most", watch.most(), "", "sockets: most at once")
        .add("mean", mean, "", "sockets: on average until the end of the first watch")
        .add(
            "descriptors",
            watch.mostDescriptors(),
            "",
            "descriptors: most at once, more than before")
        .add("memory", memory, "MiB", "memory after the calls, more than before")
        .add("left-idle", leftIdle, "", "sockets: left after the idle time")
        .add("left-closed", watch.last(), "", "sockets: left after the servers had closed")
        .add("left-idle-percent", 100 * leftIdle / hosts, "%", "left after the idle time, of hosts")
        .add(
            "left-closed-percent",
            100 * watch.last() / hosts,
            "%",
            "left after the servers had closed, of hosts")
        .add(new Series(SOCKETS, watch.sockets))
        .add(new Series(DESCRIPTORS, watch.descriptors))
        .add(new Series(MEMORY, watch.memory))
        .add(Series.of("closing", List.of(closing)))
        .note("error", "errors", Calls.problems(calls));
  }

  /** Each host is another address of the loopback network: 127.1.0.1, 127.1.0.2 … */
  private static List<Call> callAll(
      Trial trial, ClientProcess client, LabServer server, Watch watch)
      throws IOException, InterruptedException {
    var uris = new ArrayList<URI>();
    for (int i = 0; i < trial.get(HOSTS); i++) {
      uris.add(server.uri("127.1.%d.%d".formatted(i / 200, 1 + i % 200)));
    }
    Duration calling = trial.get(CALLING);
    ClientProcess.Running running =
        client.begin(
            Task.get(
                    new Load.Paced(uris.size() * 1e3 / calling.toMillis(), calling),
                    uris.toArray(URI[]::new))
                .timeout(TIMEOUT));
    watch.until(calling);
    List<Call> calls = running.await();
    watch.look();
    return calls;
  }

  /** What the process has, over time, more than before. */
  private static final class Watch {
    private final ClientProcess client;
    private final ClientProcess.Descriptors before;
    private final double memoryBefore;
    private final long begun = System.nanoTime();
    private final List<Point> sockets = new ArrayList<>();
    private final List<Point> descriptors = new ArrayList<>();
    private final List<Point> memory = new ArrayList<>();

    Watch(ClientProcess client) {
      this.client = client;
      this.before = client.descriptors();
      this.memoryBefore = client.residentMiB();
    }

    double seconds() {
      return (System.nanoTime() - begun) / 1e9;
    }

    void look() {
      double now = seconds();
      ClientProcess.Descriptors open = client.descriptors();
      sockets.add(new Point(now, Math.max(0, open.sockets() - before.sockets())));
      descriptors.add(new Point(now, Math.max(0, open.all() - before.all())));
      memory.add(new Point(now, Math.max(0, client.residentMiB() - memoryBefore)));
    }

    /** Looks again and again, for so long. */
    void until(Duration time) throws InterruptedException {
      long end = System.nanoTime() + time.toNanos();
      while (System.nanoTime() < end) {
        Thread.sleep(TICK);
        look();
      }
    }

    double last() {
      return sockets.getLast().y();
    }

    double most() {
      return most(sockets);
    }

    double mostDescriptors() {
      return most(descriptors);
    }

    private static double most(List<Point> points) {
      return points.stream().mapToDouble(Point::y).max().orElse(Double.NaN);
    }

    double mean() {
      return sockets.stream().mapToDouble(Point::y).average().orElse(Double.NaN);
    }
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(figures.get("failed") > 0, figures.shown("failed") + " calls failed")
        .unless(
            !(figures.get("left-idle-percent") <= MOST_LEFT_PERCENT),
            figures.shown("left-idle") + " sockets were left after the idle time")
        .unless(
            !(figures.get("left-closed-percent") <= MOST_LEFT_PERCENT),
            figures.shown("left-closed") + " sockets were left that the servers had closed")
        .held(
            "%s sockets at most; %s left after the idle time, %s after the servers had closed"
                .formatted(
                    figures.shown("most"),
                    figures.shown("left-idle"),
                    figures.shown("left-closed")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Chart.Marker> markers =
        results.stream()
            .flatMap(result -> result.figures().series("closing").xs().stream())
            .limit(1)
            .map(at -> new Chart.Marker(at, "the servers close"))
            .toList();
    return List.of(
        new Lines(
            "Sockets of the client's process",
            "%s hosts are called once, then nobody calls; then they are called once more, and the"
                    .formatted(HOSTS.shown(scale))
                + " servers close all connections.",
            "seconds",
            "sockets",
            false,
            over(results, SOCKETS),
            markers),
        new Lines(
            "Descriptors of the client's process",
            "Sockets and all else that it has opened since the beginning.",
            "seconds",
            "descriptors",
            false,
            over(results, DESCRIPTORS),
            markers),
        new Lines(
            "Memory of the client's process",
            "What is resident beyond the beginning. Much of it is code that is compiled and heap"
                + " that has not been collected.",
            "seconds",
            "MiB",
            false,
            over(results, MEMORY),
            markers),
        new Bars(
            "Sockets that were left",
            "When the idle time was over, and when the servers had closed them.",
            "",
            List.of(
                Charts.bars("After the idle time", results, "left-idle"),
                Charts.bars("After the servers had closed", results, "left-closed"))));
  }

  private static List<Series> over(List<Result> results, String name) {
    return results.stream()
        .map(result -> result.figures().series(name).named(result.subject().title()))
        .toList();
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.pool.Upkeep",
        "sweep",
        Mutation.Returns.NOTHING,
        "nobody looks after idle connections");
  }
}
