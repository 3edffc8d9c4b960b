package dev.hawser.tune;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.ExchangeEvent.Resized.Observed;
import dev.hawser.PoolOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The formula of {@link Little}, over windows of ten seconds, within the options' limits. */
final class LittleSizer extends Sizer {
  LittleSizer(PoolOptions options, long now) {
    super(options, now);
  }

  @Override
  public @Nullable Decision look(Pool pool, long now) {
    Traffic.Span window = traffic.window;
    if (now - window.since < WINDOW) {
      return null;
    }
    traffic.settle(now);
    double qps = window.perSecond(now);
    double rt = window.responseNanos();
    Little little = Little.measured(qps, rt);
    var observed =
        new Observed(
            Duration.ofNanos(now - window.since),
            qps,
            Duration.ofNanos((long) rt),
            window.queued,
            pool.open(),
            (int) Math.ceil(qps * rt / 1e9),
            0,
            Duration.ZERO);
    traffic.endTick(pool.waiting(), now);
    traffic.endWindow(now);
    int most = options.maxIdlePerHost();
    Duration longest = options.idleTimeout();
    var after =
        new Size(
            options.minIdlePerHost(),
            Math.min(Math.max(little.maxIdlePerHost(), options.minIdlePerHost()), most),
            little.idleTimeout().compareTo(longest) > 0 ? longest : little.idleTimeout());
    return decide(Loop.SLOW, after, observed);
  }

  @Override
  public long nextLook(long now) {
    return traffic.window.since + WINDOW;
  }

  @Override
  public int maxIdle() {
    return size().maxIdle();
  }
}
