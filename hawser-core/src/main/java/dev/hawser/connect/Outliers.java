package dev.hawser.connect;

import dev.hawser.ClientSnapshot;
import dev.hawser.EjectionOptions;
import dev.hawser.connect.Endpoint.State;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which of one host's addresses fail while the others do not:
 *
 * <pre>
 *         clearly worse than the others           time is up, or too many fail
 *   IN ──────────────────────────────────▶ OUT ─────────────────────────────────▶ IN
 *    │                                                                             ▲
 *    └─ the same, but no more may be out ▶ FAILING ────────────────────────────────┘
 * </pre>
 *
 * <p>Clearly worse is who fails so many times in a row, or in too large a share of the last window,
 * and with more than twice the share of the others that are in: what fails everywhere is the host's
 * trouble. When too many are out or failing, all are in, and none goes for a while.
 *
 * <p>Time is monotonic and comes as an argument. One short lock; what has been decided is told
 * outside it.
 */
final class Outliers {
  /** How many times the others' share of failures is clearly worse. */
  private static final double CLEARLY = 2;

  /** What has been decided. */
  sealed interface Verdict {
    /** An address is out until then. */
    record Out(InetAddress address, long length, long until, String reason) implements Verdict {}

    /**
     * Addresses are in again.
     *
     * @param present how many the name has
     */
    record Back(List<InetAddress> addresses, int present, String reason) implements Verdict {}
  }

  private final EjectionOptions options;
  private final Consumer<Verdict> listener;
  private final long half; // of the window, nanoseconds
  private volatile boolean several; // addresses; by present
  private volatile long usedAt; // by present

  // All below: guarded by this.
  private final Map<InetAddress, Endpoint> endpoints = new HashMap<>();
  private final Tally all = new Tally(); // of those that are in
  private int present;
  private long nextEnd = Ticker.NEVER; // of those that are not in, or earlier
  private long calmUntil; // none goes before
  private long ejections;

  Outliers(EjectionOptions options, Consumer<Verdict> listener) {
    this.options = options;
    this.listener = listener;
    this.half = Math.max(1, options.window().toNanos() / 2);
  }

  boolean several() {
    return several;
  }

  long usedAt() {
    return usedAt;
  }

  // ---- the addresses

  /** The name has these addresses now. */
  void present(Collection<InetAddress> addresses, long now) {
    usedAt = now;
    tell(follow(Set.copyOf(addresses), now));
  }

  private synchronized Verdict.@Nullable Back follow(Set<InetAddress> addresses, long now) {
    for (Endpoint endpoint : endpoints.values()) {
      if (endpoint.present && !addresses.contains(endpoint.address)) {
        endpoint.present = false;
        forget(endpoint);
      }
    }
    for (InetAddress address : addresses) {
      Endpoint endpoint = endpoints.computeIfAbsent(address, key -> new Endpoint(key, this));
      endpoint.present = true;
    }
    present = addresses.size();
    several = present > 1;
    endpoints.values().removeIf(endpoint -> !endpoint.present && endpoint.state == State.IN);
    var back = new ArrayList<Endpoint>();
    while (count(Outliers::isOut) > mostOut()) { // there are fewer than when they went
      Endpoint next =
          endpoints.values().stream()
              .filter(Outliers::isOut)
              .min(Comparator.comparingLong(endpoint -> endpoint.until))
              .orElseThrow();
      comeBack(next, 0, now);
      back.add(next);
    }
    return back(back, "the host has fewer addresses");
  }

  synchronized @Nullable Endpoint find(InetAddress address) {
    return endpoints.get(address);
  }

  /** The same, those that are out last. */
  synchronized List<InetSocketAddress> outLast(List<InetSocketAddress> addresses) {
    if (nextEnd == Ticker.NEVER) {
      return addresses;
    }
    var ordered = new ArrayList<>(addresses);
    ordered.sort(Comparator.comparing(address -> isOut(endpoints.get(address.getAddress()))));
    return ordered;
  }

  private static boolean isOut(@Nullable Endpoint endpoint) {
    return endpoint != null && endpoint.present && endpoint.state == State.OUT;
  }

  // ---- what is heard of them

  /** A call that was begun at {@code begun} has gone well, or not. */
  void hear(Endpoint endpoint, boolean well, long begun, long now) {
    tell(heard(endpoint, well, begun, now));
  }

  private synchronized @Nullable Verdict heard(
      Endpoint endpoint, boolean well, long begun, long now) {
    if (!endpoint.present || endpoint.state != State.IN || begun < endpoint.since) {
      return null;
    }
    all.count(well, now / half);
    endpoint.tally.count(well, all.half());
    if (well) {
      endpoint.inARow = 0;
      return null;
    }
    endpoint.inARow = endpoint.inARow == Integer.MAX_VALUE ? endpoint.inARow : endpoint.inARow + 1;
    String reason = now < calmUntil ? null : reason(endpoint);
    return reason == null ? null : judge(endpoint, reason, now);
  }

