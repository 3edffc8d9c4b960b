package dev.hawser.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One host name: the entries that it is made of, and what they come to. */
final class View {
  /** What may be used until then without another look. */
  record Resolution(Names.Addresses addresses, long until) {}

  final String host;
  final LongAdder hits = new LongAdder();
  volatile List<Entry> entries; // one a family; written when the configuration changes
  volatile @Nullable Entry fallback; // the system's resolver, for what DNS does not know; likewise
  volatile @Nullable Resolution ready; // written by whoever has looked last
  volatile long usedAt;
  volatile long forcedAt = Long.MIN_VALUE / 2; // past the cache
  private @Nullable List<InetAddress> published; // guarded by this object's monitor

  View(String host, List<Entry> entries, @Nullable Entry fallback, long now) {
    this.host = host;
    this.entries = entries;
    this.fallback = fallback;
    this.usedAt = now;
  }

  /** All entries that have something to tell. */
  Stream<Entry> all() {
    Entry other = fallback;
    return other == null || other.state.untried()
        ? entries.stream()
        : Stream.concat(entries.stream(), Stream.of(other));
  }

  /** Those whose word counts: the system's only while DNS knows nothing. */
  Stream<Entry> counting(long now, long staleNanos) {
    return known(now, staleNanos) ? entries.stream() : all();
  }

  /** Since when there have been all the addresses that hold; empty if none do. */
  OptionalLong freshSince(long now) {
    return counting(now, 0)
        .map(entry -> entry.state)
        .filter(state -> state.fresh(now) && !state.nothing())
        .flatMap(state -> Stream.ofNullable(state.known()))
        .mapToLong(Entry.Known::since)
        .max();
  }

  /** Whether every family has been asked for. */
  boolean complete() {
    return entries.stream().allMatch(entry -> !entry.state.untried());
  }

  /** What the entries know, the families in turn (RFC 8305 section 4), stale data included. */
  List<InetAddress> addresses(long now, long staleNanos) {
    List<List<InetAddress>> families =
        counting(now, staleNanos)
            .map(entry -> entry.state)
            .filter(state -> state.fresh(now) || state.stale(now, staleNanos))
            .map(
                state ->
                    state.known() == null
                        ? List.<InetAddress>of()
                        : state.known().reply().addresses())
            .filter(family -> !family.isEmpty())
            .toList();
    return interleaved(families);
  }

  private static List<InetAddress> interleaved(List<List<InetAddress>> families) {
    if (families.size() == 1) {
      return families.getFirst();
    }
    var all = new ArrayList<InetAddress>();
    int longest = families.stream().mapToInt(List::size).max().orElse(0);
    for (int i = 0; i < longest; i++) {
      for (List<InetAddress> family : families) {
        if (i < family.size() && !all.contains(family.get(i))) {
          all.add(family.get(i));
        }
      }
    }
    return List.copyOf(all);
  }

  /** Whether DNS, or who is asked instead, knows addresses, stale ones included. */
  boolean known(long now, long staleNanos) {
    return entries.stream()
        .map(entry -> entry.state)
        .filter(state -> state.fresh(now) || state.stale(now, staleNanos))
        .anyMatch(state -> state.known() != null && state.known().reply().found());
  }

  /** Until when that holds without another look; {@code now} if one is due. */
  long until(long now, long staleNanos) {
    return counting(now, staleNanos)
        .map(entry -> entry.state)
        .mapToLong(
            state -> {
              if (state.known() != null && state.fresh(now)) {
                return state.known().until();
              }
              return state.trouble() == null ? now : Math.max(now, state.trouble().retryAt());
            })
        .min()
        .orElse(now);
  }

  /** Notes what the name has now; returns what it had before, null at first. */
  synchronized @Nullable List<InetAddress> publish(List<InetAddress> addresses) {
    List<InetAddress> before = published;
    published = addresses;
    return before;
  }

  /** What it had when it was last looked at; null if it never was. */
  synchronized @Nullable List<InetAddress> published() {
    return published;
  }
}
