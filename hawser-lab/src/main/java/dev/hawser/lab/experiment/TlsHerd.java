package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.Tls;
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
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Many connections are wanted at once, by a client that has no TLS session with the host yet. */
public final class TlsHerd implements Experiment {
  private static final Parameter<Integer> CALLERS =
      new Parameter<>("callers, all at once", 60, 200);
  private static final Parameter<Duration> DELAY =
      new Parameter<>("time to answer", ofMillis(500), ofSeconds(1));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(10), ofSeconds(15));

  private static final double MOST_FULL_PERCENT = 25;
  private static final Duration CALM = ofMillis(200);

  @Override
  public String id() {
    return "tls-herd";
  }

  @Override
  public String title() {
    return "Many TLS connections at once";
  }

  @Override
  public String story() {
    return "A service starts, or its peer has restarted, and hundreds of callers want a connection"
        + " to the same host in the same moment. In a full TLS handshake the server signs and"
        + " the client checks a chain of certificates, which is most of what a handshake"
        + " costs. A client that has a session from an earlier handshake may resume it and"
        + " spare both sides that; but if all begin at once none has one yet, and each pays"
        + " in full, just when CPU is scarce.";
  }

  @Override
  public String hypothesis() {
    return "A few handshakes are full; the others wait for the session that these bring and resume"
        + " it, and no call fails for that.";
  }

  @Override
  public String rule() {
    return "no call failed, and at most %.0f of 100 handshakes were full, as the server counts them"
            .formatted(MOST_FULL_PERCENT)
        + ", in TLS 1.3 (where a ticket serves one handshake) and in TLS 1.2 alike";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(CALLERS, DELAY, TIMEOUT);
  }

  /** Else those with a small pool would have a small herd. */
  @Override
  public Settings needed(Scale scale) {
    return Settings.NONE.room(CALLERS.at(scale));
  }

  /** No other client has an option for this. */
  @Override
  public Settings best(Scale scale) {
    return needed(scale);
  }

  @Override
  public Duration takes(Scale scale) {
    return DELAY.at(scale).multipliedBy(2).plusMillis(1_500L * CALLERS.at(scale) / 60);
  }

  /** They would take each other's CPU. */
  @Override
  public int sideBySide() {
    return 1;
  }

  /** One herd's. */
  private record Herd(List<Call> calls, int handshakes, int full, double cpuMillis) {
    double fullPercent() {
      return 100.0 * full / Math.max(1, handshakes);
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    ClientProcess client = trial.client();
    Herd now = herd(trial, client, trial.tls().versions("TLSv1.3"));
    Herd old = herd(trial, client, trial.tls().versions("TLSv1.2"));
    var figures = new Figures();
    figures.add(
        "failed", Calls.failed(now.calls) + Calls.failed(old.calls), "", "calls that failed");
    add(figures, "13", "TLS 1.3", now);
    add(figures, "12", "TLS 1.2", old);
    return figures
        .note("error", "errors in TLS 1.3", Calls.problems(now.calls))
        .note("error-12", "errors in TLS 1.2", Calls.problems(old.calls));
  }

  private static Herd herd(Trial trial, ClientProcess client, Tls tls)
      throws IOException, InterruptedException {
    LabServer server = trial.keep(LabServer.named("herd").tls(tls).delay(trial.get(DELAY)).start());
    double before = client.cpuSeconds();
    List<Call> calls =
        client.run(
            Task.get(Load.atOnce(trial.get(CALLERS)), server.uri()).timeout(trial.get(TIMEOUT)));
    Thread.sleep(CALM); // handshakes that nobody waits for any more
    return new Herd(
        calls,
        server.handshakes(),
        server.handshakes() - server.resumed(),
        (client.cpuSeconds() - before) * 1e3);
  }

  private static void add(Figures figures, String key, String version, Herd herd) {
    figures
        .add("handshakes-" + key, herd.handshakes, "", version + ": handshakes")
        .add("full-" + key, herd.full, "", version + ": of them full, the others resumed a session")
        .add("full-percent-" + key, herd.fullPercent(), "%", version + ": share of full ones")
        .add("cpu-" + key, herd.cpuMillis, "ms", version + ": CPU of the client's process")
        .add(
            "last-" + key,
            Calls.percentile(herd.calls, 1),
            "ms",
            version + ": until the last caller had the answer");
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(figures.get("failed") > 0, figures.shown("failed") + " calls failed")
        .unless(tooMany(figures, "13"), said(figures, "13", "TLS 1.3"))
        .unless(tooMany(figures, "12"), said(figures, "12", "TLS 1.2"))
        .held(said(figures, "13", "TLS 1.3") + "; " + said(figures, "12", "TLS 1.2"));
  }

  private static boolean tooMany(Figures figures, String key) {
    return !(figures.get("full-percent-" + key) <= MOST_FULL_PERCENT);
  }

  private static String said(Figures figures, String key, String version) {
    return "%s of %s handshakes were full in %s"
        .formatted(figures.shown("full-" + key), figures.shown("handshakes-" + key), version);
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return List.of(
        new Bars(
            "Full handshakes, of " + CALLERS.shown(scale),
            "As the server counts them; the others resumed a session.",
            "",
            List.of(
                Charts.bars("TLS 1.3", results, "full-13"),
                Charts.bars("TLS 1.2", results, "full-12"))),
        new Bars(
            "CPU of the client",
            "From the first call to the last answer, all threads of its process together.",
            "ms",
            List.of(
                Charts.bars("TLS 1.3", results, "cpu-13"),
                Charts.bars("TLS 1.2", results, "cpu-12"))),
        new Bars(
            "Until the last caller had the answer",
            "The server takes %s of it. Waiting for a session costs time if CPU is plentiful."
                .formatted(DELAY.shown(scale)),
            "ms",
            List.of(
                Charts.bars("TLS 1.3", results, "last-13"),
                Charts.bars("TLS 1.2", results, "last-12"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.tls.HandshakeGate$Gate",
        "disappointed",
        Mutation.Returns.TRUE,
        "no handshake waits for the session of another");
  }
}
