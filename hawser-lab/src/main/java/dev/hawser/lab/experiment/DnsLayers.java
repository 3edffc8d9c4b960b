package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.DnsCache;
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
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xbill.DNS.Type;

/** Three names move; each has another layer between the record and the client that is stale. */
public final class DnsLayers implements Experiment {
  private static final Parameter<Duration> TTL =
      new Parameter<>("time to live of the records", ofSeconds(5), ofSeconds(10));
  private static final Parameter<Double> RATE =
      new Parameter<>("calls a second to each name", 10.0, 10.0);
  private static final Parameter<Duration> CHANGE =
      new Parameter<>("the records are changed after", ofSeconds(1), ofSeconds(2));
  private static final Parameter<Duration> GRACE =
      new Parameter<>(
          "after the last stale layer is mended, the old server still answers for",
          ofSeconds(2),
          ofSeconds(5));
  private static final Parameter<Duration> SILENCE =
      new Parameter<>("and is silent for", ofSeconds(3), ofSeconds(18));
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofSeconds(2), ofSeconds(2));

  private static final Duration UNTIL_ASKED = ofMillis(500);
  private static final double PATIENCE_SECONDS = 2;
  private static final String OLD_ADDRESS = "127.0.0.2";
  private static final String NEW_ADDRESS = "127.0.0.3";

  private static final String OLD = "answered by the old server";
  private static final String NEW = "answered by the new one";
  private static final String FAILED = "failed";
  private static final List<String> KINDS = List.of(OLD, NEW, FAILED);

  /**
   * What may stand between a record and a client, the nearest to the record first, and the name
   * that it is stale for. Looked up in this order, so that the client's own answer is the youngest.
   */
  private enum Layer {
    STUB("the stub resolver", "orders.lab.test"),
    HOSTS("the hosts file", "prices.lab.test"),
    CACHE("the client's own cache", "stock.lab.test");

    private final String says;
    private final String host;

    Layer(String says, String host) {
      this.says = says;
      this.host = host;
    }

    String key(String figure) {
      return figure + "-" + name().toLowerCase(Locale.ROOT);
    }

    /** Whether these words are about this layer. */
    boolean meant(String words, String stub) {
      String said = words.toLowerCase(Locale.ROOT);
      return switch (this) {
        case STUB -> said.contains(stub) && !said.contains("cache");
        case HOSTS -> said.contains("hosts");
        case CACHE -> said.contains("cache");
      };
    }
  }

  @Override
  public String id() {
    return "dns-layers";
  }

  @Override
  public String title() {
    return "A name has moved, and one layer of name resolution does not know";
  }

  @Override
  public String story() {
    return "Between a record and a client there are several places that remember: the machine's"
        + " hosts file, the resolver on the machine that all programs ask (a stub, for example"
        + " systemd-resolved), the JVM's cache. When a service has moved and calls still go to"
        + " the old machine, one of them is stale: somebody once wrote a line into the hosts"
        + " file, the stub has an answer with some life left, or the JVM keeps what it heard for"
        + " 30 seconds. All look the same from outside, and each is mended elsewhere. No client"
        + " can know better than it is told; but it could say who told it. Here three names"
        + " move, each with another layer that is stale, until its time to live is over or the"
        + " line is taken out; then the old machine is switched off. The servers keep no"
        + " connections, so that each call needs an address.";
  }

  @Override
  public String hypothesis() {
    return "For each name the client can say which layer has the old address, while others have"
        + " the new one; and once that layer is mended, no call goes to the old address.";
  }

  @Override
  public String rule() {
    return "each layer that is stale can be told from what the client says of the name when it is"
        + " asked, by whatever it has for that, or from what its failures say; the last call to"
        + " the old address came no later than %.0f s after the layer was mended; no call failed"
            .formatted(PATIENCE_SECONDS);
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TTL, RATE, CHANGE, GRACE, SILENCE, TIMEOUT);
  }

  @Override
  public Settings best(Scale scale) {
    return Settings.NONE.with(Limit.DNS, ofSeconds(1));
  }

  @Override
  public Duration takes(Scale scale) {
    return length(scale).plusSeconds(3);
  }

  private static Duration length(Scale scale) {
    return TTL.at(scale).plus(GRACE.at(scale)).plus(SILENCE.at(scale));
  }

  /** One name, the layer that is stale for it, and its two servers. */
  private record Move(Layer layer, LabServer old, LabServer fresh) {
    static Move prepare(Trial trial, Layer layer) throws IOException {
      LabServer old = trial.keep(LabServer.named("old").at(OLD_ADDRESS, 0).closing().start());
      LabServer fresh =
          trial.keep(LabServer.named("new").at(NEW_ADDRESS, old.port()).closing().start());
      return new Move(layer, old, fresh);
    }

    URI uri() {
      return old.uri(layer.host);
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    DnsServer upstream = trial.keep(DnsServer.start());
    DnsServer stub = trial.keep(DnsServer.start());
    DnsCache remembered = DnsCache.of(upstream);
    stub.onAll(remembered);
    var moves = new ArrayList<Move>();
    for (Layer layer : Layer.values()) {
      moves.add(Move.prepare(trial, layer));
    }
    point(trial, upstream, OLD_ADDRESS);
    Path hosts = trial.folder().resolve("hosts");
    write(hosts, OLD_ADDRESS + " " + Layer.HOSTS.host);

    ClientProcess client = trial.client(stub.address() + "," + upstream.address(), hosts);
    for (Move move : moves) {
      client.run(Task.get(Load.inTurn(1), move.uri()));
    }
    long known = System.nanoTime();
    var load = new Load.Paced(trial.get(RATE), length(trial.scale()));
    var running = new ArrayList<ClientProcess.Running>();
    for (Move move : moves) {
      running.add(client.begin(Task.get(load, move.uri()).timeout(trial.get(TIMEOUT))));
    }

    sleepUntil(known, trial.get(CHANGE));
    point(trial, upstream, NEW_ADDRESS);
    remembered.forget(Layer.HOSTS.host);
    remembered.forget(Layer.CACHE.host);
    long moved = System.nanoTime();
    Thread.sleep(UNTIL_ASKED);
    long asked = System.nanoTime();
    var told = new ArrayList<List<String>>();
    for (Move move : moves) {
      told.add(client.addressesBySource(move.layer().host));
    }
    sleepUntil(known, trial.get(TTL)); // the stub's answer and the client's are over now
    write(hosts, "");
    long mended = System.nanoTime();
    sleepUntil(mended, trial.get(GRACE));
    moves.forEach(move -> move.old().silent(true));

    var found = new ArrayList<Found>();
    for (int i = 0; i < moves.size(); i++) {
      found.add(new Found(moves.get(i), told.get(i), running.get(i).await()));
    }
    var who = new Addresses(stub.address(), upstream.address(), hosts);
    return figures(found, who, new Instants(moved, asked, mended));
  }

  /** As of {@link System#nanoTime()}. */
  private record Instants(long moved, long asked, long mended) {
    double sinceMoved(long at) {
      return (at - moved) / 1e9;
    }
  }

  /** What there is to say of a name when all is over. */
  private record Found(Move move, List<String> told, List<Call> calls) {
    Layer layer() {
      return move.layer();
    }

    /** Whether the client had the old address when it was asked: its own cache may be quick. */
    boolean stale(long asked) {
      return Calls.inOrder(calls).stream()
          .filter(call -> call.begun() >= asked)
          .findFirst()
          .filter(call -> kind(call).equals(OLD))
          .isPresent();
    }

    /**
     * Whether the stale layer can be told from what was said: somebody has the new address, and of
     * those who have the old one this layer is the nearest to the record. What asks it, such as a
     * cache in front of it, has the old one, too.
     */
    boolean named(String stub) {
      List<String> said =
          Stream.concat(told.stream(), calls.stream().map(Call::error)).distinct().toList();
      Optional<Layer> nearest =
          Arrays.stream(Layer.values())
              .filter(
                  layer ->
                      said.stream()
                          .anyMatch(
                              words -> words.contains(OLD_ADDRESS) && layer.meant(words, stub)))
              .findFirst();
      boolean otherwise = said.stream().anyMatch(words -> words.contains(NEW_ADDRESS));
      return otherwise && nearest.equals(Optional.of(layer()));
    }
  }

  private static Figures figures(List<Found> found, Addresses who, Instants instants) {
    List<Call> all = found.stream().flatMap(each -> each.calls().stream()).toList();
    List<Found> stale = found.stream().filter(each -> each.stale(instants.asked())).toList();
    int unnamed = stale.stream().mapToInt(each -> each.named(who.stub()) ? 0 : 1).sum();
    Figures figures =
        new Figures()
            .add("calls", all.size(), "", "calls")
            .add("failed", Calls.failed(all), "", "of them failed")
            .add("stale", stale.size(), "", "stale layers when the client was asked")
            .add("unnamed", unnamed, "", "of them, those that it cannot name")
            .add(
                "mended",
                instants.sinceMoved(instants.mended()),
                "s",
                "from the change until all was mended");
    found.forEach(each -> add(figures, each, instants));
    for (Found each : found) {
      figures.note(
          each.layer().key("said"),
          "asked while " + each.layer().says + " was stale",
          each.told().isEmpty()
              ? "nobody can be asked"
              : who.inWords(String.join("; ", each.told())));
    }
    return figures.note("errors", "errors", Calls.problems(all));
  }

  /** Who is who in what a client says: ports and folders differ from client to client. */
  private record Addresses(String stub, String upstream, Path hosts) {
    String inWords(String said) {
      return said.replace(stub, stub + ", the stub")
          .replace(upstream, upstream + ", its upstream")
          .replace(hosts.toString(), "…/hosts");
    }
  }

  private static void point(Trial trial, DnsServer upstream, String address) {
    for (Layer layer : Layer.values()) {
      upstream.set(layer.host, Type.A, trial.get(TTL).toSeconds(), address);
    }
  }

  /** By a new file in its place: never half written. */
  private static void write(Path hosts, String line) throws IOException {
    Path fresh = hosts.resolveSibling("hosts.new");
    Files.writeString(fresh, "127.0.0.1 localhost\n::1 localhost\n" + line + "\n");
    Files.move(fresh, hosts, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void sleepUntil(long since, Duration time) throws InterruptedException {
    Thread.sleep(time.minusNanos(System.nanoTime() - since));
  }

  private static void add(Figures figures, Found found, Instants instants) {
    Layer layer = found.layer();
    String where = ", where " + layer.says + " was stale";
    long lastOld = found.move().old().lastRequest().orElse(instants.moved());
    figures
        .add(
            layer.key("last-old"),
            Math.max(0, instants.sinceMoved(lastOld)),
            "s",
            "from the change to the last call that went to the old address" + where)
        .add(layer.key("failed"), Calls.failed(found.calls()), "", "calls that failed" + where);
    for (String kind : KINDS) {
      figures.add(
          Series.of(
              layer.key(kind),
              found.calls().stream()
                  .filter(call -> kind(call).equals(kind))
                  .map(call -> instants.sinceMoved(call.begun()))
                  .toList()));
    }
  }

  private static String kind(Call call) {
    return !call.ok() ? FAILED : call.serverName().equals("old") ? OLD : NEW;
  }

  @Override
  public Verdict verdict(Figures figures) {
    Verdict.Rule rule =
        Verdict.rule()
            .unless(
                figures.get("unnamed") > 0,
                "cannot name %s of %s stale layers"
                    .formatted(figures.shown("unnamed"), figures.shown("stale")));
    List<Layer> late =
        Arrays.stream(Layer.values())
            .filter(layer -> after(figures, layer) > PATIENCE_SECONDS)
            .toList();
    rule.unless(
        !late.isEmpty(),
        "called the old address for %.1f s more when these were mended: %s"
            .formatted(
                late.stream().mapToDouble(layer -> after(figures, layer)).max().orElse(0),
                late.stream().map(layer -> layer.says).collect(Collectors.joining(", "))));
    return rule.unless(figures.get("failed") > 0, figures.shown("failed") + " calls failed")
        .held(
            "named the "
                + figures.shown("stale")
                + " stale layers, and followed when they were mended; last calls to the old"
                + " address after "
                + String.join(
                    ", ",
                    Arrays.stream(Layer.values())
                        .map(layer -> figures.shown(layer.key("last-old")))
                        .toList()));
  }

  /** For how many seconds the old address was called when this layer was mended. */
  private static double after(Figures figures, Layer layer) {
    return figures.get(layer.key("last-old")) - figures.get("mended");
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return Arrays.stream(Layer.values()).map(layer -> chart(scale, layer, results)).toList();
  }

  private static Chart chart(Scale scale, Layer layer, List<Result> results) {
    double mended = TTL.at(scale).minus(CHANGE.at(scale)).toMillis() / 1e3;
    return new Strip(
        "Who calls whom, when " + layer.says + " is stale",
        "Each mark is when a call began. Until the layer is mended, the old address is all that"
            + " the client is told.",
        "seconds after the record was changed",
        KINDS,
        Charts.lanes(results, KINDS.stream().map(layer::key).toList()),
        List.of(
            new Chart.Marker(0, "record changed"),
            new Chart.Marker(mended, "mended"),
            new Chart.Marker(mended + GRACE.at(scale).toMillis() / 1e3, "old server silent")));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.dns.Layers", "ask", Mutation.Returns.NOTHING, "nobody asks the layers");
  }
}
