package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Ports;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.xbill.DNS.Type;

/** A name has two addresses; packets to the first of them vanish. */
public final class DeadAddress implements Experiment {
  private static final Parameter<Integer> NAMES = new Parameter<>("names", 3, 6);
  private static final Parameter<Double> RATE = new Parameter<>("calls a second to each", 5.0, 5.0);
  private static final Parameter<Duration> LENGTH =
      new Parameter<>("for", ofMillis(2_500), ofSeconds(6));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(2), ofSeconds(5));

  /** Six times the 250 ms that RFC 8305 has a client wait before it tries the next address. */
  private static final double FIRST_MILLIS = 1_500;

  /** Less than those 250 ms: who takes longer has tried the dead address again. */
  private static final double LATER_MILLIS = 200;

  private static final long LATER_NANOS = 1_000_000_000;
  private static final String DEAD = "127.0.0.2";
  private static final String GOOD = "127.0.0.3";
  private static final String TIMES = "slowest of the calls that began together";

  @Override
  public String id() {
    return "dead-address";
  }

  @Override
  public String title() {
    return "One of a name's two addresses is dead";
  }

  @Override
  public String story() {
    return "A service has two addresses, in two zones or as IPv6 and IPv4. One of them dies in the"
        + " worst way: nothing refuses, packets just vanish, as with a machine without"
        + " power, a wrong route or a firewall. The name still lists both, the dead one"
        + " first. A client that connects to the first address only is down, though half of"
        + " the service is well; one that tries them in turn waits each time until the"
        + " system or a long time-out gives up on the first. Here the servers keep no"
        + " connections, so each call has to connect.";
  }

  @Override
  public String hypothesis() {
    return "The first call finds the good address within a fraction of a second, and the next ones"
        + " do not try the dead one again.";
  }

  @Override
  public String rule() {
    return "no call failed; the first call to each name was answered within 1.5 s; of those that"
        + " began a second later or more, nine of ten within 200 ms";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(NAMES, RATE, LENGTH, TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.CONNECT, ofMillis(500));
  }

  @Override
  public Duration takes(Scale scale) {
    return LENGTH.at(scale).plus(TIMEOUT.at(scale)).plusSeconds(3);
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    DnsServer dns = trial.keep(DnsServer.start());
    var uris = new ArrayList<URI>();
    for (int i = 0; i < trial.get(NAMES); i++) {
      FaultServer good = trial.keep(Closing.start(GOOD));
      var dead = new InetSocketAddress(InetAddress.ofLiteral(DEAD), good.port());
      trial.keep(Ports.blackhole(dead));
      String name = "n" + i + ".lab.test";
      dns.set(name, Type.A, 300, DEAD, GOOD);
      uris.add(Closing.uri(name, good));
    }
    FaultServer well = trial.keep(Closing.start(GOOD));
    dns.set("well.lab.test", Type.A, 300, GOOD);
    ClientProcess client = trial.client(dns.address());
    client.run(Task.get(Load.inTurn(3), Closing.uri("well.lab.test", well))); // its code for names

    var running = new ArrayList<ClientProcess.Running>();
    for (URI uri : uris) {
      running.add(
          client.begin(
              Task.get(new Load.Paced(trial.get(RATE), trial.get(LENGTH)), uri)
                  .timeout(trial.get(TIMEOUT))));
    }
    var first = new ArrayList<Call>();
    var later = new ArrayList<Call>();
    var all = new ArrayList<Call>();
    for (ClientProcess.Running each : running) {
      List<Call> calls = Calls.inOrder(each.await());
      long begun = calls.getFirst().begun();
      first.add(calls.getFirst());
      later.addAll(Calls.where(calls, call -> call.begun() - begun >= LATER_NANOS));
      all.addAll(calls);
    }
    return new Figures()
        .add("calls", all.size(), "", "calls")
        .add("failed", Calls.failed(all), "", "of them failed")
        .add("first", Calls.percentile(first, 1), "ms", "slowest first call to a name")
        .add("later-median", Calls.percentile(later, 0.5), "ms", "calls a second later: p50")
        .add("later", Calls.percentile(later, 0.9), "ms", "calls a second later: p90")
        .add(times(all, trial.get(RATE)))
        .note("errors", "errors", Calls.problems(all));
  }

  private static Series times(List<Call> calls, double rate) {
    long begun = calls.stream().mapToLong(Call::begun).min().orElse(0);
    var slowest = new TreeMap<Long, Double>();
    for (Call call : calls) {
      long turn = Math.round((call.begun() - begun) / 1e9 * rate);
      slowest.merge(turn, call.millis(), Math::max);
    }
    return new Series(
        TIMES,
        slowest.entrySet().stream()
            .map(each -> new Point(each.getKey() / rate, each.getValue()))
            .toList());
  }

  @Override
  public Verdict verdict(Figures figures) {
    boolean answered = figures.get("failed") == 0; // else times are time-outs
    return Verdict.rule()
        .unless(
            !answered,
            "%s of %s calls failed".formatted(figures.shown("failed"), figures.shown("calls")))
        .unless(
            answered && figures.get("first") > FIRST_MILLIS,
            "the first call to a name took " + figures.shown("first"))
        .unless(
            answered && figures.get("later") > LATER_MILLIS,
            "did not remember which address is dead: later calls took "
                + figures.shown("later")
                + " (p90)")
        .held(
            "first calls took %s at most, later ones %s (p90)"
                .formatted(figures.shown("first"), figures.shown("later")));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return List.of(
        new Lines(
            "Calls in the order in which they began",
            "The slowest of the calls that began together, one to each name. Who remembers which"
                + " address is dead has its first calls slow and no others; "
                + TIMEOUT.shown(scale)
                + " and more is a call that failed.",
            "seconds",
            "ms",
            true,
            results.stream()
                .map(result -> result.figures().series(TIMES).named(result.subject().title()))
                .toList(),
            List.of()),
        new Bars(
            "How long calls took",
            "A new connection for each call.",
            "ms",
            List.of(
                Charts.bars("The slowest first call to a name", results, "first"),
                Charts.bars("A second later, nine of ten within", results, "later"))));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.connect.Penalties",
        "failed",
        Mutation.Returns.NOTHING,
        "nobody remembers which address was dead");
  }
}
