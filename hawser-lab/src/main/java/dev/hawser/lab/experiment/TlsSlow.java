package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
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
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** TLS handshakes go wrong in the usual ways: does the error say in which. */
public final class TlsSlow implements Experiment {
  private static final Parameter<Integer> CALLS = new Parameter<>("calls for each cause", 2, 10);
  private static final Parameter<Duration> SILENCE =
      new Parameter<>("time for which the slow server says nothing", ofSeconds(3), ofSeconds(3));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(1), ofSeconds(2));

  /** A time-out comes a little late on a machine that is busy. */
  private static final Duration LATE = ofMillis(700);

  /** What goes wrong, and words one of which names it, in any client's wording. */
  private enum Cause {
    INTERMEDIATE(
        "missing intermediate", "intermediate|no certificate of its issuer|incomplete chain"),
    NAME(
        "wrong name",
        "alternative name|No name matching|not verified|doesn.t match|not for this host"),
    EXPIRED("expired", "expired|NotAfter"),
    AUTHORITY(
        "unknown authority",
        "trust store|not trusted|untrusted|trust anchor|unable to find valid certification path"),
    CLIENT(
        "client certificate wanted",
        "client certificate|certificate of its own|certificate_required|tls\\.identity"),
    PLAIN(
        "no TLS on this port",
        "plain ?text|plain HTTP|not speak TLS|unrecognized SSL message|not an SSL"),
    SILENT("slow server", "\\bTLS\\b|\\bSSL\\b|handshake|ServerHello");

    private final String says;
    private final Pattern words;

    Cause(String says, String words) {
      this.says = says;
      this.words = Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    String key() {
      return name().toLowerCase(Locale.ROOT);
    }

    boolean isNamedIn(Call call) {
      return words.matcher(call.error()).find();
    }
  }

  @Override
  public String id() {
    return "tls-slow";
  }

  @Override
  public String title() {
    return "TLS handshakes that go wrong, and what is said of it";
  }

  @Override
  public String story() {
    return "At night a call fails, and all that the log has is an exception of TLS. Whether the"
        + " server forgot an intermediate certificate (browsers mend that, clients do not),"
        + " whether the certificate has expired, belongs to another name or comes from an"
        + " authority that nobody here trusts, whether the server wanted to see a certificate,"
        + " speaks no TLS on this port, or was just slow: each has another person to mend it."
        + " The client knows which it was; the question is whether it says so.";
  }

  @Override
  public String hypothesis() {
    return "Each error names its cause, in its message or in that of an exception that it gives as"
        + " its cause, no later than the time-out.";
  }

  @Override
  public String rule() {
    return "each of the %d causes was named in at least half of the calls, in any client's wording"
            .formatted(Cause.values().length)
        + " (of the slow server it is enough that it was in TLS; of the authority, that no path"
        + " leads to a trusted one, which says nothing of an intermediate), and no call outlived"
        + " its time-out by "
        + LATE.toMillis()
        + " ms";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(CALLS, SILENCE, TIMEOUT);
  }

  /** A bound for handshakes tells of a slow one; of the others each client says what it can. */
  @Override
  public Settings best(Scale scale) {
    Duration half = TIMEOUT.at(scale).dividedBy(2);
    return Settings.NONE.with(Limit.CONNECT, half.dividedBy(2)).with(Limit.HANDSHAKE, half);
  }

  @Override
  public Duration takes(Scale scale) {
    return TIMEOUT.at(scale).multipliedBy(1 + CALLS.at(scale) / 10).plusSeconds(4);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    ClientProcess client = trial.client();
    var figures = new Figures();
    int named = 0;
    int late = 0;
    var texts = new EnumMap<Cause, String>(Cause.class);
    for (Cause cause : Cause.values()) {
      FaultServer server = trial.keep(FaultServer.start(script(trial, cause)));
      URI uri = URI.create("https://" + server.authority() + "/");
      // One after the other, as a client may say it the first time only; of the slow one at once.
      Load load =
          cause == Cause.SILENT ? Load.atOnce(trial.get(CALLS)) : Load.inTurn(trial.get(CALLS));
      List<Call> calls = client.run(Task.get(load, uri).timeout(trial.get(TIMEOUT)));
      // A server that refuses in TLS 1.3 may close before the client has read why.
      boolean enough = 2 * Calls.where(calls, cause::isNamedIn).size() >= calls.size();
      named += enough ? 1 : 0;
      late += (int) calls.stream().filter(call -> isLate(trial, call)).count();
      figures.add(
          "named-" + cause.key(), enough ? 1 : 0, "", cause.says + ": named (1) or not (0)");
      figures.add(
          "median-" + cause.key(),
          Calls.percentile(calls, 0.5),
          "ms",
          cause.says + ": half of the calls failed within");
      texts.put(cause, calls.getFirst().problem());
    }
    figures.add("named", named, "", "causes named, of " + Cause.values().length);
    figures.add("unnamed", Cause.values().length - named, "", "causes not named");
    figures.add("late", late, "", "calls that ended after their time-out was over");
    texts.forEach(
        (cause, text) ->
            figures.note(
                cause.key(),
                cause.says
                    + (figures.get("named-" + cause.key()) > 0 ? " (named)" : " (not named)"),
                text));
    return figures;
  }

  private static boolean isLate(Trial trial, Call call) {
    return call.millis() > trial.get(TIMEOUT).plus(LATE).toMillis();
  }

  private static Script script(Trial trial, Cause cause) {
    TestAuthority authority = trial.authority();
    return switch (cause) {
      case INTERMEDIATE ->
          within(
              authority
                  .intermediate("Issuing")
                  .issue(leaf -> leaf.ips("127.0.0.1"))
                  .withoutIntermediates()
                  .tls());
      case NAME -> within(authority.issue(leaf -> leaf.names("shop.example")).tls());
      case EXPIRED -> within(authority.issue(leaf -> leaf.ips("127.0.0.1").expired()).tls());
      case AUTHORITY -> within(stranger().issue(leaf -> leaf.ips("127.0.0.1")).tls());
      case CLIENT -> within(trial.tls().requireClientCertificate());
      case PLAIN -> TlsSlow::refuseWithoutTls;
      case SILENT -> {
        Duration silence = trial.get(SILENCE);
        yield peer -> {
          peer.pause(silence);
          answer(peer, trial.tls());
        };
      }
    };
  }

  private static TestAuthority stranger() {
    return TestAuthority.create(InstantSource.system(), root -> root.commonName("Stranger"));
  }

  private static Script within(Tls tls) {
    return peer -> answer(peer, tls);
  }

  private static void answer(Peer peer, Tls tls) throws IOException {
    peer.startTls(tls);
    peer.readRequest();
    peer.ok("hi");
  }

  /** As web servers answer what is no request. */
  private static void refuseWithoutTls(Peer peer) throws IOException {
    peer.somethingComes(ofSeconds(5));
    peer.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    peer.clientCloses(ofSeconds(1));
  }

  @Override
  public Verdict verdict(Figures figures) {
    String unnamed =
        Arrays.stream(Cause.values())
            .filter(cause -> figures.get("named-" + cause.key()) == 0)
            .map(cause -> cause.says)
            .collect(Collectors.joining(", "));
    return Verdict.rule()
        .unless(
            figures.get("unnamed") > 0,
            "%s of %d causes not named: %s"
                .formatted(figures.shown("unnamed"), Cause.values().length, unnamed))
        .unless(
            figures.get("late") > 0,
            figures.shown("late") + " calls went on after their time-out was over")
        .held("all causes were named");
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return List.of(
        new Bars(
            "Causes named, of " + Cause.values().length,
            "Longer is better. What each client said stands beside its verdict.",
            "",
            List.of(Charts.bars("In the error or in its causes", results, "named"))),
        new Bars(
            "Until the error came",
            "Half of the calls had it by then. The slow server is silent for %s, and calls have a"
                    .formatted(SILENCE.shown(scale))
                + " time-out of "
                + TIMEOUT.shown(scale)
                + ".",
            "ms",
            List.of(
                Charts.bars("Expired", results, "median-expired"),
                Charts.bars("No TLS on this port", results, "median-plain"),
                Charts.bars("Slow server", results, "median-silent"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.tls.Refusal",
        "explain",
        Mutation.Returns.NOTHING,
        "nobody asks why a certificate was refused");
  }
}
