package dev.hawser.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.PoolOptions;
import dev.hawser.PoolOptions.Sizing;
import dev.hawser.pool.Simulation.Decided;
import dev.hawser.pool.Simulation.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What sizing does with traffic that changes, over many runs that differ in all that is random. */
@Timeout(300)
class SizingSimulationTest {
  private static final int SEEDS = 8;

  /** Ten callers at once on average, a hundred from second 34 to 64. */
  private static final Trace SPIKE =
      new Trace(90, t -> t >= 34 && t < 64 ? 2_000 : 200, 2_000, t -> 48);

  private static final Trace STEP = new Trace(150, t -> t >= 30 ? 600 : 200, 600, t -> 48);

  private static final Trace SINE =
      new Trace(180, t -> 400 + 300 * Math.sin(t * Math.PI / 30), 700, t -> 48);

  /** From 20 to 200 ms. */
  private static final Trace LEAK =
      new Trace(120, t -> 300, 300, t -> 20 + Math.clamp(t - 30, 0, 60) * 3);

  private static final Trace HANG = new Trace(60, t -> 400, 400, t -> 48, 30, 32);

  /** What came to a real server in seven hours, a second for each minute, and twice as much. */
  private static final Trace RECORDED = recorded();

  private static Trace recorded() {
    int[] perSecond;
    try (InputStream file = SizingSimulationTest.class.getResourceAsStream("launch-day.txt")) {
      perSecond =
          new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .flatMap(line -> Stream.of(line.split(" ")))
              .mapToInt(count -> 2 * Integer.parseInt(count))
              .toArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Trace(
        perSecond.length,
        t -> perSecond[Math.min((int) t, perSecond.length - 1)],
        IntStream.of(perSecond).max().orElseThrow(),
        t -> 48);
  }

  private static Simulation run(Sizing sizing, Trace trace, long seed) throws Exception {
    PoolOptions options =
        PoolOptions.DEFAULTS.sizing(sizing).maxConnectionsPerHost(300).maxIdlePerHost(300);
    return new Simulation(options, trace, 0, seed).run();
  }

  /** Load: callers, served or waiting, for each open connection, over a second. */
  @Test
  void aSpikeOverloadsOneLoopAndNotTwo() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation one = run(Sizing.LITTLE, SPIKE, seed);
      Simulation two = run(Sizing.ADAPTIVE, SPIKE, seed);

      assertThat(one.highestLoad(34, 64)).as("one loop, seed %d", seed).isGreaterThan(0.92);
      assertThat(two.highestLoad(34, 64)).as("two loops, seed %d", seed).isLessThan(0.78);
      assertThat(one.shed() + two.shed()).as("nobody is refused").isZero();
      assertThat(two.coldCallers).isLessThan(one.coldCallers / 5);
      assertThat(decided(two, s -> s.maxIdle() >= 100 && s.minIdle() >= 30))
          .as("seconds, of those that one loop takes")
          .isLessThan(0.2 * decided(one, s -> s.maxIdle() >= 100));
    }
  }

  /**
   * A hundred callers at once on a hundred connections: then no sizing helps, only refusing some. A
   * limit of callers at once stands for what does that.
   */
  @Test
  void whereTheLimitIsReachedOnlyRefusingHelps() throws Exception {
    PoolOptions options = PoolOptions.DEFAULTS.sizing(Sizing.ADAPTIVE).maxConnectionsPerHost(100);
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation all = new Simulation(options, SPIKE, 0, seed).run();
      Simulation some = new Simulation(options, SPIKE, 78, seed).run();

      assertThat(all.highestLoad(34, 64)).isGreaterThan(1);
      assertThat(some.highestLoad(34, 35)).as("while they are opened").isLessThan(0.85);
      assertThat(some.highestLoad(35, 64)).isLessThanOrEqualTo(0.78);
      assertThat(some.shed() / 60_000.0).as("of the spike's callers").isBetween(0.2, 0.3);
    }
  }

  private interface Enough {
    boolean is(Size size);
  }

  /** After how many seconds of the spike there was a size good enough for it. */
  private static double decided(Simulation simulation, Enough enough) {
    return simulation.decisions.stream()
            .filter(each -> each.at() >= 34 && enough.is(each.event().after()))
            .findFirst()
            .orElseThrow()
            .at()
        - 34;
  }

  @Test
  void fewerCallersWaitForConnectionsThanWithoutSizing() throws Exception {
    for (Trace trace : List.of(STEP, SINE, LEAK, RECORDED)) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        int fixed = run(Sizing.FIXED, trace, seed).coldCallers;
        assertThat(run(Sizing.ADAPTIVE, trace, seed).coldCallers).isLessThan(fixed);
      }
    }
  }

  @Test
  void whatIsOpenIsLessThanHalfAsMuchAgainAsCallersHadAtOnce() throws Exception {
    for (Trace trace : List.of(SPIKE, STEP, SINE, LEAK, RECORDED)) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        Simulation simulation = run(Sizing.ADAPTIVE, trace, seed);
        assertThat(simulation.mostOpen)
            .as("seed %d, demand %d", seed, simulation.mostDemand)
            .isLessThanOrEqualTo((int) Math.ceil(simulation.mostDemand / 0.7) + 1);
      }
    }
  }

  @Test
  void sizesDoNotOscillate() throws Exception {
    for (Trace trace : List.of(SPIKE, STEP, SINE, LEAK, HANG)) {
      for (long seed = 1; seed <= SEEDS; seed++) {
        Simulation simulation = run(Sizing.ADAPTIVE, trace, seed);
        double raisedAt = Double.NEGATIVE_INFINITY;
        int turns = 0;
        boolean down = false;
        for (Decided decided : simulation.decisions) {
          int change = decided.event().after().minIdle() - decided.event().before().minIdle();
          if (change > 0) {
            assertThat(decided.event().loop()).isEqualTo(Loop.FAST);
            turns += down ? 1 : 0;
            down = false;
            raisedAt = decided.at();
          } else if (change < 0) {
            assertThat(decided.at() - raisedAt).as("cool-down").isGreaterThanOrEqualTo(20);
            down = true;
          }
        }
        assertThat(turns).as("turns upwards, seed %d", seed).isLessThanOrEqualTo(2);
      }
    }
  }

  /** Which falls to nothing and rises again several times. */
  @Test
  void recordedTrafficOverloadsNoPoolOfTwoLoops() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation one = run(Sizing.LITTLE, RECORDED, seed);
      Simulation two = run(Sizing.ADAPTIVE, RECORDED, seed);
      Simulation none = run(Sizing.FIXED, RECORDED, seed);

      assertThat(two.highestLoad(10, 420)).as("two loops, seed %d", seed).isLessThan(0.78);
      assertThat(one.highestLoad(10, 420)).as("one loop, seed %d", seed).isGreaterThan(0.78);
      assertThat(two.coldCallers).isLessThan(none.coldCallers / 2);
    }
  }

  @Test
  void whereDemandStaysAsItIsSizesDo() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation simulation = run(Sizing.ADAPTIVE, STEP, seed);
      // Who comes at random is sometimes many: a new highest may be met, and no size goes down.
      List<Integer> changes =
          simulation.decisions.stream()
              .filter(each -> each.at() > 60)
              .map(each -> each.event().after().minIdle() - each.event().before().minIdle())
              .filter(change -> change != 0)
              .toList();
      assertThat(changes).as("seed %d", seed).hasSizeLessThanOrEqualTo(3);
    }
  }

  @Test
  void aServerThatHungIsBackWithinTwoSeconds() throws Exception {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Simulation simulation = run(Sizing.ADAPTIVE, HANG, seed);
      assertThat(simulation.seconds.get(31).load()).as("all wait").isGreaterThan(1);
      assertThat(simulation.seconds.subList(34, 58)).allMatch(second -> second.load() < 0.78);
      assertThat(simulation.timedOut).isZero();
    }
  }
}
