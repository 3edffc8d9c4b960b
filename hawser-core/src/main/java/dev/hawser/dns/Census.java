package dev.hawser.dns;

import dev.hawser.ClientSnapshot;
import dev.hawser.ServiceHint;
import dev.hawser.dns.Entry.State;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What is known of names, for the snapshot. */
final class Census {
  private Census() {}

  /** One entry for each name and type, in the order of the names. */
  static List<ClientSnapshot.Name> of(Collection<View> views, Hints hints, long now) {
    Stream<ClientSnapshot.Name> addresses =
        views.stream()
            .flatMap(
                view ->
                    view.all()
                        .map(entry -> describe(entry, Optional.empty(), view.hits.sum(), now)));
    Stream<ClientSnapshot.Name> records =
        hints.all().map(known -> describe(known.getKey(), known.getValue(), 0, now));
    return Stream.concat(addresses, records)
        .sorted(Comparator.comparing(ClientSnapshot.Name::host)) // stable: the families' order
        .toList();
  }

  private static ClientSnapshot.Name describe(
      Entry entry, Optional<ServiceHint> hint, long hits, long now) {
    State state = entry.state;
    Entry.Known known = state.known();
    return new ClientSnapshot.Name(
        entry.host,
        entry.type.name(),
        known == null ? List.of() : known.reply().addresses(),
        hint,
        known == null ? "" : known.reply().source(),
        Duration.ofNanos(known == null ? 0 : now - known.since()),
        Duration.ofNanos(known == null ? 0 : known.until() - now),
        Optional.ofNullable(state.trouble()).map(Entry.Trouble::problem),
        entry.hits.sum() + hits,
        entry.refreshes.sum(),
        entry.staleServes.sum());
  }
}
