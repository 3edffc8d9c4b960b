package dev.hawser.lab.experiment;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

import dev.hawser.faults.FaultProxy;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Peer;
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
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToDoubleFunction;

/** Answers that come slowly, in part, or not at all, to callers that have a time-out. */
public final class SlowPeer implements Experiment {
  private static final Parameter<Duration> TIMEOUT =
      new Parameter<>("time-out of a call", ofMillis(1_500), ofSeconds(3));
  private static final Parameter<Integer> CALLS =
      new Parameter<>("calls at once to each server", 4, 20);
  private static final Parameter<Duration> DRIP =
      new Parameter<>("a byte that drips comes each", ofMillis(200), ofMillis(200));

  private static final int WARM = 1; // calls, and connections, to each peer while it is well
  private static final Duration CLOSING = ofMillis(500); // a little after the callers know

  /** A second is what a client may need that has just been told no; and one for the machine. */
  private static final double AGAIN_SECONDS = 2;

  private static final Load AFTERWARDS = new Load.Paced(20, ofMillis(2_500));

  private static final String ANSWER = "HTTP/1.1 200 OK\r\nX-Lab: slow/1\r\n";
  private static final String BODY = "x".repeat(1_000);

  /** What a peer can do to a caller who waits. */
  private enum Way {
    SILENT("no answer comes") {
      @Override
      void answer(Peer peer, Duration drip) throws IOException {
        peer.stall();
      }
    },
    HEAD("the answer's head drips") {
      @Override
      void answer(Peer peer, Duration drip) throws IOException {
        peer.send(ANSWER + "X-Slow: ");
        peer.sendSlowly(BODY, drip);
      }
    },
    BODY_DRIPS("the body drips") {
      @Override
      void answer(Peer peer, Duration drip) throws IOException {
        peer.send(ANSWER + "Content-Length: " + BODY.length() + "\r\n\r\n");
        peer.sendSlowly(BODY, drip);
      }
    },
    BODY_STOPS("the body stops half-way") {
      @Override
      void answer(Peer peer, Duration drip) throws IOException {
        peer.send(ANSWER + "Content-Length: " + BODY.length() + "\r\n\r\n");
        peer.send(BODY.substring(500));
        peer.stall();
      }
    },
    CABLE("the cable is pulled") {
      @Override
      void answer(Peer peer, Duration drip) throws IOException {
        peer.ok("hi"); // it is well, but out of reach
      }
    };

    private final String says;

    Way(String says) {
      this.says = says;
    }

    abstract void answer(Peer peer, Duration drip) throws IOException;

