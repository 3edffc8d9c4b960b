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
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One host accepts connections and then says nothing; the others are well. */
public final class TlsStall implements Experiment {
  private static final Parameter<Integer> HOSTS = new Parameter<>("other hosts", 4, 4);
  private static final Parameter<Double> RATE =
      new Parameter<>("calls a second to the other hosts", 60.0, 100.0);
  private static final Parameter<Double> STALLED_RATE =
      new Parameter<>("calls a second to the host that hangs", 15.0, 20.0);
  private static final Parameter<Duration> BEFORE =
      new Parameter<>("time before", ofSeconds(2), ofSeconds(5));
  private static final Parameter<Duration> STALL =
      new Parameter<>("time with calls to the host that hangs", ofMillis(2_500), ofSeconds(6));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(4), ofSeconds(5));

  /** What a client should know by itself: the article's two seconds, and one for the machine. */
  private static final double SOON_MILLIS = 3_000;

  private static final int AFTERWARDS = 5;
  private static final String TAIL = "slowest of the other hosts' calls in each 250 ms";

  @Override
  public String id() {
    return "tls-stall";
  }

  @Override
  public String title() {
    return "One host's TLS handshakes hang";
  }

  @Override
  public String story() {
    return "A load balancer runs out of memory, a firewall loses its state, an OCSP responder is"
        + " down: the connection opens, the client says hello in TLS, and nothing comes"
        + " back. In many clients no time-out covers this, or the one for connecting ends"
        + " before it and the one for reading begins after it. Callers pile up with their"
        + " threads, connections and permits, and if those are shared, calls to hosts that"
        + " are well wait, too.";
  }

  @Override
  public String hypothesis() {
    return "The call fails within the client's own bound for handshakes, its socket is closed,"
        + " calls to other hosts notice nothing, and the host is called again as soon as it"
        + " is well.";
  }

  @Override
  public String rule() {
    return "no call to another host failed and their 99th percentile stayed within five times what"
        + " it was or 100 ms more; half of the calls to the host that hangs failed within 3 s,"
        + " before the caller's own time-out; no socket was left; afterwards it answered";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(HOSTS, RATE, STALLED_RATE, BEFORE, STALL, TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.CONNECT, ofMillis(500)).with(Limit.HANDSHAKE, ofSeconds(2));
  }

  @Override
  public Duration takes(Scale scale) {
    return BEFORE.at(scale).plus(STALL.at(scale)).plus(TIMEOUT.at(scale)).plusSeconds(4);
  }

  /** Two: it judges times. */
  @Override
  public int sideBySide() {
    return 2;
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    var uris = new ArrayList<URI>();
    for (int i = 0; i < trial.get(HOSTS); i++) {
      uris.add(trial.keep(LabServer.named("host" + i).tls(trial.tls()).start()).uri());
    }
    LabServer hanging = trial.keep(LabServer.named("hanging").tls(trial.tls()).start());
    hanging.stallHandshakes(true);
    ClientProcess client = trial.client();
    Duration timeout = trial.get(TIMEOUT);

    // Connections that are there: a herd of handshakes is another experiment's.
    client.run(Task.get(Load.inTurn(3 * uris.size()), uris.toArray(URI[]::new)));

    Duration length = trial.get(BEFORE).plus(trial.get(STALL)).plusMillis(500);
    var others = new Load.Paced(trial.get(RATE), length);
    long begun = System.nanoTime();
    ClientProcess.Running well =
        client.begin(Task.get(others, uris.toArray(URI[]::new)).timeout(timeout));
    Thread.sleep(trial.get(BEFORE));
    double socketsBefore = client.sockets();
    long stall = System.nanoTime();
    List<Call> stalled =
        client.run(
            Task.get(new Load.Paced(trial.get(STALLED_RATE), trial.get(STALL)), hanging.uri())
                .timeout(timeout));
    List<Call> fine = well.await();
    Thread.sleep(ofMillis(500)); // sockets are closed a little after the callers know
    double socketsLeft = Math.max(0, client.sockets() - socketsBefore - trial.get(HOSTS));

    hanging.stallHandshakes(false);
    List<Call> afterwards =
        client.run(Task.get(Load.inTurn(AFTERWARDS), hanging.uri()).timeout(timeout));

    List<Call> before = Calls.where(fine, call -> call.begun() < stall);
    List<Call> during = Calls.where(fine, call -> call.begun() >= stall);
    return new Figures()
        .add("others", fine.size(), "", "calls to the other hosts")
        .add("others-failed", Calls.failed(during), "", "of them failed while one host hung")
        .add("p99-before", Calls.percentile(before, 0.99), "ms", "their p99 before")
        .add("p99-during", Calls.percentile(during, 0.99), "ms", "their p99 while one host hung")
        .add(
            "p99-ratio",
            Calls.percentile(during, 0.99) / Calls.percentile(before, 0.99),
            "",
            "the second by the first")
        .add("stalled", stalled.size(), "", "calls to the host that hung")
        .add("stalled-median", Calls.percentile(stalled, 0.5), "ms", "half of these failed within")
        .add("stalled-slowest", Calls.percentile(stalled, 1), "ms", "the last failed after")
        .add("stalled-hung", Calls.hung(stalled), "", "of them neither answered nor failed")
        .add("sockets-left", socketsLeft, "", "sockets left afterwards")
        .add(
            "afterwards",
            AFTERWARDS - Calls.failed(afterwards),
            "",
            "of 5 calls answered when the host was well again")
        .add(tail(fine, begun))
        .add(Series.of("stall", List.of((stall - begun) / 1e9)))
        .note("errors-of-others", "what failed calls to the other hosts said", Calls.problems(fine))
        .note("error", "what the stalled calls said", Calls.problems(stalled));
  }

  private static Series tail(List<Call> calls, long begun) {
    var slowest =
        calls.stream()
            .collect(
                Collectors.toMap(
                    call -> (call.begun() - begun) / 250_000_000,
                    Call::millis,
                    Math::max,
                    TreeMap::new));
    return new Series(
        TAIL,
        slowest.entrySet().stream()
            .map(each -> new Point(each.getKey() / 4.0, each.getValue()))
            .toList());
  }

  @Override
  public Verdict verdict(Figures figures) {
    double before = figures.get("p99-before");
    double during = figures.get("p99-during");
    return Verdict.rule()
        .unless(
            figures.get("others-failed") > 0,
            figures.shown("others-failed") + " calls to other hosts failed")
        .unless(
            during > Math.max(5 * before, before + 100),
            "calls to other hosts took "
                + figures.shown("p99-during")
                + " (p99) instead of "
                + figures.shown("p99-before"))
        .unless(
            figures.get("stalled-hung") > 0,
            figures.shown("stalled-hung")
                + " calls had no answer and no error when even the caller's time-out was over")
        .unless(
            !(figures.get("stalled-median") <= SOON_MILLIS),
            "no bound of its own for the handshake: half of the calls took over "
                + figures.shown("stalled-median"))
        .unless(
            figures.get("sockets-left") > 0, figures.shown("sockets-left") + " sockets were left")
        .unless(
            figures.get("afterwards") < AFTERWARDS,
            "the host was not called again when it was well")
        .held(
            "gave up after "
                + figures.shown("stalled-median")
                + "; p99 of other hosts "
                + figures.shown("p99-before")
                + " before and "
                + figures.shown("p99-during")
                + " during");
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Series> tails =
        results.stream()
            .map(result -> result.figures().series(TAIL).named(result.subject().title()))
            .toList();
    List<Chart.Marker> markers =
        results.stream()
            .flatMap(result -> result.figures().series("stall").xs().stream())
            .limit(1)
            .map(at -> new Chart.Marker(at, "one host hangs"))
            .toList();
    return List.of(
        new Lines(
            "Calls to the other hosts",
            "The slowest call in each quarter of a second. A rise after the line is harm done to"
                + " hosts that are well.",
            "seconds",
            "ms",
            true,
            tails,
            markers),
        new Bars(
            "How long calls to the host that hangs took",
            "Callers had a time-out of "
                + TIMEOUT.shown(scale)
                + "; what comes sooner is the client's own bound.",
            "ms",
            List.of(
                Charts.bars("Half of them failed within", results, "stalled-median"),
                Charts.bars("The last failed after", results, "stalled-slowest"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.io.Watchdog",
        "expireDue",
        Mutation.Returns.NOTHING,
        "no deadline of a socket ever ends anything");
  }
}
