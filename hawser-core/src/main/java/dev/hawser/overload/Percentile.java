package dev.hawser.overload;

import dev.hawser.tune.Histogram;

/**
 * What so large a share of a host's last response times did not exceed. What was seen fades: after
 * 14 seconds it weighs half. So it rises within a second or two when a host becomes slower, and
 * takes a minute to fall when it is fast again, which is the harmless direction. Has no lock and no
 * clock.
 */
final class Percentile {
  /** Fewer tell nothing of the slowest twentieth. */
  private static final int ENOUGH = 100;

  /** Of them some may have faded a little. */
  private static final int ENOUGH_LEFT = 90;

  /** How often it is computed: half a microsecond each time. */
  private static final long LOOK = 100_000_000;

  /** What weight is left after a look; the mean age is 20 s. */
  private static final double LEFT = 0.995;

  private final double share;
  private final Histogram seen = new Histogram();
  private long lookedAt;
  private int unlooked; // values since then
  private long value;

  Percentile(double share, long now) {
    this.share = share;
    this.lookedAt = now;
  }

  /** Takes a response time, and returns the percentile of all; 0 while there are too few. */
  long add(long nanos, long now) {
    long looks = (now - lookedAt) / LOOK;
    if (looks > 0) {
      seen.fade((float) Math.pow(LEFT, (double) looks));
      lookedAt += looks * LOOK;
    }
    seen.add(nanos, 1);
    unlooked++;
    if (looks > 0 || unlooked == ENOUGH) {
      unlooked = 0;
      value = seen.total() < ENOUGH_LEFT ? 0 : seen.percentile(share);
    }
    return value;
  }
}
