package dev.hawser.pool;

import dev.hawser.ExchangeEvent;
import dev.hawser.PoolOptions.Sizing;
import dev.hawser.io.Ticker;
import dev.hawser.tune.Sizer;

/**
 * Has each host's {@link Sizer} look at its traffic, and begins the connections that it wants ahead
 * of need. Called under the pool's lock, as the {@link Ledger} is.
 */
final class Tuning {
  /** How soon to look when callers wait. */
  static final long SOON = 100_000_000;

  private final boolean needed;
  private final Stock stock;
  private final Dials dials;

  Tuning(Sizing sizing, Stock stock, Dials dials) {
    this.needed = sizing != Sizing.FIXED;
    this.stock = stock;
    this.dials = dials;
  }

  /** Whether there is anything to look at. */
  boolean needed() {
    return needed;
  }

  /** Returns when to look again; {@link Ticker#NEVER} where nothing is open. */
  long look(long now, Decisions decisions) {
    long next = Ticker.NEVER;
    if (needed) {
      for (HostPool host : stock.hosts()) {
        if (!host.unused() || host.size().minIdle() > 0) {
          next = Math.min(next, look(host, now, decisions));
        }
      }
    }
    return next;
  }

  private long look(HostPool host, long now, Decisions decisions) {
    Sizer sizer = host.sizer;
    if (sizer == null || host.multiplexes(now)) {
      return Ticker.NEVER; // streams share the few connections that there are
    }
    int waiting = host.line.waiting();
    Sizer.Decision decision = sizer.look(new Sizer.Pool(host.open(), waiting), now);
    if (decision != null) {
      host.resized =
          new ExchangeEvent.Resized(
              host.origin,
              decision.loop(),
              decision.before(),
              decision.after(),
              decision.observed());
      decisions.resized(host.resized);
    }
    if (sizer.size().minIdle() > 0 && !Ages.backsOff(host, now)) {
      dials.fillUp(host, waiting + sizer.size().minIdle(), decisions);
    }
    return sizer.nextLook(now);
  }
}