  /** Why it is to go; null: it is not clearly worse than the others. */
  private @Nullable String reason(Endpoint endpoint) {
    long calls = endpoint.tally.calls();
    long failures = endpoint.tally.failures();
    boolean row = endpoint.inARow >= options.failuresInARow();
    boolean share = calls >= options.minCalls() && failures > options.failureShare() * calls;
    long otherCalls = all.calls() - calls;
    long otherFailures = all.failures() - failures;
    boolean worse =
        otherCalls <= 0 || failures * (double) otherCalls > CLEARLY * otherFailures * calls;
    if (row && worse) {
      return endpoint.inARow + " failures in a row";
    }
    return share && worse && otherCalls >= options.minCalls()
        ? "%d failures of %d calls, where the others have %d of %d"
            .formatted(failures, calls, otherFailures, otherCalls)
        : null;
  }

  private @Nullable Verdict judge(Endpoint endpoint, String reason, long now) {
    long failing = 1 + count(other -> other.present && other.state != State.IN);
    if (failing > options.panicShare() * present) {
      return panic(failing, now);
    }
    long quiet = Math.max(0, now - endpoint.since) / options.window().toNanos();
    endpoint.times = (int) Math.min(Math.max(0, endpoint.times - quiet) + 1, 1_000);
    long length = length(endpoint.times);
    boolean full = count(Outliers::isOut) >= mostOut();
    forget(endpoint);
    endpoint.state = full ? State.FAILING : State.OUT;
    endpoint.until = Ticker.after(now, length);
    endpoint.why = reason;
    nextEnd = Math.min(nextEnd, endpoint.until);
    if (full) {
      return null;
    }
    ejections++;
    return new Verdict.Out(endpoint.address, length, endpoint.until, reason);
  }

  private Verdict.@Nullable Back panic(long failing, long now) {
    calmUntil = Ticker.after(now, options.ejectFor());
    List<Endpoint> back = endpoints.values().stream().filter(Outliers::isOut).toList();
    endpoints.values().forEach(endpoint -> comeBack(endpoint, 0, now));
    all.clear();
    return back(back, failing + " of " + present + " addresses fail");
  }

  private long length(int times) {
    long once = options.ejectFor().toNanos();
    long most = Math.max(once, options.maxEjectFor().toNanos());
    return once > most / times ? most : once * times;
  }

  /** One in any case where there are two, and never all. */
  private long mostOut() {
    return present < 2 ? 0 : Math.clamp((long) (options.maxShare() * present), 1, present - 1);
  }

  private long count(Predicate<Endpoint> which) {
    return endpoints.values().stream().filter(which).count();
  }

  // ---- back

  /** Takes back those whose time is over; returns when the next one's is. */
  long sweep(long now) {
    tell(timeIsOver(now));
    return nextEnd();
  }

  private synchronized long nextEnd() {
    return nextEnd;
  }

  /** They are in on probation: one failure more is enough. */
  private synchronized Verdict.@Nullable Back timeIsOver(long now) {
    if (now < nextEnd) {
      return null;
    }
    var back = new ArrayList<Endpoint>();
    nextEnd = Ticker.NEVER;
    for (Endpoint endpoint : endpoints.values()) {
      if (endpoint.state != State.IN && now >= endpoint.until) {
        if (isOut(endpoint)) {
          back.add(endpoint);
        }
        comeBack(endpoint, options.failuresInARow() - 1, now);
      } else if (endpoint.state != State.IN) {
        nextEnd = Math.min(nextEnd, endpoint.until);
      }
    }
    endpoints.values().removeIf(endpoint -> !endpoint.present && endpoint.state == State.IN);
    return back(back, "its time is over");
  }

  private void comeBack(Endpoint endpoint, int inARow, long now) {
    endpoint.state = State.IN;
    endpoint.since = now;
    endpoint.inARow = inARow;
    endpoint.tally.clear();
  }

  /** What was counted of it before it went. */
  private void forget(Endpoint endpoint) {
    if (endpoint.state == State.IN) {
      all.remove(endpoint.tally);
      endpoint.tally.clear();
    }
  }

  private Verdict.@Nullable Back back(List<Endpoint> endpoints, String reason) {
    return endpoints.isEmpty()
        ? null
        : new Verdict.Back(
            endpoints.stream().map(endpoint -> endpoint.address).toList(), present, reason);
  }

  private void tell(@Nullable Verdict verdict) {
    if (verdict != null) {
      listener.accept(verdict);
    }
  }

  // ---- what is seen from outside

  synchronized long ejections() {
    return ejections;
  }

  /** Those that are out, in the order of their return. */
  synchronized List<ClientSnapshot.Ejection> out(long now) {
    return endpoints.values().stream()
        .filter(Outliers::isOut)
        .sorted(Comparator.comparingLong(endpoint -> endpoint.until))
        .map(
            endpoint ->
                new ClientSnapshot.Ejection(
                    endpoint.address,
                    Duration.ofNanos(Math.max(0, endpoint.until - now)),
                    endpoint.why))
        .toList();
  }
}
