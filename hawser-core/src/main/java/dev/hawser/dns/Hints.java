package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.Origin;
import dev.hawser.ServiceHint;
import dev.hawser.dns.Data.Binding;
import dev.hawser.dns.Entry.Known;
import dev.hawser.dns.Entry.Lookup;
import dev.hawser.dns.Entry.State;
import dev.hawser.io.Ticker;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The HTTPS records (RFC 9460) of origins. Only ever a help: nobody fails for want of one, nobody
 * is told of a failed look-up, and only an origin's first connection waits for it, not longer than
 * the addresses' families wait for each other.
 *
 * <p>Records that lead to another name are left alone: the origin's own addresses serve it, too
 * (section 3: a client may do without the record at any time).
 */
final class Hints {
  private static final String HTTP_1_1 = "http/1.1";

  private static final Lookups.Observer NOBODY =
      new Lookups.Observer() {
        @Override
        public void updated(Entry entry, State before, State after) {}

        @Override
        public void ended(Entry entry) {}
      };

  /** What is asked for: a record is of a host and a port. */
  private record Service(String host, int port) {
    /** RFC 9460 section 9.1. */
    String owner() {
      return port == 443 ? host : "_" + port + "._https." + host;
    }

    /** Whether a record is about the host itself, and what it needs is understood. */
    boolean meant(Binding binding) {
      String target = binding.target();
      return binding.usable()
          && binding.priority() > 0
          && (port == 443 && target.isEmpty() || target.equalsIgnoreCase(host));
    }
  }

  private final DnsOptions options;
  private final Lookups lookups;
  private final Ticker ticker;
  private final Map<Service, Entry> entries = new ConcurrentHashMap<>();

  Hints(DnsOptions options, Ticker ticker, RandomGenerator random) {
    this.options = options;
    this.ticker = ticker;
    this.lookups = new Lookups(options, ticker, random, NOBODY);
  }

  /** Begins to ask, if it is time; the answer is used when it has come. */
  void ask(Origin origin, Source source) {
    Entry entry =
        entries.computeIfAbsent(
            new Service(origin.host(), origin.port()),
            service -> new Entry(service.owner(), RecordType.HTTPS, source));
    State state = entry.state;
    long now = ticker.nanos();
    if (!state.fresh(now) && !state.resting(now)) {
      Lookup ignored = lookups.begin(entry, state);
    }
  }

  /**
   * What is known of the origin. If nobody has answered yet, waits as long as the addresses took
   * and the resolution delay, both from the look-up's begin.
   *
   * @param took how long the addresses took, in nanoseconds
   */
  Optional<ServiceHint> of(Origin origin, long took, long deadline) throws InterruptedException {
    var service = new Service(origin.host(), origin.port());
    Entry entry = entries.get(service);
    if (entry == null) {
      return Optional.empty();
    }
    Lookup underWay = entry.underWay;
    if (entry.state.untried() && underWay != null) {
      long patience = Ticker.after(underWay.since() + took, options.resolutionDelay());
      await(underWay, Math.min(patience, deadline));
    }
    entry.hits.increment();
    return hint(service, entry.state.known());
  }

  private void await(Lookup lookup, long until) throws InterruptedException {
    try {
      State ignored =
          lookup.result().get(Math.max(0, until - ticker.nanos()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // Then without.
    } catch (ExecutionException e) {
      throw new IllegalStateException(e); // look-ups never complete so
    }
  }

  /** The record that the server prefers among those that we can use. */
  private static Optional<ServiceHint> hint(Service service, @Nullable Known known) {
    return known == null
        ? Optional.empty()
        : known.reply().data().stream()
            .filter(Binding.class::isInstance)
            .map(Binding.class::cast)
            .filter(service::meant)
            .filter(binding -> protocols(binding).contains(HTTP_1_1))
            .min(Comparator.comparingInt(Binding::priority))
            .map(binding -> new ServiceHint(protocols(binding), port(service, binding)));
  }

  private static OptionalInt port(Service service, Binding binding) {
    return binding.port().orElse(service.port()) == service.port()
        ? OptionalInt.empty()
        : binding.port();
  }

  /** Section 7.1.2: the scheme's own protocol is spoken besides, unless the record excludes it. */
  private static List<String> protocols(Binding binding) {
    var protocols = new ArrayList<>(binding.alpn());
    if (binding.defaultAlpn() && !protocols.contains(HTTP_1_1)) {
      protocols.add(HTTP_1_1);
    }
    return protocols;
  }

  /** What is known of a host, with the hints that follow from it. */
  Stream<Map.Entry<Entry, Optional<ServiceHint>>> all() {
    return entries.entrySet().stream()
        .map(e -> Map.entry(e.getValue(), hint(e.getKey(), e.getValue().state.known())));
  }

  /** The servers are others now. */
  void forgetAll() {
    entries.clear();
  }

  /** Forgets hosts that are of interest no more. */
  void keepOnly(Predicate<String> hosts) {
    entries.keySet().removeIf(service -> !hosts.test(service.host()));
  }

  boolean quiet() {
    return lookups.quiet();
  }
}
