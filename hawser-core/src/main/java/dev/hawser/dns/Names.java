package dev.hawser.dns;

import dev.hawser.ClientSnapshot;
import dev.hawser.DnsOptions;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.ServiceHint;
import dev.hawser.dns.Entry.Lookup;
import dev.hawser.dns.Entry.State;
import dev.hawser.dns.Reply.Status;
import dev.hawser.dns.View.Resolution;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses does a name have? The first of these that knows:
 *
 * <ol>
 *   <li>the name is an address itself;
 *   <li>{@link DnsOptions#hosts()};
 *   <li>the hosts file;
 *   <li>the cache, while it holds;
 *   <li>the given resolver, or DNS, both families at once; one look-up under way per name and type
 *       however many callers wait;
 *   <li>the cache beyond its end, while nobody answers, for {@link DnsOptions#staleFor()};
 *   <li>the system's resolver, where DNS is the system's and does not answer, or does not know a
 *       name that DNS need not know.
 * </ol>
 *
 * <p>Names in use are looked up again before their end by {@link #sweep}, so that a caller mostly
 * meets the cache, and whoever listens learns of a change without a call.
 */
public final class Names {
  /**
   * What a name has.
   *
   * @param list never empty
   * @param ordered whether somebody prefers the first; else any is as good
   */
  public record Addresses(List<InetAddress> list, boolean ordered) {}

  /** Where connections to an origin may go. */
  public record Route(Addresses addresses, Optional<ServiceHint> hint) {}

  /** Is told when a name's addresses have changed, on a look-up's thread. */
  @FunctionalInterface
  public interface Changes {
    void changed(
        String host, List<InetAddress> now, Set<InetAddress> added, Set<InetAddress> removed);
  }

  /**
   * With stale addresses at hand, a caller waits for fresh ones no longer than this after the
   * look-up's begin (RFC 8767 section 5: the client response timer).
   */
  private static final long STALE_PATIENCE = 500_000_000;

  /** Between two look-ups past the cache. */
  private static final long FORCED_PERIOD = 3_000_000_000L;

  static final long FILE_PERIOD = 1_000_000_000;

  private final DnsOptions options;
  private final Sources sources;
  private final Lookups lookups;
  private final Hints hints;
  private final Upkeep upkeep;
  private final News news;
  private final Unresolved unresolved;
  private final Ticker ticker;
  private final long staleNanos;
  private final Map<String, View> views = new ConcurrentHashMap<>();
  private volatile Changes changes = (host, now, added, removed) -> {}; // set once, before use
  private volatile Wake wake = instant -> {}; // likewise
  private volatile boolean closed; // by close

  /** Asks for {@link #sweep} to be called. */
  @FunctionalInterface
  public interface Wake {
    void at(long instant);
  }

  public Names(
      DnsOptions options, Sources sources, Events events, RandomGenerator random, Ticker ticker) {
    this.options = options;
    this.sources = sources;
    this.ticker = ticker;
    this.staleNanos = options.staleFor().toNanos();
    this.news = new News(events, ticker, staleNanos);
    this.unresolved = new Unresolved(options.timeout(), sources);
    this.lookups = new Lookups(options, ticker, random, new Updates());
    this.hints = new Hints(options, ticker, random);
    var refreshes = new Refreshes(lookups, options.maxRefreshes(), () -> wake.at(ticker.nanos()));
    this.upkeep = new Upkeep(views, sources, refreshes, hints, this::settleQuietly, staleNanos);
  }

  /** Sets who is told of changes, and who calls {@link #sweep}. */
  public void onChange(Changes listener, Wake sweeper) {
    changes = listener;
    wake = sweeper;
  }

  // ---- on the way of a call

  /**
   * Returns the host's addresses in the order of preference; never empty. Mostly a look into a map.
   *
   * @param deadline when to give up, at the latest; {@link DnsOptions#timeout()} also holds
   */
  public Addresses resolve(String host, long deadline) throws StageFailure, InterruptedException {
    View view = views.get(host);
    if (view != null) {
      Resolution ready = view.ready;
      long now = ticker.nanos();
      if (ready != null && now < ready.until()) {
        view.hits.increment();
        view.usedAt = now;
        return ready.addresses();
      }
    }
    InetAddress literal = literal(host);
    if (literal != null) {
      return new Addresses(allowed(host, List.of(literal)), true);
    }
    List<InetAddress> fixed = options.hosts().get(host);
    if (fixed != null) {
      return new Addresses(allowed(host, fixed), true);
    }
    return find(view == null ? view(host) : view, deadline);
  }

  /**
   * The same for a new connection: with what the origin's HTTPS record says. That is asked for at
   * the same time, and done without where it is not there soon after the addresses.
   */
  public Route route(Origin origin, long deadline) throws StageFailure, InterruptedException {
    Source source = sources.dns().orElse(null);
    if (!origin.secure() || !options.httpsRecords() || source == null || fixed(origin.host())) {
      return new Route(resolve(origin.host(), deadline), Optional.empty());
    }
    long start = ticker.nanos();
    hints.ask(origin, source);
    Addresses addresses = resolve(origin.host(), deadline);
    return new Route(addresses, hints.of(origin, ticker.nanos() - start, deadline));
  }

  /** Whether somebody has said where this host is, so that DNS has no say in it. */
  private boolean fixed(String host) {
    return literal(host) != null
        || options.hosts().containsKey(host)
        || !sources.local(host).isEmpty();
  }

  /**
   * {@link #resolve} past the cache: for when none of the addresses answers. Every few seconds
   * only; in between, what is known.
   */
  public Addresses resolveAgain(String host, long deadline)
      throws StageFailure, InterruptedException {
    View view = views.get(host);
    long now = ticker.nanos();
    if (view != null && now - view.forcedAt >= FORCED_PERIOD) {
      view.forcedAt = now;
      view.entries.forEach(entry -> entry.expire(now)); // whoever comes now waits for the new ones
      view.ready = null;
    }
    return resolve(host, deadline);
  }

  private View view(String host) {
    View made =
        views.computeIfAbsent(
            host,
            name -> new View(name, sources.entries(name), sources.fallback(name), ticker.nanos()));
    wake.at(ticker.nanos() + FILE_PERIOD);
    return made;
  }

  private Addresses find(View view, long deadline) throws StageFailure, InterruptedException {
    long now = ticker.nanos();
    view.usedAt = now;
    boolean inTime = true;
    if (sources.local(view.host).isEmpty()) {
      inTime = await(pending(view, view.entries), view, deadline);
      Entry fallback = view.fallback;
      if (fallback != null && !view.known(ticker.nanos(), staleNanos) && systemMayKnow(view)) {
        inTime = await(pending(view, List.of(fallback)), view, deadline);
      }
      count(view, ticker.nanos());
    }
    Addresses found = settle(view);
    if (found == null) {
      throw inTime ? unresolved.why(view, ticker.nanos()) : unresolved.late(view.host);
    }
    return found;
  }

  /** Records of DNS have no order; whoever else answers may mean one. */
  private boolean ordered(View view, long now) {
    return view.counting(now, staleNanos).anyMatch(entry -> entry.type == RecordType.ADDRESS);
  }

  /** Brings together what is known, and keeps it ready; null if that is nothing. */
  private @Nullable Addresses settle(View view) throws StageFailure {
    List<InetAddress> found;
    List<InetAddress> before;
    Addresses usable;
    synchronized (view) { // the hosts file may change meanwhile, and its word is the last
      long now = ticker.nanos();
      List<InetAddress> local = sources.local(view.host);
      boolean ordered = !local.isEmpty() || ordered(view, now);
      found = local.isEmpty() ? view.addresses(now, staleNanos) : local;
      if (found.isEmpty()) {
        view.ready = null;
        return null;
      }
      usable = new Addresses(allowed(view.host, found), ordered);
      view.ready =
          new Resolution(usable, local.isEmpty() ? view.until(now, staleNanos) : now + FILE_PERIOD);
      // One family alone is not yet what the name has.
      before = local.isEmpty() && !view.complete() ? null : view.publish(found);
    }
    tellChange(view, before, found);
    return usable;
  }

  private List<InetAddress> allowed(String host, List<InetAddress> addresses) throws StageFailure {
    if (options.allowed().isEmpty()) {
      return addresses;
    }
    List<InetAddress> usable = addresses.stream().filter(options.allowed().get()).toList();
    if (usable.isEmpty()) {
      throw StageFailure.of(
          Phase.DNS,
          host + " has only addresses that dns.allowed forbids: " + News.texts(addresses),
          "Whoever runs this name points it there; allow the address if that is right",
          null);
    }
    return usable;
  }

  /**
   * Begins the look-ups that are due; returns those worth waiting for: with fresh addresses at
   * hand, not those for a family that the name did not have.
   */
  private List<Lookup> pending(View view, List<Entry> entries) {
    long now = ticker.nanos();
    boolean fresh = view.freshSince(now).isPresent();
    var pending = new ArrayList<Lookup>();
    for (Entry entry : entries) {
      State state = entry.state;
      if (!state.fresh(now) && !state.resting(now)) {
        Lookup lookup = lookups.begin(entry, state);
        if (!fresh || !state.nothing()) {
          pending.add(lookup);
        }
      }
    }
    return pending;
  }

  /**
   * Waits for the look-ups; no longer than the resolution delay once there are fresh addresses, and
   * not long when there are stale ones, both from the look-ups' begin at the earliest: one that
   * hangs costs its time once, not once a caller. Returns false if time ran out first.
   */
  private boolean await(List<Lookup> underWay, View view, long deadline)
      throws InterruptedException {
    long end = Math.min(deadline, Ticker.after(ticker.nanos(), options.timeout()));
    long begun = underWay.stream().mapToLong(Lookup::since).max().orElse(0);
    while (true) {
      CompletableFuture<?>[] open =
          underWay.stream()
              .map(Lookup::result)
              .filter(result -> !result.isDone())
              .toArray(CompletableFuture<?>[]::new);
      if (open.length == 0) {
        return true;
      }
      long now = ticker.nanos();
      long patience = end;
      OptionalLong freshSince = view.freshSince(now);
      if (freshSince.isPresent()) {
        patience = Ticker.after(Math.max(freshSince.getAsLong(), begun), options.resolutionDelay());
      } else if (!view.addresses(now, staleNanos).isEmpty()) {
        patience = begun + STALE_PATIENCE;
      }
      if (now >= Math.min(patience, end)) {
        return now < end;
      }
      try {
        CompletableFuture.anyOf(open).get(Math.min(patience, end) - now, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        // Then it is time to look again.
      } catch (ExecutionException e) {
        throw new IllegalStateException(e); // look-ups never complete so
      }
    }
  }

  /** The system's resolver may know names that are not in DNS, and ways to it that we do not. */
  private static boolean systemMayKnow(View view) {
    boolean silence =
        view.entries.stream()
            .allMatch(e -> e.state.trouble() != null && e.state.trouble().silence());
    boolean unknown =
        view.entries.stream()
            .anyMatch(
                e -> e.state.known() != null && e.state.known().reply().status() == Status.NO_NAME);
    return silence || unknown && (view.host.indexOf('.') < 0 || view.host.endsWith(".local"));
  }

  private void count(View view, long now) {
    for (Entry entry : view.entries) {
      if (entry.state.fresh(now)) {
        entry.hits.increment();
      } else if (entry.state.stale(now, staleNanos)) {
        entry.staleServes.increment();
      }
    }
  }

  /** Reads an address; null for a name. */
  private static @Nullable InetAddress literal(String host) {
    char last = host.charAt(host.length() - 1);
    if (last >= '0' && last <= '9' || host.indexOf(':') >= 0) {
      try {
        return InetAddress.ofLiteral(host);
      } catch (IllegalArgumentException e) {
        return null; // a name that ends in a digit
      }
    }
    return null;
  }

  // ---- when an answer has come

  private final class Updates implements Lookups.Observer {
    @Override
    public void updated(Entry entry, State before, State after) {
      learn(entry, before, after);
    }

    @Override
    public void ended(Entry entry) {
      if (!closed) {
        wake.at(entry.due());
      }
    }
  }

  private void learn(Entry entry, State before, State after) {
    news.looked(entry, before, after);
    View view = views.get(entry.host);
    if (view == null) {
      return;
    }
    if (view.complete()) {
      settleQuietly(view); // a name that is gone keeps its connections: they work
    }
  }

  private void settleQuietly(View view) {
    try {
      Addresses ignored = settle(view);
    } catch (StageFailure e) {
      view.ready = null; // its caller will be told
    }
  }

  private void tellChange(
      View view, @Nullable List<InetAddress> before, List<InetAddress> addresses) {
    if (before == null || before.equals(addresses)) {
      return;
    }
    Set<InetAddress> added = new HashSet<>(addresses);
    before.forEach(added::remove);
    Set<InetAddress> removed = new HashSet<>(before);
    addresses.forEach(removed::remove);
    if (!added.isEmpty() || !removed.isEmpty()) { // another order is no change
      news.moved(view.host, added, removed);
      changes.changed(view.host, addresses, added, removed);
    }
  }

  // ---- house-keeping

  /**
   * Begins the refreshes that are due; sees changed files; forgets names.
   *
   * @param connected whether there are connections to this host
   * @return when it wants to be called again
   */
  public long sweep(long now, Predicate<String> connected) {
    return upkeep.sweep(now, connected);
  }

  /** The cache, in the order of the names. */
  public List<ClientSnapshot.Name> snapshot() {
    return Census.of(views.values(), hints, ticker.nanos());
  }

  /** Whether no look-up is under way, and everybody has been told of the last. */
  boolean quiet() {
    return lookups.quiet() && hints.quiet();
  }

  /** Gives up what is kept open. */
  public void close() {
    closed = true;
    sources.close();
  }
}
