package dev.hawser.dns;

import dev.hawser.io.Ticker;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** One name and type in the cache: what is known, what went wrong last, and what is under way. */
final class Entry {
  /** The last good answer; instants are the ticker's. */
  record Known(Reply reply, long since, long until, long refreshAt) {}

  /** The failure since then. */
  record Trouble(String problem, boolean silence, long retryAt, int failures) {}

  /** Both, as they were at one moment. */
  record State(@Nullable Known known, @Nullable Trouble trouble) {
    /** Whether nothing has been asked yet. */
    boolean untried() {
      return known == null && trouble == null;
    }

    boolean fresh(long now) {
      return known != null && now < known.until();
    }

    /** Whether a failure is so recent that asking again would only add to the load. */
    boolean resting(long now) {
      return trouble != null && now < trouble.retryAt();
    }

    /** Whether the last answer was that there is nothing. */
    boolean nothing() {
      return known != null && !known.reply().found();
    }

    /** The same, to be asked for at once; found addresses are stale until then. */
    State expired(long now) {
      return new State(
          known == null
              ? null
              : new Known(known.reply(), known.since(), Math.min(known.until(), now), now),
          trouble == null
              ? null
              : new Trouble(trouble.problem(), trouble.silence(), now, trouble.failures()));
    }

    /** Whether an answer past its end may be used (RFC 8767); that a name does not exist never. */
    boolean stale(long now, long staleNanos) {
      return known != null
          && known.reply().found()
          && now >= known.until()
          && now - known.until() < staleNanos;
    }
  }

  final String host;
  final RecordType type;
  final Source source;
  final LongAdder hits = new LongAdder();
  final LongAdder refreshes = new LongAdder();
  final LongAdder staleServes = new LongAdder();
  volatile State state = new State(null, null); // written by the look-up under way
  volatile @Nullable Lookup underWay; // written under this object's monitor

  /** A look-up under way; completes with the state that it led to, never with an exception. */
  record Lookup(CompletableFuture<State> result, long since) {}

  Entry(String host, RecordType type, Source source) {
    this.host = host;
    this.type = type;
    this.source = source;
  }

  /** Ends what is known, and a failure's rest, unless a look-up under way is about to do so. */
  synchronized void expire(long now) {
    if (underWay == null) {
      state = state.expired(now);
    }
  }

  /** When it is to be asked for again while in use. */
  long due() {
    State now = state;
    if (now.trouble() != null) {
      return now.trouble().retryAt();
    }
    return now.known() != null ? now.known().refreshAt() : Ticker.NEVER;
  }
}
