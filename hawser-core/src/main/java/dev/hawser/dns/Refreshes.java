package dev.hawser.dns;

import dev.hawser.io.Ticker;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Look-ups ahead of an answer's end, a bounded number at once: a thousand names are no burst. */
final class Refreshes {
  /** An entry as it was seen, and when it is to be asked for again. */
  record Due(Entry entry, Entry.State seen, long at) {}

  private final Lookups lookups;
  private final int most;
  private final Runnable ended;
  private final AtomicInteger underWay = new AtomicInteger();

  /**
   * Begins none yet.
   *
   * @param ended is run when one has ended, for those who wait for their turn
   */
  Refreshes(Lookups lookups, int most, Runnable ended) {
    this.lookups = lookups;
    this.most = most;
    this.ended = ended;
  }

  /** Begins what is due, the longest overdue first; returns when the next will be. */
  long begin(List<Due> entries, long now) {
    entries.sort(Comparator.comparingLong(Due::at));
    for (Due next : entries) {
      if (next.at() > now) {
        return next.at();
      }
      if (next.entry().underWay == null && underWay.get() < most) {
        underWay.incrementAndGet();
        CompletableFuture<?> ignored =
            lookups
                .begin(next.entry(), next.seen())
                .result()
                .thenRun(
                    () -> {
                      underWay.decrementAndGet();
                      ended.run();
                    });
      }
    }
    return Ticker.NEVER;
  }
}