    String key(String figure) {
      return figure + "-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Override
  public String id() {
    return "slow-peer";
  }

  @Override
  public String title() {
    return "Answers drip, stop half-way or never come";
  }

  @Override
  public String story() {
    return "A caller says how long it can wait, and believes that it will know by then. But what"
        + " clients call a time-out of a request differs: until the head of the answer has"
        + " come, or between two bytes, or all of it. A server that is overloaded, stuck or"
        + " hostile sends a byte now and then, or half of a body; a machine that loses its"
        + " power or its cable sends nothing, not even that it has gone. Where the time-out"
        + " does not cover that, the caller waits for as long as the peer likes, and with it"
        + " a thread, a connection and whoever called the caller.";
  }

  @Override
  public String hypothesis() {
    return "Whatever the peer does, the caller has an error when its time-out is over, the"
        + " connection is closed, and the next call is answered as soon as the peer is well.";
  }

  @Override
  public String rule() {
    return "no call was without an answer and an error a second after its time-out; no connection"
        + " was open half a second after that; each peer, well again, answered a call within"
        + " two seconds";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(TIMEOUT, CALLS, DRIP);
  }

  /** All are given the time-out that they have for a call; they have no better option. */
  @Override
  public Settings best(Scale scale) {
    return Settings.NONE;
  }

  @Override
  public Duration takes(Scale scale) {
    return TIMEOUT.at(scale).plus(CLOSING).plusSeconds(5);
  }

  /** A peer, which can become well, behind a cable that can be pulled. */
  private record Slow(Way way, FaultServer server, FaultProxy cable, AtomicBoolean well) {
    static Slow start(Trial trial, Way way) throws IOException {
      var well = new AtomicBoolean(true);
      Duration drip = trial.get(DRIP);
      FaultServer server = trial.keep(FaultServer.start(peer -> serve(peer, way, drip, well)));
      return new Slow(way, server, trial.keep(FaultProxy.before(server.address())), well);
    }

    private static void serve(Peer peer, Way way, Duration drip, AtomicBoolean well)
        throws IOException {
      while (true) {
        peer.readRequest();
        if (well.get()) {
          peer.ok("hi");
        } else {
          way.answer(peer, drip);
        }
      }
    }

    /** The cable's end only where it is pulled: it would keep bytes for who has gone. */
    URI uri() {
      return way == Way.CABLE
          ? URI.create("http://127.0.0.1:" + cable.port() + "/")
          : server.uri("/");
    }

    /** Of those that were there when it was ill: what is new behind the cable is well. */
    int left() {
      return way == Way.CABLE
          ? Math.max(0, cable.open() - (cable.connections() - WARM))
          : server.open();
    }

    void fallIll() throws IOException {
      well.set(false);
      if (way == Way.CABLE) {
        cable.unplug();
      }
    }

    void heal() throws IOException {
      well.set(true);
      if (way == Way.CABLE) {
        cable.restore();
      }
    }
  }

  @Override
  public Figures run(Trial trial) throws IOException, InterruptedException {
    var peers = new ArrayList<Slow>();
    for (Way way : Way.values()) {
      peers.add(Slow.start(trial, way));
    }
    ClientProcess client = trial.client();
    URI[] uris = peers.stream().map(Slow::uri).toArray(URI[]::new);
    client.run(Task.get(Load.inTurn(WARM * uris.length), uris)); // a connection, which goes bad

    var running = new ArrayList<ClientProcess.Running>();
    for (Slow peer : peers) {
      peer.fallIll();
    }
    for (Slow peer : peers) {
      running.add(
          client.begin(
              Task.get(Load.atOnce(trial.get(CALLS)), peer.uri()).timeout(trial.get(TIMEOUT))));
    }
    var slow = new ArrayList<List<Call>>();
    for (ClientProcess.Running each : running) {
      slow.add(each.await());
    }
    Thread.sleep(CLOSING);
    for (Slow peer : peers) {
      peer.heal(); // through the cable comes what the client has closed meanwhile
    }
    Thread.sleep(CLOSING);
    List<Integer> left = peers.stream().map(Slow::left).toList();
    long well = System.nanoTime();
    List<Call> afterwards = client.run(Task.get(AFTERWARDS, uris).timeout(trial.get(TIMEOUT)));
    return figures(slow, left)
        .add(
            "again",
            again(afterwards, well),
            "s",
            "from the first call to peers that are well until each has answered one")
        .note("error-afterwards", "errors when the peers were well", Calls.problems(afterwards));
  }

  /** NaN if one of them has not answered. */
  private static double again(List<Call> calls, long well) {
    double last = 0;
    for (int i = 0; i < Way.values().length; i++) {
      int target = i;
      double first =
          calls.stream()
              .filter(call -> call.ok() && call.target() == target)
              .mapToDouble(call -> (call.ended() - well) / 1e9)
              .min()
              .orElse(Double.NaN);
      last = Math.max(last, first); // which is NaN if either is
    }
    return last;
  }

  private static Figures figures(List<List<Call>> slow, List<Integer> left) {
    var figures = new Figures();
    List<Call> all = slow.stream().flatMap(List::stream).toList();
    figures
        .add("calls", all.size(), "", "calls")
        .add("hung", Calls.hung(all), "", "of them without answer and error a second too late")
        .add("left", left.stream().mapToInt(Integer::intValue).sum(), "", "connections left open");
    for (int i = 0; i < slow.size(); i++) {
      Way way = Way.values()[i];
      List<Call> calls = slow.get(i);
      figures
          .add(way.key("known"), Calls.percentile(calls, 1), "ms", "the last knew: " + way.says)
          .add(way.key("hung"), Calls.hung(calls), "", "hung: " + way.says)
          .add(way.key("left"), left.get(i), "", "connections left: " + way.says)
          .note(way.key("error"), way.says, Calls.problems(calls));
    }
    return figures;
  }

  @Override
  public Verdict verdict(Figures figures) {
    return Verdict.rule()
        .unless(
            figures.get("hung") > 0,
            "%s calls still waited a second after their time-out (%s)"
                .formatted(figures.shown("hung"), where(figures, "hung")))
        .unless(
            figures.get("left") > 0,
            "%s connections stayed open (%s)"
                .formatted(figures.shown("left"), where(figures, "left")))
        .unless(
            !(figures.get("again") <= AGAIN_SECONDS),
            "peers that were well again did not answer for " + figures.shown("again"))
        .held(
            "all %s callers knew within %.0f ms, nothing was left, and all answered again after %s"
                .formatted(figures.shown("calls"), latest(figures), figures.shown("again")));
  }

  private static String where(Figures figures, String figure) {
    return String.join(
        ", ",
        Arrays.stream(Way.values())
            .filter(way -> figures.get(way.key(figure)) > 0)
            .map(way -> way.says)
            .toList());
  }

  private static double latest(Figures figures) {
    ToDoubleFunction<Way> known = way -> figures.get(way.key("known"));
    return Arrays.stream(Way.values()).mapToDouble(known).max().orElse(Double.NaN);
  }

  @Override
  public List<Chart> charts(Scale scale, List<Result> results) {
    return List.of(
        new Bars(
            "When the last caller knew",
            "Callers had a time-out of %s. A second after it the lab gave up: such a caller would"
                    .formatted(TIMEOUT.shown(scale))
                + " wait on.",
            "ms",
            Arrays.stream(Way.values())
                .map(way -> Charts.bars(way.says, results, way.key("known")))
                .toList()));
  }

  @Override
  public Mutation mutation() {
    return new Mutation(
        "dev.hawser.io.Watchdog",
        "expireDue",
        Mutation.Returns.NOTHING,
        "no deadline of a socket ever ends anything");
  }
}
