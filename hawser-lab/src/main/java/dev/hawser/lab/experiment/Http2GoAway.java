package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.OriginServer;
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
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Strip;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A server ends its HTTP/2 connections under load: first politely, then not. */
public final class Http2GoAway implements Experiment {
  private static final Parameter<Double> RATE =
      new Parameter<>("GETs a second, and as many POSTs", 20.0, 50.0);
  private static final Parameter<Integer> DELAY =
      new Parameter<>("time to answer, in ms", 150, 150);
  private static final Parameter<Integer> ENDS =
      new Parameter<>("times that it ends all connections, each way", 3, 10);
  private static final Parameter<Duration> BETWEEN =
      new Parameter<>(
          "time between, from the 10th call after the last on", ofMillis(500), ofSeconds(1));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(3), ofSeconds(5));

  /** A client may send so long after a reset, before it has seen it. */
  private static final long UNSEEN = ofMillis(150).toNanos();

  /** Longer than the load lasts. */
  private static final Duration PATIENCE = ofSeconds(5);

  private static final String GET = "GET answered";
  private static final String GET_FAILED = "GET failed";
  private static final String POST = "POST answered";
  private static final String POST_FAILED = "POST failed";
  private static final List<String> KINDS = List.of(GET, GET_FAILED, POST, POST_FAILED);
  private static final String POLITE = "polite ends";
  private static final String RUDE = "rude ends";

  @Override
  public String id() {
    return "h2-goaway";
  }

  @Override
  public String title() {
    return "An HTTP/2 server restarts under load, politely and rudely";
  }

  @Override
  public String story() {
    return "Over HTTP/2 all requests to a server share a connection or a few, so when one ends,"
        + " everything that is under way is at stake. The protocol has a word for it: GOAWAY"
        + " says that the server ends, and which request was the last that it looked at. It"
        + " still answers those; all later ones were not looked at, and may be sent again"
        + " elsewhere, payments included. So a server that restarts politely costs nobody a"
        + " call, if the client listens. One that crashes says nothing: then a GET may be"
        + " sent again, and a POST must not be, for nobody knows whether it was carried"
        + " out.";
  }

  @Override
  public String hypothesis() {
    return "With GOAWAY no call fails, whatever its method. With a reset no GET fails; POSTs"
        + " that were under way do, and are not sent twice.";
  }

  @Override
  public String rule() {
    return "no call failed that ended before the first reset; no GET failed; no POST came twice,"
        + " and none failed that was not under way at a reset or sent within 150 ms after"
        + " it";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(RATE, DELAY, ENDS, BETWEEN, TIMEOUT);
  }

  @Override
  public boolean suits(Client client) {
    return client.http2();
  }

  @Override
  public Settings needed(Scale scale) {
    return Settings.NONE.withHttp2();
  }

  @Override
  public Settings best(Scale scale) {
    return needed(scale);
  }

  @Override
  public Duration takes(Scale scale) {
    return length(ENDS.at(scale), BETWEEN.at(scale)).plusSeconds(4);
  }

  private static Duration length(int ends, Duration between) {
    return between.plusMillis(350).multipliedBy(2L * ends).plusMillis(500);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    OriginServer server =
        trial.keep(OriginServer.builder().tls(trial.tls().context()).http2().start());
    var carriedOut = new AtomicInteger();
    server.onHttp2(
        exchange -> {
          if (exchange.method().equals("POST")) {
            carriedOut.incrementAndGet();
          }
          exchange.answer();
        });
    ClientProcess client = trial.client();
    var uri = server.uri("/delay/" + trial.get(DELAY));
    client.run(Task.get(Load.inTurn(5), uri)); // its code for HTTP/2

    Duration between = trial.get(BETWEEN);
    int ends = trial.get(ENDS);
    var load = new Load.Paced(trial.get(RATE), length(ends, between));
    Task task = Task.get(load, uri).timeout(trial.get(TIMEOUT));
    long begun = System.nanoTime();
    ClientProcess.Running gets = client.begin(task);
    ClientProcess.Running posts = client.begin(task.post());
    var polite = new ArrayList<Long>();
    var rude = new ArrayList<Long>();
    for (int i = 0; i < ends; i++) {
      awaitCalls(server, between);
      polite.add(System.nanoTime());
      server.goAway();
    }
    for (int i = 0; i < ends; i++) {
      awaitCalls(server, between);
      rude.add(System.nanoTime());
      reset(server);
    }
    List<Call> postCalls = posts.await();
    return figures(gets.await(), postCalls, begun, rude)
        .add(
            "twice",
            Math.max(0, carriedOut.get() - postCalls.size()),
            "",
            "POSTs that the server got twice, at least")
        .add("connections", (double) server.connections(), "", "connections that the server saw")
        .add(Series.of(POLITE, seconds(polite, begun)))
        .add(Series.of(RUDE, seconds(rude, begun)));
  }

  /** So that what is ended is a connection in use, and not the beginning of one. */
  private static void awaitCalls(OriginServer server, Duration between)
      throws InterruptedException {
    long before = server.requests();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (server.requests() < before + 10 && System.nanoTime() < deadline) {
      Thread.sleep(ofMillis(10));
    }
    Thread.sleep(between);
  }

  private static void reset(OriginServer server) {
    try {
      server.resetConnections();
    } catch (IOException e) {
      // One of them had just ended by itself.
    }
  }

  private static List<Double> seconds(List<Long> times, long begun) {
    return times.stream().map(time -> (time - begun) / 1e9).toList();
  }

  private static Figures figures(List<Call> gets, List<Call> posts, long begun, List<Long> resets) {
    List<Call> failedPosts = Calls.where(posts, call -> !call.ok());
    List<Call> all = new ArrayList<>(gets);
    all.addAll(posts);
    long first = resets.getFirst();
    List<Call> polite = Calls.where(all, call -> call.ended() < first);
    List<Call> rude = Calls.where(all, call -> call.ended() >= first);
    List<Call> rudePosts = Calls.where(failedPosts, call -> call.ended() >= first);
    long needless = rudePosts.stream().filter(call -> !underWay(call, resets)).count();
    return new Figures()
        .add("polite-calls", polite.size(), "", "calls while the server ended politely")
        .add("failed", Calls.failed(polite), "", "of them failed")
        .add("rude-calls", rude.size(), "", "calls while it ended rudely")
        .add(
            "rude-failed-gets",
            Calls.failed(Calls.where(gets, call -> call.ended() >= first)),
            "",
            "of them failed: GETs")
        .add("rude-failed-posts", rudePosts.size(), "", "of them failed: POSTs")
        .add("needless", (double) needless, "", "of these not under way at a reset")
        .add("slowest", Calls.percentile(Calls.where(all, Call::ok), 1), "ms", "slowest answered")
        .note("error-polite", "errors while it was polite", Calls.problems(polite))
        .note("error-rude", "errors while it was rude", Calls.problems(rude))
        .add(times(GET, gets, true, begun))
        .add(times(GET_FAILED, gets, false, begun))
        .add(times(POST, posts, true, begun))
        .add(times(POST_FAILED, posts, false, begun));
  }

  private static boolean underWay(Call call, List<Long> resets) {
    return resets.stream()
        .anyMatch(reset -> call.begun() <= reset + UNSEEN && call.ended() >= reset);
  }

  private static Series times(String kind, List<Call> calls, boolean ok, long begun) {
    return Series.of(
        kind,
        calls.stream()
            .filter(call -> call.ok() == ok)
            .map(call -> (call.begun() - begun) / 1e9)
            .toList());
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            figures.get("failed") > 0,
            "%s of %s calls failed though the server said GOAWAY"
                .formatted(figures.shown("failed"), figures.shown("polite-calls")))
        .unless(
            figures.get("rude-failed-gets") > 0,
            figures.shown("rude-failed-gets") + " GETs failed at resets")
        .unless(
            figures.get("needless") > 0,
            figures.shown("needless") + " POSTs failed that were not under way at a reset")
        .unless(
            figures.get("twice") > 0,
            figures.shown("twice") + " POSTs were carried out twice, at least")
        .held(
            "with GOAWAY none of %s calls failed, with resets %s POSTs that were under way"
                .formatted(figures.shown("polite-calls"), figures.shown("rude-failed-posts")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Strip.Lane> lanes = Charts.lanes(results, KINDS);
    var markers = new ArrayList<Chart.Marker>();
    mark(markers, results, POLITE, "GOAWAY");
    mark(markers, results, RUDE, "reset");
    return List.of(
        new Strip(
            "Calls while the server ends its connections",
            "Each mark is when a call began; each line is when the server ended all connections."
                + " Calls that were under way at a reset may fail if they are POSTs; nothing else"
                + " may.",
            "seconds",
            KINDS,
            lanes,
            markers));
  }

  /** The first of a kind has the words, the others would cover them. */
  private static void mark(
      List<Chart.Marker> markers, List<Result> results, String series, String label) {
    List<Double> times = Charts.instants(results, series);
    for (int i = 0; i < times.size(); i++) {
      markers.add(new Chart.Marker(times.get(i), i == 0 ? label : ""));
    }
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.exchange.Try",
        "mayRepeat",
        Mutation.Returns.NOTHING,
        "nothing is sent again, also where the server says that it did not look at it");
  }
}
