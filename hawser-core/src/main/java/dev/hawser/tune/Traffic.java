package dev.hawser.tune;

/**
 * What one host's callers ask of its pool: a few plain counts, written for every request. Mean
 * response times need no clock reading of their own: by Little's law they are the time integral of
 * busy connections over the exchanges that ended.
 */
public final class Traffic {
  /** No idle time, no time of holding: the connection is new, or shared. */
  public static final long UNKNOWN = -1;

  private static final long NANOS_PER_MICRO = 1_000;

  private final Histogram held = new Histogram(); // µs, in the slow loop's window
  private final Histogram gaps = new Histogram(); // µs that connections were idle before reuse
  private int busy;
  private long changedAt; // when busy last did
  private long expiredSince = UNKNOWN; // since when the one was idle that idle time closed last

  // Since the last look of the fast loop, and of the slow one.
  final Span tick = new Span();
  final Span window = new Span();

  /** Counts over a span of time. */
  static final class Span {
    long since;
    long arrivals;
    long returns;
    long queued; // callers that found no connection to take
    double busyNanos; // the time integral of busy
    int peak; // of callers that have a connection or wait for one

    void begin(long now, int demand) {
      since = now;
      arrivals = 0;
      returns = 0;
      queued = 0;
      busyNanos = 0;
      peak = demand;
    }

    double perSecond(long now) {
      return now <= since ? 0 : arrivals * 1e9 / (now - since);
    }

    /** The mean; 0 if none ended. */
    double responseNanos() {
      return returns == 0 ? 0 : busyNanos / returns;
    }
  }

  public Traffic(long now) {
    changedAt = now;
    tick.begin(now, 0);
    window.begin(now, 0);
  }

  /** A caller has got a connection that was idle for so long, or {@link #UNKNOWN}. Hot. */
  public void leased(long idleNanos, long now) {
    integrate(now);
    busy++;
    tick.arrivals++;
    window.arrivals++;
    tick.peak = Math.max(tick.peak, busy);
    if (idleNanos >= 0) {
      gaps.add(idleNanos / NANOS_PER_MICRO, 1);
    }
  }

  /** An exchange has ended that held its connection for so long, or {@link #UNKNOWN}. Hot. */
  public void returned(long heldNanos, long now) {
    integrate(now);
    busy--;
    tick.returns++;
    window.returns++;
    if (heldNanos >= 0) {
      held.add(heldNanos / NANOS_PER_MICRO, 1);
    }
  }

  private void integrate(long now) {
    double area = (double) busy * (now - changedAt);
    tick.busyNanos += area;
    window.busyNanos += area;
    changedAt = now;
  }

  /** A caller has found nothing, and is one of so many in line. */
  public void queued(int waiting, long now) {
    tick.queued++;
    window.queued++;
    tick.peak = Math.max(tick.peak, busy + waiting);
    if (expiredSince != UNKNOWN) {
      // The connection that was closed could have served: so long would it have been idle.
      gaps.add((now - expiredSince) / NANOS_PER_MICRO, 1);
      expiredSince = UNKNOWN;
    }
  }

  /** A connection was closed because it had been idle for too long, since then. */
  public void expired(long idleSince) {
    expiredSince = idleSince;
  }

  /** Callers that have a connection or wait for one, at most since the fast loop's last look. */
  public int peak() {
    return tick.peak;
  }

  /** Whether anybody has come since the fast loop's last look, or is still there. */
  public boolean active() {
    return tick.arrivals > 0 || tick.queued > 0 || busy != 0;
  }

  /** The fast loop has looked. */
  void endTick(int waiting, long now) {
    integrate(now);
    tick.begin(now, busy + waiting);
  }

  /** The slow loop has looked. */
  void endWindow(long now) {
    integrate(now);
    window.begin(now, busy);
    held.clear();
    gaps.clear();
  }

  /** Brings the time integrals up to now. */
  void settle(long now) {
    integrate(now);
  }

  Histogram held() {
    return held;
  }

  Histogram gaps() {
    return gaps;
  }
}
