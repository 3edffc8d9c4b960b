package dev.hawser.lab.experiment;

import static dev.hawser.lab.experiment.Calls.failed;
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
import dev.hawser.lab.Texts;
import dev.hawser.lab.Trial;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Strip;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The server closes idle connections, just when they are to be used again. */
public final class IdleClose implements Experiment {
  /** Over Apache's two seconds, from which on it looks at a connection before it uses it. */
  private static final Parameter<Duration> IDLE =
      new Parameter<>("idle limit of the server", ofMillis(2_200), ofMillis(5_000));

  private static final Parameter<Duration> LEAST =
      new Parameter<>("shortest pause of a caller", ofMillis(2_150), ofMillis(4_900));
  private static final Parameter<Duration> MOST =
      new Parameter<>("longest pause of a caller", ofMillis(2_290), ofMillis(5_200));

  /** As long as the pauses differ: so each caller keeps a connection of its own busy. */
  private static final Parameter<Duration> DELAY =
      new Parameter<>("time to answer", ofMillis(150), ofMillis(300));

  private static final Parameter<Integer> CALLERS = new Parameter<>("callers", 60, 400);
  private static final Parameter<Integer> GETS = new Parameter<>("GETs of each", 4, 4);
  private static final Parameter<Integer> POSTS = new Parameter<>("POSTs of each", 2, 3);

  private static final String REUSED = "answered on a connection used before";
  private static final String OPENED = "answered on a new connection";
  private static final String FAILED = "failed";
  private static final List<String> KINDS = List.of(REUSED, OPENED, FAILED);

  @Override
  public String id() {
    return "idle-close";
  }

  @Override
  public String title() {
    return "The server closes an idle connection at the moment of its next use";
  }

  @Override
  public String story() {
    return "A client keeps connections open, since a new one costs time. The server keeps them"
        + " open, too, but not for ever: after some seconds without a request it closes"
        + " them, and need not say so before. If the client sends its next request at that"
        + " moment, it gets a reset instead of an answer. A request that may be repeated can"
        + " be sent again on a new connection. An order, a payment, any POST must not be,"
        + " since nobody knows whether it was carried out. In production this is the error"
        + " that comes a few times an hour and never in a test: here many callers pause for"
        + " as long as the server waits.";
  }

  @Override
  public String hypothesis() {
    return "No call fails: GETs never, and POSTs not once the client has had three rounds to see"
        + " after how long this server closes.";
  }

  @Override
  public String rule() {
    return "no call failed";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(IDLE, LEAST, MOST, DELAY, CALLERS, GETS, POSTS);
  }

  @Override
  public Settings needed(Scale scale) {
    return Settings.NONE.room(CALLERS.at(scale));
  }

  @Override
  public Settings best(Scale scale) {
    Duration margin = ofSeconds(1);
    return needed(scale)
        .with(Limit.IDLE, IDLE.at(scale).minus(margin))
        .with(Limit.LOOK_AFTER, ofMillis(1));
  }

  @Override
  public Duration takes(Scale scale) {
    int pauses = GETS.at(scale) + POSTS.at(scale) - 2;
    return MOST.at(scale).plus(DELAY.at(scale)).multipliedBy(pauses).plusSeconds(3);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    LabServer server =
        trial.keep(
            LabServer.named("shop").closingIdle(trial.get(IDLE)).delay(trial.get(DELAY)).start());
    ClientProcess client = trial.client();
    List<Call> gets = client.run(task(trial, server, GETS));
    List<Call> posts = client.run(task(trial, server, POSTS).post());

    double idle = trial.get(IDLE).toNanos() / 1e6;
    List<Use> uses = new ArrayList<>(uses(gets));
    uses.addAll(uses(posts));
    Figures figures =
        new Figures()
            .add("gets", gets.size(), "", "GETs")
            .add("failed-gets", failed(gets), "", "GETs that failed")
            .add("posts", posts.size(), "", "POSTs")
            .add("failed-posts", failed(posts), "", "POSTs that failed")
            .add("at-the-limit", uses.size(), "", "calls after a pause around the server's limit")
            .add("reused", count(uses, REUSED), "", "of them: " + REUSED)
            .add("opened", count(uses, OPENED), "", "of them: " + OPENED)
            .add("connections", server.connections(), "", "connections that the server saw");
    for (String kind : KINDS) {
      figures.add(
          Series.of(
              kind,
              uses.stream()
                  .filter(use -> use.kind().equals(kind))
                  .map(use -> use.pause() - idle)
                  .toList()));
    }
    var all = new ArrayList<>(gets);
    all.addAll(posts);
    return figures
        .note("errors", "errors", Calls.problems(all))
        .note("timeline", "one connection", timeline(uses, server));
  }

