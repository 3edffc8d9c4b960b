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
import dev.hawser.lab.Trial;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Client;
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.experiment.AuthService.Handled;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Courses;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/** More callers than a service can bear, behind a gateway that has the client. */
public final class Cascade implements Experiment {
  private static final Parameter<Duration> WORK =
      new Parameter<>(
          "time for which auth holds a connection to Redis", ofMillis(200), ofMillis(200));
  private static final Parameter<Double> FEW =
      new Parameter<>("calls a second at first and afterwards", 20.0, 20.0);
  private static final Parameter<Double> MANY =
      new Parameter<>("calls a second in the rush", 300.0, 300.0);
  private static final Parameter<Duration> BEFORE =
      new Parameter<>("time before the rush", ofMillis(1_500), ofSeconds(2));
  private static final Parameter<Duration> RUSH =
      new Parameter<>("the rush lasts for", ofSeconds(5), ofSeconds(8));
  private static final Parameter<Duration> AFTER =
      new Parameter<>("time afterwards", ofMillis(3_500), ofSeconds(5));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(2), ofSeconds(2));

  private static final int CONNECTIONS = 20;
  private static final int SESSIONS = 100;
  private static final Duration TURN = ofMillis(20);

  private static final double GOODPUT = 0.9;
  private static final double REFUSED_MEDIAN_MILLIS = 50;

  /**
   * Of 300 calls a second a pause of the machine's meets more than one in a hundred: with seven
   * times as much to do as it had cores we saw 230 ms. Who has nothing takes 2 s.
   */
  private static final double REFUSED_P99_MILLIS = 500;

  private static final double RECOVERY_SECONDS = 2;

  private static final double STEP = 0.5; // seconds, of the chart
  private static final String RUSHES = "rush";
  private static final List<String> KINDS = List.of("good", "refused", "failed");

  @Override
  public String id() {
    return "cascade";
  }

  @Override
  public String title() {
    return "More callers than a service can bear";
  }

  @Override
  public String story() {
    return "A gateway asks a service, auth, about each caller. Auth asks Redis, over a pool of 20"
        + " connections, and so it can bear so many calls a second and no more. Then more callers"
        + " come. The pool is exhausted, calls wait at auth for a connection, and auth does not"
        + " know whether the gateway still waits for them: it works for callers who have given"
        + " up, so each of its answers comes too late, and everybody gets an error, also those"
        + " whom it could have served. When the rush is over the backlog is still there. A"
        + " gateway that sends auth what it can bear, and tells the others no at once, keeps"
        + " all of that away. No client here does so by its defaults, nor does Hawser: its limit"
        + " of requests at once is off, for it can refuse callers of a host that only varies. So"
        + " Hawser is shown twice: with its limit switched on, which is what the experiment"
        + " judges, and as it comes. With --best the others have what they offer, and are told"
        + " how many calls at once auth can bear, which Hawser's limit has to find out. The"
        + " gateway is the client's own process, with a thread for each caller.";
  }

  @Override
  public String hypothesis() {
    return "Auth gets as much as it can bear and goes on serving that, whoever is too many is told"
        + " so at once, and when the rush is over nothing of it is left.";
  }

  @Override
  public String rule() {
    return "from a time-out after the rush began until its end, good answers came at 0.9 or more of"
        + " the rate that auth can bear, by how long it really holds its connections on this"
        + " machine; of the calls that got none, half knew within 50 ms and 99 of 100 within"
        + " 500 ms, as a pause of a busy machine meets more than one in a hundred; and all calls"
        + " that began 2 s after the rush or later were answered within half of their time-out";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(WORK, FEW, MANY, BEFORE, RUSH, AFTER, TIMEOUT);
  }

  /** Its limit is off by default; the story says so. */
  @Override
  public Settings needed(Scale scale, Client client) {
    return client == Client.HAWSER ? Settings.NONE.with(Limit.TURN, TURN) : needed(scale);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.room(CONNECTIONS).with(Limit.TURN, TURN);
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plus(TIMEOUT.at(scale)).plusSeconds(3);
  }

  private static Duration length(Scale scale) {
    return BEFORE.at(scale).plus(RUSH.at(scale)).plus(AFTER.at(scale));
  }

  /** So that the machine is not what cannot bear it. */
  @Override
  public int sideBySide() {
    return 3;
  }

  /** What auth can bear if the machine has nothing else to do, in calls a second. */
  private static double capacity(Duration work) {
    return CONNECTIONS * 1e3 / work.toMillis();
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    RedisServer redis = trial.keep(RedisServer.start(trial.folder()));
    AuthService auth = trial.keep(AuthService.start(redis.port(), CONNECTIONS, trial.get(WORK)));
    ClientProcess client = trial.client();
    Duration timeout = trial.get(TIMEOUT);
    Task task = Task.get(Load.atOnce(1), sessions(trial, auth)).timeout(timeout);

    Duration length = trial.get(BEFORE).plus(trial.get(RUSH)).plus(trial.get(AFTER));
    long begun = System.nanoTime();
    ClientProcess.Running few = client.begin(task.load(new Load.Paced(trial.get(FEW), length)));
    Thread.sleep(trial.get(BEFORE));
    long rush = System.nanoTime();
    double more = trial.get(MANY) - trial.get(FEW);
    var calls = new ArrayList<>(client.run(task.load(new Load.Paced(more, trial.get(RUSH)))));
    calls.addAll(few.await());
    var times =
        new Times(begun, rush, rush + trial.get(RUSH).toNanos(), begun + length.toNanos(), timeout);
    return new Course(calls, auth.handled(), times).figures().note("redis", "Redis", redis.says());
  }

  private static URI[] sessions(Trial trial, AuthService auth) {
    SplittableRandom random = trial.random("sessions");
    return random.ints(SESSIONS, 0, 1_000).mapToObj(auth::session).toArray(URI[]::new);
  }

  /** When what was, as of {@link System#nanoTime()}. */
  private record Times(long begun, long rush, long over, long end, Duration timeout) {
    /** After the rush began; NaN if it never was. */
    double seconds(long instant) {
      return instant == Long.MAX_VALUE ? Double.NaN : (instant - rush) / 1e9;
    }

    /** From when on it shows what the rush does to calls. */
    long shows() {
      return rush + timeout.toNanos();
    }

    boolean rushes(Call call) {
      return call.begun() >= rush && call.begun() < over;
    }
  }

  /** What became of all calls. */
  private record Course(List<Call> calls, List<Handled> handled, Times times) {
    boolean good(Call call) {
      return call.ok() && call.millis() <= times.timeout().toMillis();
    }

    /** Told no, and not because of the time. */
    boolean refused(Call call) {
      return !good(call) && call.millis() < times.timeout().toMillis() / 2.0;
    }

    boolean failed(Call call) {
      return !good(call) && !refused(call);
    }

    /** Whether a caller noticed that auth had too much to do. */
    boolean late(Call call) {
      return !good(call) || call.millis() > times.timeout().toMillis() / 2.0;
    }

    List<Call> inRush(Predicate<Call> condition) {
      return Calls.where(calls, call -> times.rushes(call) && condition.test(call));
    }

    double goodPerSecond() {
      List<Call> good =
          Calls.where(
              calls,
              call -> good(call) && call.ended() >= times.shows() && call.ended() < times.over());
      return good.size() * 1e9 / (times.over() - times.shows());
    }

    /** By how long it really held its connections: on a busy machine it can bear less. */
    double capacity() {
      double nanos =
          handled.stream()
              .filter(each -> each.answered() >= times.shows() && each.answered() < times.over())
              .mapToLong(Handled::held)
              .average()
              .orElse(Double.NaN);
      return CONNECTIONS * 1e9 / nanos;
    }

    /** NaN if it was not. */
    double firstCall(Predicate<Call> condition) {
      return times.seconds(
          calls.stream()
              .filter(call -> call.ended() >= times.rush() && condition.test(call))
              .mapToLong(Call::ended)
              .min()
              .orElse(Long.MAX_VALUE));
    }

    double poolExhausted() {
      return times.seconds(
          handled.stream()
              .filter(each -> each.waited() && each.came() >= times.rush())
              .mapToLong(Handled::came)
              .min()
              .orElse(Long.MAX_VALUE));
    }

    double authLate() {
      return times.seconds(
          handled.stream()
              .filter(each -> each.seconds() > times.timeout().toMillis() / 2e3)
              .mapToLong(Handled::answered)
              .min()
              .orElse(Long.MAX_VALUE));
    }

    /** Percent of auth's answers from when on the rush showed: those that no caller was given. */
    double inVain() {
      long answers = handled.stream().filter(each -> isAfterwards(each.answered())).count();
      int good = Calls.where(calls, call -> good(call) && isAfterwards(call.ended())).size();
      return Math.max(0, 100.0 * (answers - good) / answers);
    }

    private boolean isAfterwards(long instant) {
      return instant >= times.shows() && instant < times.end();
    }

    /** Until the last call began that was late; NaN if there still were such at the end. */
    double recovery() {
      List<Call> late = Calls.where(calls, call -> call.begun() >= times.over() && late(call));
      long last = late.stream().mapToLong(Call::begun).max().orElse(times.over());
      boolean toTheEnd = last > times.end() - 1_000_000_000L;
      return toTheEnd ? Double.NaN : (last - times.over()) / 1e9;
    }

    Figures figures() {
      List<Call> no = inRush(call -> !good(call));
      List<Call> good = inRush(this::good);
      return new Figures()
          .add("calls", inRush(_ -> true).size(), "", "calls in the rush")
          .add("good", good.size(), "", "of them had a good answer in time")
          .add(
              "refused",
              inRush(this::refused).size(),
              "",
              "of them were refused: an error before half of the time-out")
          .add("failed", inRush(this::failed).size(), "", "of them failed: all else")
          .add("capacity", capacity(), "/s", "calls a second that auth could bear meanwhile")
          .add(
              "goodput",
              goodPerSecond(),
              "/s",
              "good answers a second, from a time-out into the rush")
          .add("goodput-ratio", goodPerSecond() / capacity(), "", "the second by the first")
          .add(
              "no-p50",
              Calls.percentile(no, 0.5),
              "ms",
              "half of the calls without a good answer knew that within")
          .add("no-p99", Calls.percentile(no, 0.99), "ms", "99 of 100 of them knew within")
          .add(
              "good-p99",
              Calls.percentile(good, 0.99),
              "ms",
              "99 of 100 good answers took no longer")
          .add(
              "at-redis",
              poolExhausted(),
              "s",
              "from the rush's begin until auth's pool to Redis was exhausted")
          .add("at-auth", authLate(), "s", "until auth first took more than half of the time-out")
          .add(
              "at-gateway-no",
              firstCall(this::refused),
              "s",
              "until the gateway first refused a call")
          .add(
              "at-gateway",
              firstCall(this::failed),
              "s",
              "until a call first failed at the gateway")
          .add(
              "in-vain",
              inVain(),
              "%",
              "of auth's answers nobody waited for any more, from a time-out into the rush")
          .add(
              "recovery",
              recovery(),
              "s",
              "from the rush's end until the last call that failed or was late")
          .add(counts("good", this::good))
          .add(counts("refused", this::refused))
          .add(counts("failed", this::failed))
          .add(
              Series.of(
                  RUSHES,
                  List.of(
                      (times.rush() - times.begun()) / 1e9, (times.over() - times.begun()) / 1e9)))
          .note("errors", "errors", Calls.problems(calls));
    }

    /** How many there were a second, in each half of one; calls count when they ended. */
    private Series counts(String name, Predicate<Call> condition) {
      int steps = (int) Math.ceil((times.end() - times.begun()) / 1e9 / STEP);
      var counts = new int[steps];
      for (Call call : calls) {
        int step = (int) ((call.ended() - times.begun()) / 1e9 / STEP);
        if (step < steps && condition.test(call)) {
          counts[step]++;
        }
      }
      var points = new ArrayList<Series.Point>();
      for (int i = 0; i < steps; i++) {
        points.add(new Series.Point((i + 0.5) * STEP, counts[i] / STEP));
      }
      return new Series(name, points);
    }
  }

  @Override
  public Verdict verdict(Figures figures) {
    String share = figures.shown("goodput-ratio") + " of what auth can bear was answered";
    String knew =
        "the others knew after %s (p99 %s)"
            .formatted(figures.shown("no-p50"), figures.shown("no-p99"));
    double recovery = figures.get("recovery");
    return Verdict.rule()
        .unless(!(figures.get("goodput-ratio") >= GOODPUT), share)
        .unless(
            !(figures.get("no-p50") <= REFUSED_MEDIAN_MILLIS
                && figures.get("no-p99") <= REFUSED_P99_MILLIS),
            knew)
        .unless(
            !(recovery <= RECOVERY_SECONDS),
            Double.isNaN(recovery)
                ? "not well again to the end"
                : "well again %s after the rush".formatted(figures.shown("recovery")))
        .held("%s; %s; well again after %.1f s".formatted(share, knew, recovery));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Courses.Lane> lanes =
        results.stream()
            .map(
                result ->
                    new Courses.Lane(
                        result.subject().title(),
                        KINDS.stream().map(kind -> result.figures().series(kind)).toList()))
            .toList();
    List<Double> rush = Charts.instants(results, RUSHES);
    var markers = new ArrayList<Chart.Marker>();
    for (int i = 0; i < rush.size(); i++) {
      markers.add(new Chart.Marker(rush.get(i), i == 0 ? "the rush begins" : "and ends"));
    }
    return List.of(
        new Courses(
            "What callers got",
            "Between the lines %.0f calls come each second, and auth can bear %.0f. Good is an answer"
                    .formatted(MANY.at(scale), capacity(WORK.at(scale)))
                + " in time; refused an error before half of the time-out of "
                + TIMEOUT.shown(scale)
                + "; failed all else. Calls count when they ended. By default Apache's client and"
                + " Vert.x have five connections to a host, so that auth never notices, and calls"
                + " wait for these, at the gateway, as they do at auth for Redis.",
            "seconds",
            "calls a second",
            KINDS,
            lanes,
            markers),
        new Bars(
            "Good answers in the rush, by what auth can bear",
            "1 is all that auth can do, and 0 that all its work was in vain. Answers come twenty at"
                + " a time, so a few hundredths more or less are chance.",
            "",
            List.of(Charts.bars("Goodput", results, "goodput-ratio"))),
        new Bars(
            "When each tier first felt the rush",
            "Seconds after it began. Where there is no bar it never did.",
            "s",
            List.of(
                Charts.bars("Redis: auth's pool is exhausted", results, "at-redis"),
                Charts.bars("Auth: late by half of the time-out", results, "at-auth"),
                Charts.bars("Gateway: a call fails", results, "at-gateway"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.overload.HostLoad",
        "isLimited",
        Mutation.Returns.NOTHING,
        "the limit counts no request");
  }
}
