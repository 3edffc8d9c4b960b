package dev.hawser.overload;

import dev.hawser.BreakerOptions;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stops calls to a host that fails, for a while:
 *
 * <pre>
 *            too many failures               time is up
 *   CLOSED ───────────────────▶ OPEN ─────────────────────▶ HALF_OPEN (one call at a time)
 *     ▲                           ▲        the call fails        │ │
 *     │                           └──────────────────────────────┘ │
 *     └──────────────────── the call succeeds ─────────────────────┘
 * </pre>
 *
 * <p>Too many are so many in a row, or too large a share of the last window. Each time in a row
 * that it opens lasts longer. Time is monotonic and comes as an argument; what goes back is taken
 * for the latest.
 */
final class Breaker {
  /** The parts of the window that are forgotten one by one. */
  private static final int PARTS = 10;

  private enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }

  private final BreakerOptions options;
  private final long part; // nanoseconds

  // All below: guarded by this.
  private final int[] successes = new int[PARTS];
  private final int[] failures = new int[PARTS];
  private long parts; // since the beginning; the last is the present one
  private int inARow; // failures
  private State state = State.CLOSED;
  private long until; // OPEN: its end; HALF_OPEN: until then the call under way is waited for
  private long since; // HALF_OPEN, CLOSED: calls admitted before tell nothing
  private int times; // opened, less one for each window since the last
  private String why = "";

  Breaker(BreakerOptions options) {
    this.options = options;
    this.part = Math.max(1, options.window().toNanos() / PARTS);
  }

  /** Whether a call may be made: 0, else for how many nanoseconds yet none may. */
  synchronized long refusedFor(long now) {
    if (state == State.CLOSED) {
      return 0;
    }
    if (now < until) {
      return until - now;
    }
    if (state == State.OPEN) {
      state = State.HALF_OPEN;
      since = now;
    }
    until = now + options.openFor().toNanos(); // a call that never ends is not waited for for ever
    return 0;
  }

  /** Whether no call is refused, and none is there to try the host. */
  synchronized boolean isClosed() {
    return state == State.CLOSED;
  }

  /** Why it opened last. */
  synchronized String why() {
    return why;
  }

  /** For how long yet no call may be made; changes nothing. */
  synchronized long left(long now) {
    return state == State.CLOSED ? 0 : Math.max(0, until - now);
  }

  /** A call that was admitted at {@code admitted} has gone well; true if that closes it. */
  synchronized boolean succeeded(long admitted, long now) {
    if (!counts(admitted)) {
      return false;
    }
    if (state == State.HALF_OPEN) {
      state = State.CLOSED;
      since = now;
      forget();
      return true;
    }
    turnTo(now);
    inARow = 0;
    count(successes);
    return false;
  }

  /** It has failed; why it opens, if that opens it. */
  synchronized @Nullable String failed(long admitted, long now) {
    if (!counts(admitted)) {
      return null;
    }
    if (state == State.HALF_OPEN) {
      return open(now, "the call that tried it has failed, too");
    }
    turnTo(now);
    count(failures);
    inARow = inARow == Integer.MAX_VALUE ? inARow : inARow + 1;
    long bad = sum(failures);
    long all = bad + sum(successes);
    if (inARow >= options.failuresInARow()) {
      return open(now, inARow + " failures in a row");
    }
    return all >= options.minCalls() && bad > options.failureShare() * all
        ? open(now, bad + " failures of " + all + " calls")
        : null;
  }

  private boolean counts(long admitted) {
    return state != State.OPEN && admitted >= since;
  }

  private String open(long now, String reason) {
    if (state == State.CLOSED) {
      long quiet = (now - since) / options.window().toNanos();
      times = (int) Math.max(0, times - quiet);
    }
    times = Math.min(times + 1, 1_000);
    state = State.OPEN;
    until = now + length();
    why = reason;
    forget();
    return reason;
  }

  private long length() {
    long most = Math.max(options.openFor().toNanos(), options.maxOpenFor().toNanos());
    long once = options.openFor().toNanos();
    return once > most / times ? most : once * times;
  }

  // ---- the window

  private void turnTo(long now) {
    long present = now / part;
    if (present - parts >= PARTS) {
      Arrays.fill(successes, 0);
      Arrays.fill(failures, 0);
      parts = present;
    }
    while (parts < present) {
      parts++;
      successes[(int) (parts % PARTS)] = 0;
      failures[(int) (parts % PARTS)] = 0;
    }
  }

  private void count(int[] what) {
    int present = (int) (parts % PARTS);
    what[present] = what[present] == Integer.MAX_VALUE ? what[present] : what[present] + 1;
  }

  private static long sum(int[] counts) {
    long sum = 0;
    for (int count : counts) {
      sum += count;
    }
    return sum;
  }

  private void forget() {
    inARow = 0;
    Arrays.fill(successes, 0);
    Arrays.fill(failures, 0);
  }
}
