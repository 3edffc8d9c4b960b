package dev.hawser.dns;

import dev.hawser.DnsOptions;
import dev.hawser.dns.Entry.Known;
import dev.hawser.dns.Entry.Lookup;
import dev.hawser.dns.Entry.State;
import dev.hawser.dns.Entry.Trouble;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/**
 * Fills entries: one look-up per entry at a time, however many wait for it, on a thread of its own,
 * so that a caller who gives up takes nothing from the others.
 */
final class Lookups {
  /** After a failure; doubled with each, so that a server in trouble is left alone. */
  private static final long FIRST_RETRY = 1_000_000_000;

  /** RFC 8767 section 5: 30 s between attempts while stale data is used. */
  private static final long LAST_RETRY = 30_000_000_000L;

  /**
   * A name is refreshed at 75 to 90 % of its time to live: early enough for one failed attempt, and
   * names that were looked up together are not refreshed together.
   */
  private static final double REFRESH_FROM = 0.75;

  private static final double REFRESH_JITTER = 0.15;

  /** Is told when an entry has changed, on the look-up's thread. */
  interface Observer {
    void updated(Entry entry, State before, State after);

    /** And that the look-up is over, whatever came of it. */
    void ended(Entry entry);
  }

  private final DnsOptions options;
  private final Ticker ticker;
  private final RandomGenerator random;
  private final Observer observer;
  private final AtomicInteger underWay = new AtomicInteger(); // observers included

  Lookups(DnsOptions options, Ticker ticker, RandomGenerator random, Observer observer) {
    this.options = options;
    this.ticker = ticker;
    this.random = random;
    this.observer = observer;
  }

  /**
   * Returns the look-up under way, or begins one; or the one that has ended since the caller
   * looked, if what it brought holds: a caller that was kept from its core in between asks nobody
   * again.
   */
  Lookup begin(Entry entry, State seen) {
    Lookup lookup;
    synchronized (entry) {
      Lookup present = entry.underWay;
      if (present != null) {
        return present;
      }
      State state = entry.state;
      long now = ticker.nanos();
      if (!state.equals(seen) && (state.fresh(now) || state.resting(now))) {
        return new Lookup(CompletableFuture.completedFuture(state), now);
      }
      lookup = new Lookup(new CompletableFuture<>(), ticker.nanos());
      entry.underWay = lookup;
    }
    underWay.incrementAndGet();
    entry.refreshes.increment();
    Thread.ofVirtual().name("hawser-dns").start(() -> run(entry, lookup));
    return lookup;
  }

  /** Whether none is under way, and everybody has been told of the last. */
  boolean quiet() {
    return underWay.get() == 0;
  }

  private void run(Entry entry, Lookup lookup) {
    State before = entry.state;
    State after = before;
    try {
      after = ask(entry, before);
    } catch (Throwable e) { // by a resolver of the user's: whoever waits must not wait for ever
      after = failed(before, e.toString(), false);
    } finally {
      entry.state = after;
      entry.underWay = null; // before anybody is told: who finds it expired begins another
      lookup.result().complete(after);
      try {
        observer.updated(entry, before, after);
      } finally {
        underWay.decrementAndGet();
        observer.ended(entry);
      }
    }
  }

  private State ask(Entry entry, State before) throws InterruptedException {
    try {
      long deadline = Ticker.after(ticker.nanos(), options.timeout());
      return new State(known(entry.source.lookup(entry.host, entry.type, deadline)), null);
    } catch (LookupException e) {
      return failed(before, String.valueOf(e.getMessage()), e.silence());
    } catch (IOException e) {
      return failed(before, e.toString(), false);
    }
  }

  private Known known(Reply reply) {
    long now = ticker.nanos();
    long least = options.minTtl().toNanos();
    long most = (reply.found() ? options.maxTtl() : options.maxNegativeTtl()).toNanos();
    long said = reply.ttlSeconds() * 1_000_000_000L; // below 2^31 s: does not overflow
    long ttl = Math.max(Math.min(said, most), Math.min(least, most));
    long ahead = (long) (ttl * (REFRESH_FROM + REFRESH_JITTER * random.nextDouble()));
    return new Known(reply, now, now + ttl, now + ahead);
  }

  private State failed(State before, String problem, boolean silence) {
    int failures = before.trouble() == null ? 1 : before.trouble().failures() + 1;
    long rest = Math.min(FIRST_RETRY << Math.min(failures - 1, 10), LAST_RETRY);
    return new State(
        before.known(), new Trouble(problem, silence, ticker.nanos() + rest, failures));
  }
}
