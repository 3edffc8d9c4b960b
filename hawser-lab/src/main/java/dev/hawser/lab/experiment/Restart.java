package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.Ports;
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
import dev.hawser.lab.client.Limit;
import dev.hawser.lab.client.Settings;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Strip;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.Type;

/** Three servers behind one name are restarted, one after the other. */
public final class Restart implements Experiment {
  private static final Parameter<Double> RATE = new Parameter<>("GETs a second", 40.0, 60.0);
  private static final Parameter<Duration> DELAY =
      new Parameter<>("time to answer", ofMillis(200), ofMillis(200));
  private static final Parameter<Duration> BEFORE =
      new Parameter<>("time before", ofMillis(1_200), ofSeconds(3));
  private static final Parameter<Duration> DOWN =
      new Parameter<>("a server is down for", ofMillis(600), ofSeconds(2));
  private static final Parameter<Duration> BETWEEN =
      new Parameter<>("and up before the next goes down", ofMillis(600), ofSeconds(2));
  private static final Parameter<Duration> AFTER =
      new Parameter<>("time afterwards", ofSeconds(2), ofSeconds(6));
  private static final Parameter<Integer> BURST =
      new Parameter<>("and as many at once before each restart, for connections", 24, 24);
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(5), ofSeconds(5));

  private static final double MAY_FAIL = 0.01;
  private static final int ROOM = 50;
  private static final List<String> ADDRESSES = List.of("127.0.0.2", "127.0.0.3", "127.0.0.4");
  private static final List<String> SERVERS = List.of("first", "second", "third");
  private static final String NAME = "fleet.lab.test";
  private static final String FAILED = "failed";
  private static final List<String> KINDS = List.of("first", "second", "third", FAILED);
  private static final String DOWNS = "downs";

  @Override
  public String id() {
    return "restart";
  }

  @Override
  public String title() {
    return "A fleet of three servers is restarted, one by one";
  }

  @Override
  public String story() {
    return "A new version is rolled out: one server after the other ends, refuses connections for a"
        + " moment, and is back; two of three are there at any time, so nobody should notice."
        + " But a client has connections to the server that ends, and requests on them, and"
        + " its next connection may go to the address that refuses. These servers end as"
        + " plainly as a process does: they close all connections, also those with a request"
        + " under way. Each request is a GET and may be sent again. Afterwards another"
        + " question: does the server that came back last get any calls?";
  }

  @Override
  public String hypothesis() {
    return "No GET fails: what was under way on a connection is sent again, and an address that"
        + " refuses is passed over.";
  }

  @Override
  public String rule() {
    return "no more than one call of a hundred failed: one may that is under way on a new"
        + " connection, which says more of the server than of the connection";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(RATE, BURST, DELAY, BEFORE, DOWN, BETWEEN, AFTER, TIMEOUT);
  }

  /** A pool that is too small is another experiment's. */
  @Override
  public Settings needed(Scale scale) {
    return Settings.NONE.room(ROOM);
  }

  @Override
  public Settings best(Scale scale) {
    return needed(scale).with(Limit.AGE, ofSeconds(1));
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plusSeconds(3);
  }

  private static Duration length(Scale scale) {
    Duration one = DOWN.at(scale).plus(BETWEEN.at(scale)).plus(DELAY.at(scale));
    return BEFORE.at(scale).plus(one.multipliedBy(SERVERS.size())).plus(AFTER.at(scale));
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    var servers = new ArrayList<LabServer>();
    for (int i = 0; i < SERVERS.size(); i++) {
      servers.add(start(trial, i, i == 0 ? 0 : servers.getFirst().port()));
    }
    int port = servers.getFirst().port();
    DnsServer dns = trial.keep(DnsServer.start());
    dns.set(NAME, Type.A, 300, ADDRESSES.toArray(String[]::new));
    ClientProcess client = trial.client(dns.address());

    Duration length =
        trial
            .get(BEFORE)
            .plus(
                trial
                    .get(DOWN)
                    .plus(trial.get(BETWEEN))
                    .plus(trial.get(DELAY))
                    .multipliedBy(SERVERS.size()))
            .plus(trial.get(AFTER));
    long begun = System.nanoTime();
    Task task =
        Task.get(new Load.Paced(trial.get(RATE), length), servers.getFirst().uri(NAME))
            .timeout(trial.get(TIMEOUT));
    ClientProcess.Running running = client.begin(task);
    Task burst = task.load(Load.atOnce(trial.get(BURST)));
    Thread.sleep(trial.get(BEFORE));
    var all = new ArrayList<Call>();
    var downs = new ArrayList<Double>();
    for (int i = 0; i < SERVERS.size(); i++) {
      all.addAll(client.run(burst));
      downs.add((System.nanoTime() - begun) / 1e9);
      servers.get(i).close();
      try (Ports _ = Ports.refused(address(i, port))) { // which keeps the port from others
        Thread.sleep(trial.get(DOWN));
      }
      start(trial, i, port);
      Thread.sleep(trial.get(BETWEEN));
    }
    long over = System.nanoTime();
    all.addAll(running.await());
    return figures(all, begun, over).add(Series.of(DOWNS, downs));
  }

  private static InetSocketAddress address(int which, int port) {
    return new InetSocketAddress(InetAddress.ofLiteral(ADDRESSES.get(which)), port);
  }

  private static LabServer start(Trial trial, int which, int port) throws IOException {
    return trial.keep(
        LabServer.named(SERVERS.get(which))
            .at(ADDRESSES.get(which), port)
            .delay(trial.get(DELAY))
            .start());
  }

  private static Figures figures(List<Call> calls, long begun, long over) {
    List<Call> after = Calls.where(calls, call -> call.begun() >= over);
    List<Call> answered = Calls.where(calls, Call::ok);
    Figures figures =
        new Figures()
            .add("calls", calls.size(), "", "calls")
            .add(FAILED, Calls.failed(calls), "", "of them failed")
            .add("slowest", Calls.percentile(answered, 1), "ms", "slowest that was answered");
    for (String server : SERVERS) {
      figures.add(
          "share-" + server,
          100.0 * Calls.where(after, call -> kind(call).equals(server)).size() / after.size(),
          "%",
          "calls afterwards that the " + server + " server got");
    }
    for (String kind : KINDS) {
      figures.add(
          Series.of(
              kind,
              calls.stream()
                  .filter(call -> kind(call).equals(kind))
                  .map(call -> (call.begun() - begun) / 1e9)
                  .toList()));
    }
    return figures.note("errors", "errors", Calls.problems(calls));
  }

  private static String kind(Call call) {
    return call.ok() ? call.serverName() : FAILED;
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            !(figures.get(FAILED) <= figures.get("calls") * MAY_FAIL),
            "%s of %s calls failed".formatted(figures.shown(FAILED), figures.shown("calls")))
        .held(
            "%s calls failed of %s; afterwards the servers got %s, %s and %s"
                .formatted(
                    figures.shown(FAILED),
                    figures.shown("calls"),
                    figures.shown("share-first"),
                    figures.shown("share-second"),
                    figures.shown("share-third")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    List<Strip.Lane> lanes = Charts.lanes(results, KINDS);
    List<Double> downs = Charts.instants(results, DOWNS);
    var markers = new ArrayList<Chart.Marker>();
    for (int i = 0; i < downs.size(); i++) {
      markers.add(new Chart.Marker(downs.get(i), SERVERS.get(i) + " goes down"));
    }
    return List.of(
        new Strip(
            "Who answered",
            "Each mark is when a call began. After a line that server is down for "
                + DOWN.shown(scale)
                + ".",
            "seconds",
            KINDS,
            lanes,
            markers),
        new Bars(
            "Shares of calls afterwards",
            "A third each would be even. Longer is not better here.",
            "%",
            SERVERS.stream()
                .map(server -> Charts.bars("The " + server, results, "share-" + server))
                .toList()));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.exchange.Try",
        "wasStale",
        Mutation.Returns.NOTHING,
        "nothing is sent again when a connection ends before the answer");
  }
}
