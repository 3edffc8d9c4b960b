package dev.hawser.bench.jmh;

import dev.hawser.BreakerOptions;
import dev.hawser.HedgeOptions;
import dev.hawser.LimitOptions;
import dev.hawser.Origin;
import dev.hawser.Priority;
import dev.hawser.RetryOptions;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.overload.Awaited;
import dev.hawser.overload.Hedging;
import dev.hawser.overload.HostLoad;
import dev.hawser.overload.HostLoads;
import dev.hawser.overload.Protection;
import dev.hawser.overload.Refused;
import java.time.InstantSource;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What sparing a host costs each request: all that the call asks of it, and tells it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HostLoadBenchmark {
  private static final int HOSTS = 64;

  /** Budgets are always kept. */
  @Param({"none", "breaker", "limit", "both", "hedge", "all"})
  private String protection = "none";

  /** In the client each request is its own; which one it is makes no difference here. */
  private final Awaited awaited =
      new Awaited() {
        @Override
        protected void late() {}
      };

  private final Origin origin = new Origin("http", "host-7.example", 80);
  private HostLoads loads =
      loads(
          new Protection(
              RetryOptions.DEFAULTS,
              BreakerOptions.DEFAULTS,
              LimitOptions.DEFAULTS,
              HedgeOptions.DEFAULTS));

  private static HostLoads loads(Protection protection) {
    return new HostLoads(
        protection,
        new Events(List.of()),
        new Watchdog(Ticker.SYSTEM),
        new SplittableRandom(1),
        InstantSource.system(),
        Ticker.SYSTEM);
  }

  @Setup
  public void begin() {
    boolean all = protection.equals("all");
    boolean both = protection.equals("both") || all;
    boolean breaker = protection.equals("breaker") || both;
    boolean limit = protection.equals("limit") || both;
    boolean hedge = protection.equals("hedge") || all;
    loads =
        loads(
            new Protection(
                RetryOptions.DEFAULTS,
                BreakerOptions.DEFAULTS.enabled(breaker),
                LimitOptions.DEFAULTS.enabled(limit),
                HedgeOptions.DEFAULTS.enabled(hedge)));
    for (int i = 0; i < HOSTS; i++) {
      loads.of(new Origin("http", "host-" + i + ".example", 80));
    }
  }

  @Benchmark
  public long request() throws Refused, StageFailure, InterruptedException {
    HostLoad load = loads.of(origin);
    if (load.isLimited()) {
      load.enter(Priority.current(), Ticker.NEVER);
    }
    long admitted = load.admit();
    Hedging hedging = load.hedging();
    if (hedging != null) {
      hedging.begun(awaited, admitted, Ticker.NEVER);
    }
    long now = Ticker.SYSTEM.nanos();
    if (hedging != null) {
      hedging.ended(awaited, true, now - admitted, now);
    }
    load.answered(200, true, admitted, now);
    load.leave();
    return admitted;
  }
}
