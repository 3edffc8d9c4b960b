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
import dev.hawser.lab.Trial;
import dev.hawser.lab.Verdict;
import dev.hawser.lab.child.Call;
import dev.hawser.lab.child.Load;
import dev.hawser.lab.child.Task;
import dev.hawser.lab.client.Reading;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Connections that are not used again: the pool keeps too few, or bodies are not read. */
public final class NoReuse implements Experiment {
  private static final Parameter<Integer> CALLERS = new Parameter<>("callers", 20, 40);
  private static final Parameter<Integer> CALLS = new Parameter<>("calls of each", 12, 30);
  private static final Parameter<Duration> DELAY =
      new Parameter<>("time to answer", ofMillis(20), ofMillis(20));
  private static final Parameter<Integer> CLOSED =
      new Parameter<>("calls whose body of 64 KiB is closed after its first byte", 30, 60);
  private static final Parameter<Integer> UNREAD =
      new Parameter<>("calls at once whose body of 8 MiB is neither read nor closed", 12, 40);
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(5), ofSeconds(5));
  private static final Parameter<Duration> LEFT_TIMEOUT =
      new Parameter<>("and of one whose body is left, in clear text", ofSeconds(4), ofSeconds(4));
  private static final Parameter<Duration> SPREAD =
      new Parameter<>("callers begin within", ofMillis(1_500), ofSeconds(2));

  private static final Duration LEAST_PAUSE = ofMillis(50);
  private static final Duration MOST_PAUSE = ofMillis(150);
  private static final Duration RECLAIM = ofSeconds(4);
  private static final int AFTERWARDS = 5;

  @Override
  public String id() {
    return "no-reuse";
  }

  @Override
  public String title() {
    return "Connections that are not used again";
  }

  @Override
  public String story() {
    return "A connection can be used again once the response on it was read to its end and the pool"
        + " has kept it. Pools keep few by default, five of them in some clients: with"
        + " twenty callers most calls then open a connection of their own and shake hands in"
        + " TLS, which costs more than the call. And if code looks at the status only and"
        + " leaves the body, its connection belongs to nobody: it is never used again, never"
        + " closed, and counts against the pool's limit until the pool is empty and all"
        + " callers wait.";
  }

  @Override
  public String hypothesis() {
    return "Calls use connections again without any tuning; bodies that nobody reads cost their"
        + " connection, but neither later calls nor, in the end, a socket.";
  }

  @Override
  public String rule() {
    return "at most 20 handshakes for 100 calls whose bodies are read; no call failed, also not"
        + " after bodies were left; no connection was still stuck 4 s after the garbage"
        + " collector had run";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(CALLERS, CALLS, DELAY, SPREAD, CLOSED, UNREAD, TIMEOUT, LEFT_TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.room(Math.max(CALLERS.at(scale), UNREAD.at(scale)));
  }

  @Override
  public Duration takes(Scale scale) {
    return MOST_PAUSE
        .plus(DELAY.at(scale))
        .multipliedBy(CALLS.at(scale))
        .plus(SPREAD.at(scale).multipliedBy(2))
        .plus(LEFT_TIMEOUT.at(scale))
        .plus(RECLAIM)
        .plusSeconds(2);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    LabServer read =
        trial.keep(LabServer.named("read").tls(trial.tls()).delay(trial.get(DELAY)).start());
    LabServer closed =
        trial.keep(LabServer.named("closed").tls(trial.tls()).bytes(64 * 1024).start());
    LabServer left = trial.keep(LabServer.named("left").bytes(8 * 1024 * 1024).start());
    ClientProcess client = trial.client();
    Duration timeout = trial.get(TIMEOUT);

    var callers =
        new Load.Callers(
            trial.get(CALLERS), trial.get(CALLS), LEAST_PAUSE, MOST_PAUSE, trial.get(SPREAD));
    List<Call> readCalls =
        client.run(Task.get(callers, read.uri()).timeout(timeout).seed(trial.seed()));
    List<Call> closedCalls =
        client.run(
            Task.get(Load.inTurn(trial.get(CLOSED)), closed.uri())
                .timeout(timeout)
                .reading(Reading.CLOSED_EARLY));
    List<Call> leftCalls =
        client.run(
            Task.get(once(trial.get(UNREAD), trial.get(SPREAD)), left.uri())
                .timeout(trial.get(LEFT_TIMEOUT))
                .reading(Reading.NOT_AT_ALL));
    int stuck = left.sending();
    List<Call> afterwards =
        client.run(
            Task.get(Load.inTurn(AFTERWARDS), left.small()).timeout(trial.get(LEFT_TIMEOUT)));
    int stuckLeft = afterGarbage(client, left);

    return new Figures()
        .add(
            "handshakes-per-100",
            per100(read.handshakes(), readCalls),
            "",
            "bodies read: TLS handshakes for 100 calls, as the server counts them")
        .add("read-median", Calls.percentile(readCalls, 0.5), "ms", "bodies read: p50")
        .add("read-p99", Calls.percentile(readCalls, 0.99), "ms", "bodies read: p99")
        .add("read-failed", Calls.failed(readCalls), "", "bodies read: calls that failed")
        .add(
            "closed-handshakes-per-100",
            per100(closed.handshakes(), closedCalls),
            "",
            "bodies closed early: handshakes for 100 calls")
        .add("closed-failed", Calls.failed(closedCalls), "", "bodies closed early: failed")
        .add("left-calls", leftCalls.size(), "", "bodies left: calls")
        .add("left-failed", Calls.failed(leftCalls), "", "bodies left: calls that failed")
        .add("left-stuck", stuck, "", "bodies left: connections then stuck, as the server sees it")
        .add("afterwards-failed", Calls.failed(afterwards), "", "of 5 calls after that, failed")
        .add(
            "still-stuck",
            stuckLeft,
            "",
            "bodies left: connections stuck 4 s after the garbage collector had run, at most")
        .note("errors", "errors with bodies left", Calls.problems(leftCalls))
        .note("errors-afterwards", "errors after that", Calls.problems(afterwards))
        .note("errors-read", "errors with bodies read", Calls.problems(readCalls));
  }

  /** Waits for as long as a client may take to see that a body cannot be read any more. */
  private static int afterGarbage(ClientProcess client, LabServer left)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + RECLAIM.toNanos();
    do {
      client.collectGarbage();
      Thread.sleep(ofMillis(250));
    } while (left.sending() > 0 && System.nanoTime() < deadline);
    return left.sending();
  }

  private static Load once(int callers, Duration spread) {
    return new Load.Callers(callers, 1, Duration.ZERO, Duration.ZERO, spread);
  }

  private static double per100(int handshakes, List<Call> calls) {
    return 100.0 * handshakes / Math.max(1, calls.size());
  }

  @Override
  public Verdict verdict(Figures figures) {
    double failed =
        figures.get("read-failed") + figures.get("closed-failed") + figures.get("left-failed");
    return Verdict.rule()
        .unless(
            figures.get("handshakes-per-100") > 20,
            figures.shown("handshakes-per-100") + " handshakes for 100 calls")
        .unless(
            failed > 0,
            "%.0f calls failed, %s of them with bodies left"
                .formatted(failed, figures.shown("left-failed")))
        .unless(
            figures.get("afterwards-failed") > 0,
            figures.shown("afterwards-failed") + " of 5 calls failed after bodies were left")
        .unless(
            figures.get("still-stuck") > 0,
            figures.shown("still-stuck") + " connections with bodies that nobody can read stayed")
        .held(
            figures.shown("handshakes-per-100")
                + " handshakes for 100 calls; bodies that were left harmed nobody");
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return List.of(
        new Bars(
            "TLS handshakes for 100 calls",
            "As the server counts them. Without reuse it is 100.",
            "",
            List.of(
                Charts.bars("Bodies read", results, "handshakes-per-100"),
                Charts.bars("Bodies closed early", results, "closed-handshakes-per-100"))),
        new Bars(
            "Connections with bodies that nobody reads",
            "Stuck right after "
                + UNREAD.shown(scale)
                + " such calls, as the server sees it, and when the garbage collector has run.",
            "",
            List.of(
                Charts.bars("At once", results, "left-stuck"),
                Charts.bars("After the garbage collector", results, "still-stuck"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.http1.Http1Exchange",
        "reusable",
        Mutation.Returns.NOTHING,
        "no connection is found fit to be used again");
  }
}
