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
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.client.Setup;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Lines;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Load rises and falls: who finds a connection, and how many are kept for whom. */
public final class Sizing implements Experiment {
  private static final Parameter<Double> LOW =
      new Parameter<>("calls a second in a trough", 5.0, 5.0);
  private static final Parameter<Double> HIGH =
      new Parameter<>("calls a second at a peak", 50.0, 50.0);
  private static final Parameter<Duration> ANSWER =
      new Parameter<>("time to answer", ofSeconds(1), ofSeconds(1));
  private static final Parameter<Duration> OPENING =
      new Parameter<>("to open a connection takes", ofMillis(100), ofMillis(100));
  private static final Parameter<Duration> FIRST_TROUGH =
      new Parameter<>("the first trough lasts", ofSeconds(12), ofSeconds(12));
  private static final Parameter<Integer> PEAKS = new Parameter<>("peaks", 1, 2);
  private static final Parameter<Duration> RISE =
      new Parameter<>("load rises for", ofSeconds(5), ofSeconds(5));
  private static final Parameter<Duration> PEAK =
      new Parameter<>("a peak lasts", ofSeconds(3), ofSeconds(6));
  private static final Parameter<Duration> TROUGH =
      new Parameter<>("the trough after it lasts", ofSeconds(3), ofSeconds(12));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(5), ofSeconds(5));

  private static final Duration FALL = ofSeconds(1);
  private static final Duration TICK = ofMillis(100);
  private static final double MOST_WAITING = 20;
  private static final double MOST_FOR_EACH = 2;
  private static final String CONNECTIONS = "connections";

  /** How Hawser's pool is sized: all but the first for comparison, and not judged. */
  private enum Arm {
    DEFAULT("", "", ""),
    FIXED("FIXED", "-fixed", ", fixed limits"),
    LITTLE("LITTLE", "-little", ", the formula");

    private final String sizing;
    private final String suffix;
    private final String says;

    Arm(String sizing, String suffix, String says) {
      this.sizing = sizing;
      this.suffix = suffix;
      this.says = says;
    }

    String key(String figure) {
      return figure + suffix;
    }

    static List<Arm> of(Client client) {
      return client == Client.HAWSER ? List.of(values()) : List.of(DEFAULT);
    }
  }

  @Override
  public String id() {
    return "sizing";
  }

  @Override
  public String title() {
    return "Load that rises and falls, and the size of the pool";
  }

  @Override
  public String story() {
    return "How many connections should be kept open? Too few, and calls in a peak open new ones"
        + " and wait for handshakes; limits that are lower than the load make callers queue"
        + " until they give up. Too many cost both sides memory. A common formula takes the"
        + " calls in a second times the seconds that each takes, which is how many are under"
        + " way at once on average, and half as much again: 8 for 100/s at 50 ms, 300 for"
        + " 1,000/s at 200 ms, 750 for 5,000/s at 100 ms. It is made for a load that stays"
        + " as it is. Here the load rises, stays and falls, in calls that come at random; it"
        + " is small, and answers are slow, so that as many are under way as in a much"
        + " larger one: 5 at once in a trough, 50 at a peak. Hawser opens connections ahead"
        + " while callers come in growing numbers. Beside that it is run with fixed limits,"
        + " and with the formula applied to the last ten seconds.";
  }

  @Override
  public String hypothesis() {
    return "While load rises most callers find a connection that is open already, without any"
        + " tuning, and not by keeping many times what is used.";
  }

  @Override
  public String rule() {
    return "no call failed; of 100 callers in any rise of load, at most %.0f waited for a connection,"
            .formatted(MOST_WAITING)
        + " that is, the server had their request later than half of the time that it takes"
        + " to open one; at most %.0f connections were open for each of the most callers at once"
            .formatted(MOST_FOR_EACH);
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(
        LOW,
        HIGH,
        ANSWER,
        new Parameter<>(
            "so the formula's connections are", formula(Scale.QUICK), formula(Scale.FULL)),
        OPENING,
        FIRST_TROUGH,
        PEAKS,
        RISE,
        PEAK,
        TROUGH,
        TIMEOUT);
  }

  private static String formula(Scale scale) {
    return "%d in a trough, %d at a peak"
        .formatted(formula(LOW.at(scale), scale), formula(HIGH.at(scale), scale));
  }

  private static int formula(double perSecond, Scale scale) {
    return Math.max(2, (int) Math.ceil(perSecond * ANSWER.at(scale).toMillis() / 1e3 * 1.5));
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.room(formula(HIGH.at(scale), scale));
  }

  @Override
  public Duration takes(Scale scale) {
    return curve(scale).length().plusSeconds(4);
  }

  private static Load.Curve curve(Scale scale) {
    var points = new ArrayList<Load.Curve.Point>();
    Duration at = Duration.ZERO;
    points.add(new Load.Curve.Point(at, LOW.at(scale)));
    at = at.plus(FIRST_TROUGH.at(scale));
    for (int i = 0; i < PEAKS.at(scale); i++) {
      points.add(new Load.Curve.Point(at, LOW.at(scale)));
      at = at.plus(RISE.at(scale));
      points.add(new Load.Curve.Point(at, HIGH.at(scale)));
      at = at.plus(PEAK.at(scale));
      points.add(new Load.Curve.Point(at, HIGH.at(scale)));
      at = at.plus(FALL);
      points.add(new Load.Curve.Point(at, LOW.at(scale)));
      at = at.plus(TROUGH.at(scale));
    }
    points.add(new Load.Curve.Point(at, LOW.at(scale)));
    return new Load.Curve(points);
  }

  /** One process of the client, and its own server. */
  private static final class Run {
    private final Arm arm;
    private final LabServer server;
    private final ClientProcess client;
    private final List<Point> open = new ArrayList<>();
    private final List<Point> opened = new ArrayList<>();

    Run(Arm arm, LabServer server, ClientProcess client) {
      this.arm = arm;
      this.server = server;
      this.client = client;
    }

    static Run prepare(Trial trial, Arm arm) throws IOException, InterruptedException {
      LabServer server =
          trial.keep(
              LabServer.named("sized")
                  .openingTakes(trial.get(OPENING))
                  .delay(trial.get(ANSWER))
                  .tellingArrivals()
                  .start());
      ClientProcess client =
          arm == Arm.DEFAULT ? trial.client() : trial.variant(Client.SIZING, arm.sizing);
      return new Run(arm, server, client);
    }

    void look(double seconds) {
      open.add(new Point(seconds, server.open()));
      opened.add(new Point(seconds, server.connections()));
    }

    /** How many connections were opened in this time. */
    double opened(double from, double to) {
      return until(opened, to) - until(opened, from);
    }

    private static double until(List<Point> counts, double seconds) {
      return counts.stream()
          .filter(count -> count.x() <= seconds)
          .mapToDouble(Point::y)
          .max()
          .orElse(0);
    }

    double mostOpen() {
      return open.stream().mapToDouble(Point::y).max().orElse(0);
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    List<Arm> arms = Arm.of(trial.subject().client());
    var runs = new ArrayList<Run>();
    for (Arm arm : arms.reversed()) { // its own last: it waits for the other clients
      runs.addFirst(Run.prepare(trial, arm));
    }
    Load.Curve curve = curve(trial.scale());
    long begun = System.nanoTime();
    var running = new ArrayList<ClientProcess.Running>();
    for (Run run : runs) {
      running.add(
          run.client.begin(
              Task.get(curve, run.server.uri()).timeout(trial.get(TIMEOUT)).seed(trial.seed())));
    }
    for (long now = begun; now - begun < curve.length().toNanos(); now = System.nanoTime()) {
      for (Run run : runs) {
        run.look((now - begun) / 1e9);
      }
      Thread.sleep(TICK);
    }
    var figures = new Figures();
    for (int i = 0; i < runs.size(); i++) {
      add(figures, trial.scale(), runs.get(i), running.get(i).await(), begun);
    }
    return figures;
  }

  private static void add(Figures figures, Scale scale, Run run, List<Call> calls, long begun) {
    Arm arm = run.arm;
    List<Call> answered = Calls.where(calls, Call::ok);
    double opening = OPENING.at(scale).toMillis();
    double p99 = Calls.percentile(answered, 0.99, Sizing::millisUntilThere);
    Rise first = Rise.of(scale).getFirst();
    double worst =
        Rise.of(scale).stream()
            .mapToDouble(rise -> rise.waited(calls, begun, opening))
            .max()
            .orElse(Double.NaN);
    double most = mostAtOnce(calls);
    double inTrough = LOW.at(scale) * seconds(ANSWER.at(scale));
    figures
        .add(arm.key("calls"), calls.size(), "", "calls" + arm.says)
        .add(arm.key("failed"), Calls.failed(calls), "", "of them failed" + arm.says)
        .add(
            arm.key("waited-rising"),
            worst,
            "",
            "of 100 callers while load rose, those that waited for a connection; the worst rise"
                + arm.says)
        .add(
            arm.key("waited"),
            per100(calls, opening),
            "",
            "of 100 callers in all, those that waited" + arm.says)
        .add(arm.key("p99"), p99, "ms", "p99 of the time until the server had a request" + arm.says)
        .add(
            arm.key("p99-openings"),
            p99 / opening,
            "",
            "the same, in times of what it takes to open a connection" + arm.says)
        .add(
            arm.key("opened-rising"),
            run.opened(first.from(), first.to()),
            "",
            "connections opened while load first rose" + arm.says)
        .add(
            arm.key("opened"), run.server.connections(), "", "connections opened in all" + arm.says)
        .add(arm.key("most"), run.mostOpen(), "", "connections: most at once" + arm.says)
        .add(
            arm.key("for-each"),
            run.mostOpen() / Math.max(1, most),
            "",
            "connections: most, for each of the most callers at once" + arm.says)
        .add(
            arm.key("kept"),
            Math.max(0, run.open.getLast().y() - inTrough),
            "",
            "connections: not in use at the end of the last trough, about" + arm.says)
        .add(new Series(arm.key(CONNECTIONS), run.open))
        .note(arm.key("errors"), "errors" + arm.says, Calls.problems(calls));
  }

  /** When load rises, in seconds. */
  private record Rise(double from, double to) {
    static List<Rise> of(Scale scale) {
      List<Load.Curve.Point> points = curve(scale).points();
      return IntStream.range(1, points.size())
          .filter(i -> points.get(i).perSecond() > points.get(i - 1).perSecond())
          .mapToObj(i -> new Rise(seconds(points.get(i - 1).at()), seconds(points.get(i).at())))
          .toList();
    }

    /** Of 100 callers in this time, those that waited. */
    double waited(List<Call> calls, long begun, double opening) {
      return per100(
          Calls.where(
              calls,
              call -> {
                double at = (call.begun() - begun) / 1e9;
                return at >= from && at < to;
              }),
          opening);
    }
  }

  private static double seconds(Duration time) {
    return time.toMillis() / 1e3;
  }

  private static double per100(List<Call> calls, double opening) {
    return 100.0 * waited(calls, opening) / Math.max(1, calls.size());
  }

  /** Who has never had an answer has waited, too. */
  private static int waited(List<Call> calls, double opening) {
    return Calls.where(calls, call -> !call.ok() || millisUntilThere(call) > opening / 2).size();
  }

  private static double millisUntilThere(Call answered) {
    return (LabServer.arrival(answered) - answered.begun()) / 1e6;
  }

  private static double mostAtOnce(List<Call> calls) {
    record Step(long at, int by) {}
    int now = 0;
    int most = 0;
    List<Step> steps =
        calls.stream()
            .flatMap(call -> Stream.of(new Step(call.begun(), 1), new Step(call.ended(), -1)))
            .sorted((a, b) -> Long.compare(a.at(), b.at()))
            .toList();
    for (Step step : steps) {
      now += step.by();
      most = Math.max(most, now);
    }
    return most;
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            figures.get("failed") > 0,
            figures.shown("failed") + " of " + figures.shown("calls") + " calls failed")
        .unless(
            figures.get("waited-rising") > MOST_WAITING,
            figures.shown("waited-rising") + " of 100 callers waited while load rose")
        .unless(
            figures.get("for-each") > MOST_FOR_EACH,
            figures.shown("for-each") + " connections for each of the most callers at once")
        .held(
            "%s of 100 callers waited while load rose; %s connections at most"
                .formatted(figures.shown("waited-rising"), figures.shown("most")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    var charts = new ArrayList<Chart>();
    List<Result> ours = results.stream().filter(result -> result.subject().ours()).toList();
    for (Result result : ours) {
      charts.add(
          chart(
              scale,
              "Hawser's connections: two loops, fixed limits, the formula",
              Stream.of(Arm.values()).map(arm -> line(result, arm)).toList()));
    }
    for (Setup setup : Setup.values()) {
      List<Series> lines =
          results.stream()
              .filter(result -> !result.subject().ours() && result.subject().setup() == setup)
              .map(
                  result ->
                      result.figures().series(CONNECTIONS).named(result.subject().client().title()))
              .toList();
      if (!lines.isEmpty()) {
        charts.add(
            chart(
                scale,
                "Connections of the others, "
                    + (setup == Setup.DEFAULTS ? "in their defaults" : "set up for this"),
                lines));
      }
    }
    var groups = new ArrayList<Bars.Group>();
    groups.add(Charts.bars("Of 100 callers while load rose", results, "waited-rising"));
    groups.add(Charts.bars("Of 100 callers in all", results, "waited"));
    for (Result result : ours) {
      groups.add(
          new Bars.Group(
              "Hawser by sizing, of 100 callers while load rose",
              Stream.of(Arm.values())
                  .map(
                      arm ->
                          new Bars.Bar(
                              name(arm),
                              result.figures().get(arm.key("waited-rising")),
                              arm == Arm.DEFAULT))
                  .toList()));
    }
    charts.add(
        new Bars(
            "Callers that waited for a connection",
            "The server had their request later than half of the time that it takes to open a"
                + " connection, or never.",
            "",
            groups));
    return charts;
  }

  private static Series line(Result result, Arm arm) {
    return result.figures().series(arm.key(CONNECTIONS)).named(name(arm));
  }

  private static String name(Arm arm) {
    return switch (arm) {
      case DEFAULT -> "two loops (default)";
      case FIXED -> "fixed limits";
      case LITTLE -> "the formula";
    };
  }

  private static Chart chart(Scale scale, String title, List<Series> lines) {
    double answer = seconds(ANSWER.at(scale));
    List<Point> load =
        curve(scale).points().stream()
            .map(point -> new Point(seconds(point.at()), point.perSecond() * answer))
            .toList();
    return new Lines(
        title,
        "Open connections, as the server counts them. The load is how many calls are under way at"
            + " once on average: calls in a second times seconds for each.",
        "seconds",
        "connections",
        false,
        Stream.concat(Stream.of(new Series("load", load)), lines.stream()).toList(),
        List.of());
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.tune.AdaptiveSizer",
        "spare",
        Mutation.Returns.NOTHING,
        "no connection is opened ahead of those who need it");
  }
}
