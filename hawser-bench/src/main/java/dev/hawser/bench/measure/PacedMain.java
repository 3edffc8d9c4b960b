package dev.hawser.bench.measure;

import com.fasterxml.jackson.jr.ob.JSON;
import dev.hawser.bench.peer.Peer;
import dev.hawser.bench.peer.Peers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The process of one client under a steady load: so many calls a second, each at its time whatever
 * became of those before. Says {@link #READY} when it begins, and ends with one line of JSON on
 * standard output.
 */
public final class PacedMain {
  /** The first call has been answered: classes are loaded. */
  public static final String READY = "READY";

  /** Who waits longer has gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** One call; {@code ended} is 0 while it has not. */
  private static final class Call implements Peer.Answer {
    private final long at = System.currentTimeMillis(); // for comparison with other processes
    private final long begun = System.nanoTime();
    private volatile long ended;
    private volatile @Nullable String failure;

    @Override
    public void done(int status, byte[] body) {
      failure = status == 200 ? null : "status " + status;
      ended = System.nanoTime();
    }

    @Override
    public void failed(Throwable cause) {
      failure = cause.toString();
      ended = System.nanoTime();
    }

    boolean answered() {
      return ended != 0 && failure == null && ended - begun <= PATIENCE.toNanos();
    }

    String problem() {
      String why = failure;
      return why != null ? why : "no answer in " + PATIENCE.toSeconds() + " s";
    }
  }

  private PacedMain() {}

  public static void main(String[] args) throws Exception {
    PeerMain.dieWithParent();
    Map<String, String> options = PeerMain.options(args);
    var target = new Peer.Target(URI.create(PeerMain.option(options, "uri")), 64, false);
    Peer peer = Peers.open(PeerMain.option(options, "client"), target);
    long period = 1_000_000_000L / Long.parseLong(PeerMain.option(options, "rate"));
    Duration duration = PeerMain.millis(options, "duration");

    var first = new Call();
    Thread.ofVirtual().start(() -> call(peer, first));
    while (first.ended == 0) {
      LockSupport.parkNanos(1_000_000);
    }
    System.out.println(READY);
    List<Call> calls = run(peer, period, duration);
    LockSupport.parkNanos(PATIENCE.toNanos());
    System.out.println(JSON.std.asString(report(calls)));
    System.out.flush();
    Runtime.getRuntime().halt(0); // with calls that hang
  }

  private static List<Call> run(Peer peer, long period, Duration duration) {
    var calls = new ArrayList<Call>();
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    long next = System.nanoTime();
    long end = next + duration.toNanos();
    while (next < end) {
      var call = new Call();
      calls.add(call);
      threads.execute(() -> call(peer, call));
      next += period;
      while (System.nanoTime() < next) {
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
    return calls;
  }

  private static void call(Peer peer, Call call) {
    switch (peer) {
      case Peer.Async async -> async.get(call);
      case Peer.Blocking blocking -> {
        try {
          call.done(200, blocking.get());
        } catch (Exception e) {
          call.failed(e);
        }
      }
    }
  }

  /** Instants are as of {@link System#currentTimeMillis()}. */
  private static Map<String, Object> report(List<Call> calls) {
    List<Call> failed = calls.stream().filter(call -> !call.answered()).toList();
    var report = new LinkedHashMap<String, Object>();
    report.put("requests", calls.size());
    report.put("failed", failed.size());
    if (!failed.isEmpty()) {
      report.put("firstFailure", failed.getFirst().at);
      report.put("lastFailure", failed.getLast().at);
      report.put("problem", failed.getFirst().problem());
    }
    report.put(
        "slowestMillis",
        calls.stream()
                .filter(Call::answered)
                .mapToLong(call -> call.ended - call.begun)
                .max()
                .orElse(0)
            / 1e6);
    return report;
  }
}
