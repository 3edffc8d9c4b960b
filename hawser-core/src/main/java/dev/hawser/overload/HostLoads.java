package dev.hawser.overload;

import dev.hawser.ClientSnapshot;
import dev.hawser.Origin;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.random.RandomGenerator;

/** The hosts that this client has to do with, and how it spares them. Any thread. */
public final class HostLoads {
  /** As long as the pool remembers a host without connections. */
  private static final long REMEMBERED = 300_000_000_000L;

  private final Protection protection;
  private final Events events;
  private final Watchdog watchdog;
  private final Backoff backoff;
  private final InstantSource wallClock; // for dates that servers send, and nothing else
  private final Ticker ticker;
  private final ConcurrentHashMap<Origin, HostLoad> hosts = new ConcurrentHashMap<>();

  public HostLoads(
      Protection protection,
      Events events,
      Watchdog watchdog,
      RandomGenerator random,
      InstantSource wallClock,
      Ticker ticker) {
    this.protection = protection;
    this.events = events;
    this.watchdog = watchdog;
    this.backoff = new Backoff(protection.retry(), random);
    this.wallClock = wallClock;
    this.ticker = ticker;
  }

  /** The host of an origin. On the way of every request. */
  public HostLoad of(Origin origin) {
    long now = ticker.nanos();
    HostLoad host = hosts.get(origin);
    if (host == null) {
      host =
          hosts.computeIfAbsent(
              origin, key -> new HostLoad(key, protection, events, watchdog, ticker));
    }
    host.used(now);
    return host;
  }

  /** How long to wait before the retry of this number, from 1; nanoseconds. */
  public long backoff(int retryNumber) {
    return backoff.before(retryNumber);
  }

  /** How long the server asks to wait, if it does. */
  public Optional<Duration> retryAfter(HttpHeaders headers) {
    return RetryAfter.of(headers, wallClock.instant());
  }

  /** How long to wait where the server has asked for {@code asked}; nanoseconds. */
  public long backoff(Duration asked) {
    return backoff.after(asked.toNanos());
  }

  /** Forgets hosts that have not been used for long. */
  public void sweep(long now) {
    hosts.values().removeIf(host -> now - host.usedAt() > REMEMBERED);
  }

  /** Nobody is to wait for his turn any more. */
  public void close() {
    hosts.values().forEach(HostLoad::close);
  }

  /**
   * One entry per host.
   *
   * @param ejected its addresses that are ejected now
   * @param ejections how many times one was
   */
  public List<ClientSnapshot.Load> snapshot(
      Function<Origin, List<ClientSnapshot.Ejection>> ejected, ToLongFunction<Origin> ejections) {
    long now = ticker.nanos();
    return hosts.entrySet().stream()
        .map(
            entry ->
                entry
                    .getValue()
                    .snapshot(
                        now, ejected.apply(entry.getKey()), ejections.applyAsLong(entry.getKey())))
        .sorted(Comparator.comparing(load -> load.origin().toString()))
        .toList();
  }
}
