package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.dns.Entry.State;
import dev.hawser.io.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks after the names that are known, now and then: what is due, what has changed, who is gone.
 */
final class Upkeep {
  /** A name is in use for so long after a call asked for it, and while it has connections. */
  private static final long IN_USE = 60_000_000_000L;

  private static final long FORGOTTEN = 300_000_000_000L;

  /** With so many names, those that have not been used for a minute are forgotten. */
  private static final int MANY = 10_000;

  private static final System.Logger LOG = System.getLogger("dev.hawser.dns");

  private final Map<String, View> views;
  private final Sources sources;
  private final Refreshes refreshes;
  private final Hints hints;
  private final Consumer<View> settle;
  private final long staleNanos;
  private volatile HostsFile hostsSeen; // by the sweep
  private volatile ResolvConf configurationSeen; // by the sweep

  /**
   * Of names that come and go.
   *
   * @param settle brings together what is known of one
   */
  Upkeep(
      Map<String, View> views,
      Sources sources,
      Refreshes refreshes,
      Hints hints,
      Consumer<View> settle,
      long staleNanos) {
    this.views = views;
    this.sources = sources;
    this.refreshes = refreshes;
    this.hints = hints;
    this.settle = settle;
    this.staleNanos = staleNanos;
    this.hostsSeen = sources.hosts();
    this.configurationSeen = sources.configuration();
  }

  /**
   * Begins the refreshes that are due of names in use, at most {@link DnsOptions#maxRefreshes()} at
   * once; sees changed files; forgets names.
   *
   * @param connected whether there are connections to this host
   * @return when it wants to be called again
   */
  long sweep(long now, Predicate<String> connected) {
    if (views.isEmpty()) {
      return Ticker.NEVER;
    }
    seeFiles(now);
    long next = Ticker.NEVER;
    var due = new ArrayList<Refreshes.Due>();
    for (View view : views.values()) {
      if (inUse(view, now, connected)) {
        next = Math.min(next, now + Names.FILE_PERIOD);
        view.all().map(entry -> due(view, entry, now)).forEach(due::add);
      }
    }
    next = Math.min(next, refreshes.begin(due, now));
    long patience = views.size() > MANY ? IN_USE : FORGOTTEN;
    views.values().removeIf(view -> now - view.usedAt >= patience && !inUse(view, now, connected));
    hints.keepOnly(views::containsKey);
    return next;
  }

  private static boolean inUse(View view, long now, Predicate<String> connected) {
    return now - view.usedAt < IN_USE || connected.test(view.host);
  }

  private Refreshes.Due due(View view, Entry entry, long now) {
    State seen = entry.state; // before the instant is taken from it: a change between is no harm
    return new Refreshes.Due(entry, seen, dueAt(view, entry, now));
  }

  private long dueAt(View view, Entry entry, long now) {
    if (!sources.local(view.host).isEmpty()
        || entry == view.fallback && view.known(now, staleNanos)) {
      return Ticker.NEVER; // has no say
    }
    boolean had = view.published() != null;
    if (entry.state.untried()) {
      return had ? now : Ticker.NEVER; // of other servers than those that had told
    }
    // That there is nothing is found out by who asks; but who has connections need not ask.
    boolean lost = had && !view.known(now, staleNanos);
    return entry.state.trouble() == null && entry.state.nothing() && !lost
        ? Ticker.NEVER
        : entry.due();
  }

  private void seeFiles(long now) {
    ResolvConf configuration = sources.configuration();
    if (!configuration.equals(configurationSeen)) {
      LOG.log(System.Logger.Level.INFO, "the DNS servers are now {0}", sources.describe());
      configurationSeen = configuration;
      sources.changed();
      hints.forgetAll();
      for (View view : views.values()) {
        List<Entry> entries = sources.entries(view.host);
        for (Entry entry : entries) { // what was known is stale until the new servers have answered
          view.entries.stream()
              .filter(old -> old.type == entry.type)
              .forEach(old -> entry.state = old.state.expired(now));
        }
        view.entries = entries;
        view.fallback = sources.fallback(view.host);
        view.ready = null;
      }
    }
    HostsFile hosts = sources.hosts();
    if (!hosts.equals(hostsSeen)) {
      hostsSeen = hosts;
      for (View view : views.values()) {
        view.ready = null;
        if (view.published() != null) {
          settle.accept(view);
        }
      }
    }
  }
}
