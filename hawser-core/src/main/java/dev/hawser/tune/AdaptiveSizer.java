package dev.hawser.tune;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.ExchangeEvent.Resized.Observed;
import dev.hawser.PoolOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Two loops. The <b>fast</b> one looks every {@link #TICK}: where callers found no connection while
 * others were served, demand is growing, and it has connections opened beyond those that the
 * callers in line get, so that demand is {@link #TARGET} of what is open. It only ever raises. The
 * <b>slow</b> one looks every ten seconds: it takes back what the last minutes' demand does not
 * call for, a quarter at a time and not within {@link #COOL_DOWN} of a raise, and sizes how many
 * idle connections are kept and for how long.
 *
 * <p>So a size that goes up and down does so in no less than the cool-down; and what is opened
 * ahead of need is less than half of what callers had at once.
 */
final class AdaptiveSizer extends Sizer {
  /** How often the fast loop looks. */
  static final long TICK = 100_000_000;

  /** Of what is open, so much is to be in use: the rest is there for those who come next. */
  static final double TARGET = 0.7;

  /**
   * Fewer callers at once are left to connections on demand: a spare one each would save little,
   * and cost a server with many small clients much.
   */
  static final int WORTH = 8;

  /** How long what the fast loop has raised is left alone. */
  static final long COOL_DOWN = 2 * WINDOW;

  /** What is left of the weight of a value after a window: half of it after 66 s. */
  private static final float FADING = 0.9f;

  /** Windows before idle limits are judged: what comes once a minute has to have come. */
  private static final int EVIDENCE = 6;

  /** Reuses before idle timeouts are judged. */
  private static final int REUSES = 1_000;

  /** Idle timeouts are not made shorter than this: a client at rest closes soon enough. */
  private static final Duration SHORTEST = Duration.ofSeconds(10);

  /** Sizes are lowered only to this share of what they are, or less. */
  private static final double WORTH_LOWERING = 0.8;

  private final Histogram demandNow = new Histogram(); // of ticks, in this window
  private final Histogram demands = new Histogram(); // fading
  private final Histogram gaps = new Histogram(); // fading
  private int openBefore; // at the last tick
  private long raisedAt = Long.MIN_VALUE;
  private int windows;
  private boolean lively = true; // whether the last tick saw callers

  AdaptiveSizer(PoolOptions options, long now) {
    super(options, now);
  }

  @Override
  public @Nullable Decision look(Pool pool, long now) {
    if (now - traffic.window.since >= WINDOW) {
      Decision decision = slow(pool, now);
      if (decision != null) {
        return decision; // the fast loop's turn comes with the next look
      }
    }
    return now - traffic.tick.since >= TICK ? fast(pool, now) : null;
  }

  @Override
  public long nextLook(long now) {
    return lively ? traffic.tick.since + TICK : traffic.window.since + WINDOW;
  }

  /** What the callers of this moment give back is not too many. */
  @Override
  public int maxIdle() {
    return Math.min(Math.max(size().maxIdle(), traffic.peak()), options.maxIdlePerHost());
  }

  // ---- the fast loop

  private @Nullable Decision fast(Pool pool, long now) {
    traffic.settle(now);
    Traffic.Span tick = traffic.tick;
    int demand = tick.peak;
    // A tick may be late, or long where nobody came.
    demandNow.add(demand, (float) (Math.min(now - tick.since, WINDOW) / (double) TICK));
    Decision decision = null;
    if (isGrowing(tick)) {
      int wanted = within(Math.min(spare(demand), options.maxConnectionsPerHost() - demand));
      if (wanted >= size().minIdle()) {
        raisedAt = now; // as good as raised, if it is that high already
      }
      var after =
          new Size(
              Math.max(size().minIdle(), wanted),
              Math.max(size().maxIdle(), Math.min(open(demand), options.maxIdlePerHost())),
              size().idleTimeout());
      decision = decide(Loop.FAST, after, observed(tick, pool, demand, 0, now));
    }
    lively = traffic.active();
    openBefore = pool.open();
    traffic.endTick(pool.waiting(), now);
    return decision;
  }

  /**
   * Callers found no connection although there were some, which is not so at a cold start; and
   * exchanges end, which they do not where a server hangs: more connections do not help that.
   */
  private boolean isGrowing(Traffic.Span tick) {
    return tick.queued > 0 && openBefore > 0 && tick.returns > 0 && tick.peak >= WORTH;
  }

  /** So many have to be open, for so many callers at once. */
  static int open(int demand) {
    return (int) Math.ceil(demand / TARGET);
  }

  private static int spare(int demand) {
    return demand < WORTH ? 0 : open(demand) - demand;
  }

  private int within(int minIdle) {
    int most = Math.min(options.maxIdlePerHost(), options.maxConnectionsPerHost());
    return Math.clamp(minIdle, options.minIdlePerHost(), most);
  }

  // ---- the slow loop

  private @Nullable Decision slow(Pool pool, long now) {
    traffic.settle(now);
    demands.fade(FADING);
    demands.add(demandNow);
    gaps.fade(FADING);
    gaps.add(traffic.gaps());
    windows++;
    int high = (int) demandNow.percentile(0.95);
    int variation = (int) (demands.percentile(0.99) - demands.percentile(0.10));
    int minIdle = minIdle(high, variation, now);
    var after = new Size(minIdle, Math.max(minIdle, maxIdle(high)), idleTimeout());
    Observed observed = observed(traffic.window, pool, high, variation, now);
    demandNow.clear();
    traffic.endWindow(now);
    return decide(Loop.SLOW, after, observed);
  }

  /** Spare ones for what demand has varied by; where it stays as it is, none are needed. */
  private int minIdle(int high, int variation, long now) {
    int current = size().minIdle();
    if (raisedAt != Long.MIN_VALUE && now - raisedAt < COOL_DOWN) {
      return current;
    }
    int target = within(Math.min(spare(high), variation));
    if (high == 0) {
      return Math.min(current, target); // nobody comes: nothing is kept ready
    }
    return lowered(current, target);
  }

  private int maxIdle(int high) {
    int current = size().maxIdle();
    if (windows < EVIDENCE || high == 0) {
      return current;
    }
    int wanted = open((int) Math.max(demands.percentile(0.99), high));
    int target = Math.min(Math.max(wanted, 2), options.maxIdlePerHost());
    if (target > current) {
      return target;
    }
    return lowered(current, target);
  }

  /** A quarter of the way down, where it is far enough to be worth it. */
  private static int lowered(int current, int target) {
    return target <= current * WORTH_LOWERING
        ? current - Math.ceilDiv(current - target, 4)
        : current;
  }

  private Duration idleTimeout() {
    Duration most = options.idleTimeout();
    Duration current = size().idleTimeout();
    if (windows < EVIDENCE || gaps.total() < REUSES) {
      return current;
    }
    Duration longest = longestGap().multipliedBy(2);
    Duration slowest = p99().multipliedBy(3);
    Duration target = least(greatest(SHORTEST, greatest(longest, slowest)), most);
    if (target.compareTo(current) >= 0) {
      return target;
    }
    return target.toNanos() <= current.toNanos() * WORTH_LOWERING
        ? current.minus(current.minus(target).dividedBy(4))
        : current;
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private static Duration greatest(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private Duration longestGap() {
    return Duration.ofNanos(gaps.largest(0.5f) * 1_000);
  }

  private Duration p99() {
    return Duration.ofNanos(traffic.held().percentile(0.99) * 1_000);
  }

  private Observed observed(Traffic.Span span, Pool pool, int demand, int variation, long now) {
    return new Observed(
        Duration.ofNanos(now - span.since),
        span.perSecond(now),
        Duration.ofNanos((long) span.responseNanos()),
        span.queued,
        pool.open(),
        demand,
        variation,
        longestGap());
  }
}
