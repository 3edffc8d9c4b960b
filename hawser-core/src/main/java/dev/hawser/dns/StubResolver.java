package dev.hawser.dns;

import dev.hawser.dns.Reply.Status;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks names up as resolv.conf(5) says: a short name in each of the search domains. The candidates
 * that do not exist are remembered for as long as that holds, so that a name is refreshed by one
 * query, not by one for each domain.
 */
final class StubResolver implements Source {
  private record Candidate(String name, RecordType type) {}

  private static final int MAX_REMEMBERED = 10_000;

  private final Servers servers;
  private final Supplier<ResolvConf> configuration;
  private final long maxNegativeNanos;
  private final Ticker ticker;
  private final Map<Candidate, Long> absentUntil = new ConcurrentHashMap<>();

  StubResolver(
      Servers servers, Supplier<ResolvConf> configuration, Duration maxNegativeTtl, Ticker ticker) {
    this.servers = servers;
    this.configuration = configuration;
    this.maxNegativeNanos = maxNegativeTtl.toNanos();
    this.ticker = ticker;
  }

  @Override
  public Reply lookup(String host, RecordType type, long deadline)
      throws IOException, InterruptedException {
    var candidates = configuration.get().candidates(host);
    Reply negative = null;
    IOException failure = null;
    for (String candidate : candidates) {
      boolean last = candidate.equals(candidates.getLast());
      if (!last && absent(candidate, type)) {
        continue;
      }
      try {
        Reply reply = servers.ask(candidate, type, deadline);
        if (reply.found() || !last && hasOtherFamily(candidate, type, reply, deadline)) {
          return reply;
        }
        if (candidates.size() > 1) {
          remember(candidate, type, reply);
        }
        negative = better(negative, reply);
      } catch (LookupException e) {
        failure = e; // perhaps another domain has it
      }
    }
    if (failure != null || negative == null) {
      throw failure != null ? failure : new LookupException("nothing to ask for", false, null);
    }
    return negative;
  }

  /**
   * Whether this is the name that was meant, though it has no address of this family: then that of
   * another domain would be another host's.
   */
  private boolean hasOtherFamily(String candidate, RecordType type, Reply reply, long deadline)
      throws IOException, InterruptedException {
    if (reply.status() != Status.NO_DATA) {
      return false;
    }
    return switch (type) {
      case A -> servers.ask(candidate, RecordType.AAAA, deadline).found();
      case AAAA -> servers.ask(candidate, RecordType.A, deadline).found();
      default -> false;
    };
  }

  /**
   * A name that exists without such records, in whichever domain, is not one that does not exist.
   */
  private static Reply better(@Nullable Reply one, Reply other) {
    return one != null && one.status() == Status.NO_DATA ? one : other;
  }

  private boolean absent(String candidate, RecordType type) {
    Long until = absentUntil.get(new Candidate(candidate, type));
    return until != null && ticker.nanos() < until;
  }

  private void remember(String candidate, RecordType type, Reply reply) {
    if (absentUntil.size() >= MAX_REMEMBERED) {
      absentUntil.clear(); // costs a query each, and bounds the memory
    }
    long ttl = Math.min(reply.ttlSeconds() * 1_000_000_000L, maxNegativeNanos);
    absentUntil.put(new Candidate(candidate, type), ticker.nanos() + ttl);
  }

  /** The servers are others now: what they said of domains may not hold. */
  void forget() {
    absentUntil.clear();
  }
}
