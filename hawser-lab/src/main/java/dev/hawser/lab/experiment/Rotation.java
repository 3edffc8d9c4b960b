package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
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
import dev.hawser.lab.client.PemFolder;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Strip;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** Certificates on both sides are renewed while calls go on. */
public final class Rotation implements Experiment {
  private static final Parameter<Double> RATE = new Parameter<>("calls a second", 10.0, 20.0);
  private static final Parameter<Duration> BEFORE =
      new Parameter<>("time before the client's files change", ofMillis(800), ofSeconds(4));
  private static final Parameter<Duration> OVERLAP =
      new Parameter<>(
          "from then until the server knows the new ones only", ofMillis(1_700), ofSeconds(5));
  private static final Parameter<Duration> AFTER =
      new Parameter<>("time after that", ofMillis(1_500), ofSeconds(6));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(4), ofSeconds(4));

  private static final Duration IDLE = ofSeconds(30);

  /** So that code is warm: else the first handshakes are slow, and each call makes one more. */
  private static final int FIRST = 10;

  private static final String OLD = "old";
  private static final String NEW = "new";
  private static final String FAILED = "failed";

  @Override
  public String id() {
    return "rotation";
  }

  @Override
  public String title() {
    return "Certificates are renewed under load";
  }

  @Override
  public String story() {
    return "Services prove to each other who they are: the server shows a certificate, and wants to"
        + " see one of the client. Both live for days, sometimes for hours, and an agent"
        + " (cert-manager, Vault, a service mesh) writes new ones into the same files well"
        + " before the old ones end; now and then the authority itself is replaced. A client"
        + " that read the files when it started goes on for a while on the connections that"
        + " it has. Then the server is restarted, and each new handshake fails until"
        + " somebody restarts the client, too.";
  }

  @Override
  public String hypothesis() {
    return "Files that have changed are used by new handshakes without a restart, and no call"
        + " fails.";
  }

  @Override
  public String rule() {
    return "no call failed, neither when the files changed nor when the server had changed";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(RATE, BEFORE, OVERLAP, AFTER, TIMEOUT);
  }

  /**
   * The others have no option that looks at files again: who writes a key manager and a trust
   * manager that do, or makes a new client, has it with them, too. (Vert.x takes new options while
   * it runs, from a program that has noticed the change.)
   */
  @Override
  public Settings best(Scale scale) {
    return needed(scale);
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plusSeconds(2);
  }

  /** Each client makes handshakes when the server does: fewer at a time disturb each other less. */
  @Override
  public int sideBySide() {
    return 3;
  }

  private static Duration length(Scale scale) {
    return BEFORE.at(scale).plus(OVERLAP.at(scale)).plus(AFTER.at(scale));
  }

  /**
   * Who certifies whom. The clients' new authority is one below the old, so that a server of the
   * old order takes both certificates, and one of the new order takes the new one only.
   */
  private static final class Certificates {
    private final TestAuthority old;
    private final TestAuthority ofServers;
    private final TestAuthority ofClients;

    Certificates(TestAuthority old) {
      this.old = old;
      this.ofServers =
          TestAuthority.create(InstantSource.system(), root -> root.commonName("Next Root"));
      this.ofClients = old.intermediate("Next Authority of Clients");
    }

    Tls oldServer() {
      return server(old, old);
    }

    Tls newServer() {
      return server(ofServers, ofClients);
    }

    private static Tls server(TestAuthority own, TestAuthority trusted) {
      TestIdentity identity = own.issue(leaf -> leaf.names("localhost").ips("127.0.0.1"));
      return new TestIdentity(identity.key(), identity.chain(), trusted.certificate())
          .tls()
          .requireClientCertificate();
    }

    void writeOld(Path folder) throws IOException {
      old.issue(leaf -> leaf.commonName("client")).writePem(folder);
    }

    /** The client is to trust both roots for a while. */
    void writeNew(Path folder) throws IOException {
      ofClients.issue(leaf -> leaf.commonName("client")).writePem(folder);
      Path next = ofServers.writePem(folder.resolve("next.pem"));
      Path roots = folder.resolve("root.pem");
      Files.writeString(roots, Files.readString(roots) + Files.readString(next));
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    var certificates = new Certificates(trial.authority());
    Path folder = trial.folder();
    certificates.writeOld(folder);
    Tls oldOrder = certificates.oldServer();
    Tls newOrder = certificates.newServer();
    var order = new AtomicReference<>(oldOrder);
    FaultServer server = trial.keep(FaultServer.start(peer -> serve(peer, oldOrder, order)));
    ClientProcess client = trial.client(new PemFolder(folder));

    URI uri = URI.create("https://" + server.authority() + "/");
    List<Call> first = client.run(Task.get(Load.inTurn(FIRST), uri).timeout(trial.get(TIMEOUT)));
    Duration length = trial.get(BEFORE).plus(trial.get(OVERLAP)).plus(trial.get(AFTER));
    long begun = System.nanoTime();
    ClientProcess.Running running =
        client.begin(
            Task.get(new Load.Paced(trial.get(RATE), length), uri).timeout(trial.get(TIMEOUT)));
    Thread.sleep(trial.get(BEFORE));
    long written = System.nanoTime();
    certificates.writeNew(folder);
    Thread.sleep(trial.get(OVERLAP));
    long changed = System.nanoTime();
    order.set(newOrder);
    List<Call> calls = running.await();

    // By when they ended: a call that began a little earlier may meet the server of the new order.
    List<Call> before = Calls.where(calls, call -> call.ended() < written);
    List<Call> after = Calls.where(calls, call -> call.ended() >= changed);
    int failedBefore = Calls.failed(before);
    int failedAfter = Calls.failed(after);
    int failed = Calls.failed(calls);
    return new Figures()
        .add("failed-first", Calls.failed(first), "", "of 10 calls before all this, failed")
        .add("calls", calls.size(), "", "calls")
        .add("failed", failed, "", "of them failed")
        .add("failed-before", failedBefore, "", "failed before the files changed")
        .add(
            "failed-overlap",
            failed - failedBefore - failedAfter,
            "",
            "failed while the server took both")
        .add("failed-after", failedAfter, "", "failed after the server had changed")
        .add(
            "failed-after-percent",
            100.0 * failedAfter / Math.max(1, after.size()),
            "%",
            "share of failed calls after the server had changed")
        .add(times(OLD, Calls.where(calls, call -> call.serverName().equals(OLD)), begun))
        .add(times(NEW, Calls.where(calls, call -> call.serverName().equals(NEW)), begun))
        .add(times(FAILED, Calls.where(calls, call -> !call.ok()), begun))
        .add(Series.of("written", List.of((written - begun) / 1e9)))
        .add(Series.of("changed", List.of((changed - begun) / 1e9)))
        .note("error", "errors", Calls.problems(calls));
  }

  /** A connection of the old order is ended by the next answer on it, as servers do it. */
  private static void serve(Peer peer, Tls old, AtomicReference<Tls> order) throws IOException {
    Tls own = order.get();
    peer.startTls(own);
    boolean goesOn = true;
    while (goesOn && peer.somethingComes(IDLE)) {
      peer.readRequest();
      goesOn = order.get().equals(own);
      peer.send(
          "HTTP/1.1 200 OK\r\nX-Lab: %s/%d\r\n%sContent-Length: 2\r\n\r\nhi"
              .formatted(
                  own.equals(old) ? OLD : NEW,
                  peer.number(),
                  goesOn ? "" : "Connection: close\r\n"));
    }
  }

  private static Series times(String name, List<Call> calls, long begun) {
    return Series.of(name, calls.stream().map(call -> (call.begun() - begun) / 1e9).toList());
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(figures.get("failed-first") > 0, "not even the old certificates would do")
        .unless(
            figures.get("failed") > 0,
            "%s of %s calls failed, %s of them after the server had changed"
                .formatted(
                    figures.shown("failed"), figures.shown("calls"), figures.shown("failed-after")))
        .held("none of " + figures.shown("calls") + " calls failed");
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Strip.Lane> lanes = Charts.lanes(results, List.of(OLD, NEW, FAILED));
    return List.of(
        new Strip(
            "Calls over time",
            "At the first line the client's files change, and the server takes old and new ones; at"
                + " the second it shows a new certificate and takes only new ones.",
            "seconds",
            List.of("with the old certificates", "with the new ones", "failed"),
            lanes,
            results.stream()
                .limit(1)
                .flatMap(result -> markers(result.figures()).stream())
                .toList()),
        new Bars(
            "Failed after the server had changed",
            "Of a hundred calls. It does not get better until the client is started anew.",
            "%",
            List.of(Charts.bars("Failed", results, "failed-after-percent"))));
  }

  private static List<Chart.Marker> markers(Figures figures) {
    return figures.series("written").xs().isEmpty()
        ? List.of()
        : List.of(
            new Chart.Marker(figures.series("written").xs().getFirst(), "the files change"),
            new Chart.Marker(figures.series("changed").xs().getFirst(), "the server changes"));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.tls.FileContext", "look", Mutation.Returns.NOTHING, "files are read once");
  }
}