  private static Task task(Trial trial, LabServer server, Parameter<Integer> calls) {
    var load =
        new Load.Callers(
            trial.get(CALLERS),
            trial.get(calls),
            trial.get(LEAST),
            trial.get(MOST),
            trial.get(DELAY));
    return Task.get(load, server.uri()).seed(trial.seed());
  }

  /** A call after a pause: how long that was, in ms, and what became of it. */
  private record Use(Call before, Call call, double pause, String kind) {}

  private static List<Use> uses(List<Call> calls) {
    Map<Integer, List<Call>> byCaller =
        calls.stream()
            .collect(Collectors.groupingBy(Call::caller, TreeMap::new, Collectors.toList()));
    Set<String> first = new HashSet<>();
    Set<Call> opening = new HashSet<>();
    for (Call call : Calls.inOrder(calls)) {
      if (call.ok() && first.add(call.server())) {
        opening.add(call);
      }
    }
    var uses = new ArrayList<Use>();
    for (List<Call> one : byCaller.values()) {
      for (int i = 1; i < one.size(); i++) {
        Call call = one.get(i);
        String kind = !call.ok() ? FAILED : opening.contains(call) ? OPENED : REUSED;
        double pause = (call.begun() - one.get(i - 1).ended()) / 1e6;
        uses.add(new Use(one.get(i - 1), call, pause, kind));
      }
    }
    return uses;
  }

  private static int count(List<Use> uses, String kind) {
    return (int) uses.stream().filter(use -> use.kind().equals(kind)).count();
  }

  /** Of a call that failed or, if none did, of the one that came next after a FIN. */
  private static String timeline(List<Use> uses, LabServer server) {
    Optional<Use> failed =
        uses.stream().filter(use -> use.kind().equals(FAILED) && use.before().ok()).findFirst();
    Optional<Use> shown =
        failed.isPresent()
            ? failed
            : uses.stream()
                .filter(use -> use.kind().equals(OPENED) && fin(use, server) <= use.call().begun())
                .min(Comparator.comparingLong(use -> use.call().begun() - fin(use, server)));
    return shown.map(use -> timeline(use, fin(use, server))).orElse("");
  }

  private static String timeline(Use use, long fin) {
    long start = use.before().begun();
    return "sent at 0 s, answered at %s s, FIN at %s s, the same caller's next call at %s s: %s"
        .formatted(
            seconds(use.before().ended() - start),
            fin == Long.MAX_VALUE ? "-" : seconds(fin - start),
            seconds(use.call().begun() - start),
            use.call().ok() ? use.kind() : use.call().problem());
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.4f", nanos / 1e9);
  }

  /** When the server closed the connection of the call before, if it did. */
  private static long fin(Use use, LabServer server) {
    if (!use.before().ok()) {
      return Long.MAX_VALUE; // it is not known on which it was
    }
    String on = use.before().server();
    int connection = Integer.parseInt(on.substring(on.lastIndexOf('/') + 1));
    return server.closed(connection).orElse(Long.MAX_VALUE);
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            figures.get("failed-gets") > 0,
            "%s of %s GETs failed".formatted(figures.shown("failed-gets"), figures.shown("gets")))
        .unless(
            figures.get("failed-posts") > 0,
            "%s of %s POSTs failed"
                .formatted(figures.shown("failed-posts"), figures.shown("posts")))
        .held("no call failed, of %s around the limit".formatted(figures.shown("at-the-limit")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Strip.Lane> lanes = Charts.lanes(results, KINDS);
    return List.of(
        new Strip(
            "FIN against reuse",
            "Each mark is a call; left of the line its connection was still open, right of it the"
                + " server had closed it ("
                + Texts.duration(IDLE.at(scale))
                + " without a request). A good client opens a new connection there, or before.",
            "pause of the caller before the call, less the server's limit, in ms",
            KINDS,
            lanes,
            List.of(new Chart.Marker(0, "the server's FIN"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.pool.Inspection",
        "look",
        Mutation.Returns.NOTHING,
        "the look at an idle connection finds each alive");
  }
}
