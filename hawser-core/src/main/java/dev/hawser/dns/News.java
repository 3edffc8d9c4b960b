package dev.hawser.dns;

import dev.hawser.ExchangeEvent;
import dev.hawser.dns.Entry.State;
import dev.hawser.io.Events;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** What has changed about names, for the log and for listeners: once for each change. */
final class News {
  private static final System.Logger LOG = System.getLogger("dev.hawser.dns");

  private final Events events;
  private final Ticker ticker;
  private final long staleNanos;

  News(Events events, Ticker ticker, long staleNanos) {
    this.events = events;
    this.ticker = ticker;
    this.staleNanos = staleNanos;
  }

  /**
   * A look-up has ended: the first of a row of failures is told, and the first success after it.
   */
  void looked(Entry entry, State before, State after) {
    if (after.trouble() != null && before.trouble() == null) {
      long now = ticker.nanos();
      List<InetAddress> kept =
          after.known() != null && (after.fresh(now) || after.stale(now, staleNanos))
              ? after.known().reply().addresses()
              : List.of();
      LOG.log(
          System.Logger.Level.WARNING,
          "cannot look up {0} ({1}): {2}{3}",
          entry.host,
          entry.type,
          after.trouble().problem(),
          kept.isEmpty() ? "" : "; its last addresses are used on: " + texts(kept));
      if (events.wanted()) {
        events.tell(new ExchangeEvent.LookupFailed(entry.host, after.trouble().problem(), kept));
      }
    } else if (after.trouble() == null && before.trouble() != null) {
      LOG.log(System.Logger.Level.INFO, "{0} ({1}) can be looked up again", entry.host, entry.type);
      if (events.wanted()) {
        events.tell(new ExchangeEvent.LookupRecovered(entry.host));
      }
    }
  }

  /** A name has other addresses. */
  void moved(String host, Collection<InetAddress> added, Collection<InetAddress> removed) {
    LOG.log(
        System.Logger.Level.INFO,
        "{0} has other addresses: added {1}, removed {2}",
        host,
        texts(added),
        texts(removed));
    if (events.wanted()) {
      events.tell(
          new ExchangeEvent.AddressesChanged(host, List.copyOf(added), List.copyOf(removed)));
    }
  }

  static String texts(Collection<InetAddress> addresses) {
    return addresses.stream()
        .map(InetAddress::getHostAddress)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
