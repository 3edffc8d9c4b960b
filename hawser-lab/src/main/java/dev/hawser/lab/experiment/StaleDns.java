package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.DnsServer;
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
import dev.hawser.lab.report.Chart;
import dev.hawser.lab.report.Strip;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.xbill.DNS.Type;

/** A name gets another address under load, and the machine at the old one is switched off. */
public final class StaleDns implements Experiment {
  private static final Parameter<List<Duration>> TTLS =
      new Parameter<>(
          "time to live of the record",
          List.of(ofSeconds(1)),
          List.of(ofSeconds(0), ofSeconds(5), ofSeconds(60)));
  private static final Parameter<Double> RATE = new Parameter<>("calls a second", 40.0, 20.0);
  private static final Parameter<Duration> CHANGE =
      new Parameter<>("the record is changed after", ofMillis(1_500), ofSeconds(3));
  private static final Parameter<Duration> GRACE =
      new Parameter<>(
          "after the change and the time to live, the old server still answers for",
          ofSeconds(2),
          ofSeconds(2));
  private static final Parameter<Duration> SILENCE =
      new Parameter<>("and is silent for", ofMillis(2_500), ofSeconds(5));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(2), ofSeconds(2));

  private static final String OLD = "answered by the old server";
  private static final String NEW = "answered by the new one";
  private static final String FAILED = "failed";
  private static final List<String> KINDS = List.of(OLD, NEW, FAILED);

  @Override
  public String id() {
    return "stale-dns";
  }

  @Override
  public String title() {
    return "A name moves to another address";
  }

  @Override
  public String story() {
    return "A service moves: its name gets a new address, and for some time both servers answer, so"
        + " that everybody can follow. Each DNS answer says for how long it may be used, its"
        + " time to live. But the JVM remembers answers for 30 seconds whatever they say,"
        + " and a client with a busy connection does not ask again at all: its connection"
        + " stays with the old address for as long as there are calls. When the old machine"
        + " is switched off, those calls wait for an answer that does not come.";
  }

  @Override
  public String hypothesis() {
    return "Once the time to live is over, no call goes to the old address, however busy the"
        + " connections to it are.";
  }

  @Override
  public String rule() {
    return "no call failed, and the last call to the old address came within the time to live and"
        + " two seconds after the change";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TTLS, RATE, CHANGE, GRACE, SILENCE, TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.DNS, ofSeconds(1)).with(Limit.AGE, ofSeconds(1));
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plusSeconds(3);
  }

  private static Duration length(Scale scale) {
    Duration longest = TTLS.at(scale).getLast();
    return CHANGE.at(scale).plus(longest).plus(GRACE.at(scale)).plus(SILENCE.at(scale));
  }

  /** One name, its two servers, and what becomes of it. */
  private record Move(Duration ttl, String name, LabServer old, LabServer fresh) {
    static Move prepare(Trial trial, DnsServer dns, Duration ttl) throws IOException {
      LabServer old = trial.keep(LabServer.named("old").at("127.0.0.2", 0).start());
      LabServer fresh = trial.keep(LabServer.named("new").at("127.0.0.3", old.port()).start());
      var move = new Move(ttl, "ttl" + ttl.toSeconds() + ".lab.test", old, fresh);
      dns.set(move.name(), Type.A, ttl.toSeconds(), "127.0.0.2");
      return move;
    }

    String key(String figure) {
      return figure + "-ttl" + ttl.toSeconds();
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    DnsServer dns = trial.keep(DnsServer.start());
    var moves = new ArrayList<Move>();
    for (Duration ttl : trial.get(TTLS)) {
      moves.add(Move.prepare(trial, dns, ttl));
    }
    ClientProcess client = trial.client(dns.address());
    var running = new ArrayList<ClientProcess.Running>();
    for (Move move : moves) {
      running.add(client.begin(task(trial, move)));
    }
    Thread.sleep(trial.get(CHANGE));
    for (Move move : moves) {
      dns.set(move.name(), Type.A, move.ttl().toSeconds(), "127.0.0.3");
    }
    long changed = System.nanoTime();
    for (Move move : moves) { // the shortest time to live first
      Duration until = move.ttl().plus(trial.get(GRACE));
      Thread.sleep(until.minusNanos(System.nanoTime() - changed));
      move.old().silent(true);
    }
    var figures = new Figures();
    var all = new ArrayList<Call>();
    for (int i = 0; i < moves.size(); i++) {
      List<Call> calls = running.get(i).await();
      all.addAll(calls);
      add(figures, moves.get(i), calls, changed);
    }
    return figures.note("errors", "errors", Calls.problems(all));
  }

  private static Task task(Trial trial, Move move) {
    Duration length =
        trial
            .get(CHANGE)
            .plus(trial.get(TTLS).getLast())
            .plus(trial.get(GRACE))
            .plus(trial.get(SILENCE));
    return Task.get(new Load.Paced(trial.get(RATE), length), move.old().uri(move.name()))
        .timeout(trial.get(TIMEOUT));
  }

  private static void add(Figures figures, Move move, List<Call> calls, long changed) {
    String ttl = ", TTL " + move.ttl().toSeconds() + " s";
    long lastOld = move.old().lastRequest().orElse(changed);
    figures
        .add(move.key("calls"), calls.size(), "", "calls" + ttl)
        .add(
            move.key("failed"),
            Calls.failed(Calls.where(calls, call -> call.begun() > changed)),
            "",
            "calls after the change that failed" + ttl)
        .add(
            move.key("last-old"),
            Math.max(0, (lastOld - changed) / 1e9),
            "s",
            "from the change to the last call that went to the old address" + ttl)
        .add(
            move.key("slowest"),
            Calls.percentile(Calls.where(calls, Call::ok), 1),
            "ms",
            "slowest call that was answered" + ttl);
    for (String kind : KINDS) {
      figures.add(
          Series.of(
              move.key(kind),
              calls.stream()
                  .filter(call -> kind(call).equals(kind))
                  .map(call -> (call.begun() - changed) / 1e9)
                  .toList()));
    }
  }

  private static String kind(Call call) {
    return !call.ok() ? FAILED : call.serverName().equals("old") ? OLD : NEW;
  }

  @Override
  public Verdict verdict(Figures figures) {
    Verdict.Rule rule = Verdict.rule();
    var moved = new ArrayList<String>();
    figures.values().stream()
        .filter(figure -> figure.name().startsWith("last-old-ttl"))
        .forEach(
            lastOld -> {
              String ttl = lastOld.name().substring("last-old-ttl".length());
              String with = " with a TTL of " + ttl + " s";
              rule.unless(
                  lastOld.value() > Double.parseDouble(ttl) + 2,
                  "called the old address for " + lastOld.shown() + " after the change" + with);
              rule.unless(
                  figures.get("failed-ttl" + ttl) > 0,
                  figures.shown("failed-ttl" + ttl) + " calls failed" + with);
              moved.add(lastOld.shown() + with);
            });
    return rule.held("followed the name after " + String.join(", ", moved));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return TTLS.at(scale).stream().map(ttl -> chart(scale, ttl, results)).toList();
  }

  private static Chart chart(Scale scale, Duration ttl, List<Result> results) {
    String suffix = "-ttl" + ttl.toSeconds();
    List<Strip.Lane> lanes =
        Charts.lanes(results, KINDS.stream().map(kind -> kind + suffix).toList());
    double silent = ttl.plus(GRACE.at(scale)).toMillis() / 1e3;
    return new Strip(
        "Who calls whom, with a time to live of " + ttl.toSeconds() + " s",
        "Each mark is when a call began. At 0 the record is changed; when the old server falls"
            + " silent, calls to it fail.",
        "seconds after the record was changed",
        KINDS,
        lanes,
        List.of(
            new Chart.Marker(0, "record changed"), new Chart.Marker(silent, "old server silent")));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.pool.Upkeep",
        "moved",
        Mutation.Returns.NOTHING,
        "the pool does not hear that a name has moved");
  }
}
