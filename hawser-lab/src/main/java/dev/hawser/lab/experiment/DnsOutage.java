package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.DnsFaults;
import dev.hawser.faults.DnsServer;
import dev.hawser.faults.FaultServer;
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
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Type;

/** The name server is out of order for a while; the services are well. */
public final class DnsOutage implements Experiment {
  private static final Parameter<Duration> TTL =
      new Parameter<>("time to live of the records", ofSeconds(1), ofSeconds(5));
  private static final Parameter<Double> RATE =
      new Parameter<>("calls a second to each name", 20.0, 15.0);
  private static final Parameter<Duration> BEFORE =
      new Parameter<>("time before", ofMillis(1_500), ofSeconds(3));
  private static final Parameter<Duration> OUTAGE =
      new Parameter<>("the name server fails for", ofMillis(3_500), ofSeconds(45));
  private static final Parameter<Duration> AFTER =
      new Parameter<>("time afterwards", ofMillis(1_500), ofSeconds(12));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(2), ofSeconds(2));

  private static final String ANSWERED = "answered";
  private static final String FAILED = "failed";
  private static final List<String> KINDS = List.of(ANSWERED, FAILED);

  /** How the server fails. */
  private enum Way {
    SERVFAIL("says SERVFAIL"),
    SILENCE("is silent");

    private final String says;

    Way(String says) {
      this.says = says;
    }

    String key(String figure) {
      return figure + "-" + name().toLowerCase(Locale.ROOT);
    }

    String host() {
      return name().toLowerCase(Locale.ROOT) + ".lab.test";
    }

    void begin(DnsServer dns) {
      dns.on(
          host(),
          switch (this) {
            case SERVFAIL -> DnsFaults.rcode(Rcode.SERVFAIL);
            case SILENCE -> DnsFaults.silence();
          });
    }
  }

  @Override
  public String id() {
    return "dns-outage";
  }

  @Override
  public String title() {
    return "The name server is down, the services are well";
  }

  @Override
  public String story() {
    return "Every service depends on the name server, and few think of it. When it fails, all"
        + " services are still where they were, and yet calls fail: the last answer may be"
        + " used no longer than its time to live says, and there is no new one. With a"
        + " short time to live, which is what makes moving quick, a hiccup of the name"
        + " server is at once an outage of everything. RFC 8767 says what to do: use"
        + " the old answer while nobody gives a new one. The JVM's cache keeps answers for 30"
        + " seconds whatever their time to live, which hides a short outage (and moves, too:"
        + " see stale-dns) and not a longer one; failures it keeps for 10 seconds. Here the"
        + " servers keep no connections, so that each call needs an address.";
  }

  @Override
  public String hypothesis() {
    return "No call fails, nor waits for its time-out, since the addresses were known.";
  }

  @Override
  public String rule() {
    return "no call failed, neither while the name server failed nor before or afterwards";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TTL, RATE, BEFORE, OUTAGE, AFTER, TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.STALE_DNS, OUTAGE.at(scale).multipliedBy(10));
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plusSeconds(3);
  }

  private static Duration length(Scale scale) {
    return BEFORE.at(scale).plus(OUTAGE.at(scale)).plus(AFTER.at(scale));
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    DnsServer dns = trial.keep(DnsServer.start());
    FaultServer server = trial.keep(Closing.start("127.0.0.3"));
    for (Way way : Way.values()) {
      dns.set(way.host(), Type.A, trial.get(TTL).toSeconds(), "127.0.0.3");
    }
    ClientProcess client = trial.client(dns.address());
    Duration length = trial.get(BEFORE).plus(trial.get(OUTAGE)).plus(trial.get(AFTER));
    for (Way way : Way.values()) { // all know where the service is, however slow the machine
      client.run(Task.get(Load.inTurn(2), Closing.uri(way.host(), server)));
    }

    var load = new Load.Paced(trial.get(RATE), length);
    var running = new EnumMap<Way, ClientProcess.Running>(Way.class);
    for (Way way : Way.values()) {
      running.put(
          way,
          client.begin(
              Task.get(load, Closing.uri(way.host(), server)).timeout(trial.get(TIMEOUT))));
    }
    Thread.sleep(trial.get(BEFORE));
    Arrays.stream(Way.values()).forEach(way -> way.begin(dns));
    long failing = System.nanoTime();
    Thread.sleep(trial.get(OUTAGE));
    Arrays.stream(Way.values()).forEach(way -> dns.heal(way.host()));
    long healed = System.nanoTime();

    var all = new ArrayList<Call>();
    for (ClientProcess.Running each : running.values()) {
      all.addAll(each.await());
    }
    Figures figures =
        new Figures()
            .add("calls", all.size(), "", "calls")
            .add("failed", Calls.failed(all), "", "of them failed");
    running.forEach((way, each) -> add(figures, way, each.soFar(), failing, healed));
    return figures;
  }

  private static void add(Figures figures, Way way, List<Call> calls, long failing, long healed) {
    List<Call> during =
        Calls.where(calls, call -> call.begun() >= failing && call.begun() < healed);
    List<Call> after = Calls.where(calls, call -> call.begun() >= healed);
    String where = ", where it " + way.says;
    figures
        .add(way.key("failed"), Calls.failed(calls), "", "calls that failed" + where)
        .add(way.key("after-failed"), Calls.failed(after), "", "failed when all was well" + where)
        .add(way.key("p99"), Calls.percentile(during, 0.99), "ms", "p99 in the outage" + where)
        .note(way.key("error"), "errors" + where, Calls.problems(calls));
    for (String kind : KINDS) {
      figures.add(
          Series.of(
              way.key(kind),
              calls.stream()
                  .filter(call -> call.ok() == kind.equals(ANSWERED))
                  .map(call -> (call.begun() - failing) / 1e9)
                  .toList()));
    }
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            figures.get("failed") > 0,
            "%s of %s calls failed, %s with SERVFAIL and %s with silence"
                .formatted(
                    figures.shown("failed"),
                    figures.shown("calls"),
                    figures.shown(Way.SERVFAIL.key("failed")),
                    figures.shown(Way.SILENCE.key("failed"))))
        .held(
            "no call failed; p99 in the outage %s with SERVFAIL, %s with silence"
                .formatted(
                    figures.shown(Way.SERVFAIL.key("p99")), figures.shown(Way.SILENCE.key("p99"))));
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return Arrays.stream(Way.values()).map(way -> chart(scale, way, results)).toList();
  }

  private static Chart chart(Scale scale, Way way, List<Result> results) {
    List<Strip.Lane> lanes =
        Charts.lanes(results, KINDS.stream().map(kind -> way.key(kind)).toList());
    return new Strip(
        "Calls while the name server " + way.says,
        "Each mark is when a call began. Who fails at once had only the answer's own time, "
            + TTL.shown(scale)
            + "; who fails after 30 s the JVM's.",
        "seconds after the name server began to fail",
        KINDS,
        lanes,
        List.of(
            new Chart.Marker(0, "name server fails"),
            new Chart.Marker(OUTAGE.at(scale).toMillis() / 1e3, "well again")));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.dns.Entry$State",
        "stale",
        Mutation.Returns.NOTHING,
        "an answer past its end is never used");
  }
}
