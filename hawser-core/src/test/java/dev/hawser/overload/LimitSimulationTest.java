package dev.hawser.overload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.overload.LimitSimulation.Second;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the limit does for a host of 16 workers with 20 ms of work for each request, 800 a second at
 * most, when load or host change; over runs that differ in all that is random.
 */
@Timeout(60)
class LimitSimulationTest {
  private static final int WORKERS = 16;
  private static final double CAPACITY = 800;

  private static double mean(
      List<Second> seconds, int from, int to, ToDoubleFunction<Second> figure) {
    return seconds.subList(from, to).stream().mapToDouble(figure).average().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void halfAsMuchAgainAsTheHostCanBearForTwoMinutes(long seed) throws Exception {
    var simulation =
        new LimitSimulation(WORKERS, t -> t < 20 ? 400 : 1_200, t -> 20, -1, -1, true, seed);

    List<Second> seconds = simulation.run(140);

    assertThat(mean(seconds, 0, 20, Second::refused)).as("of 400 a second").isLessThan(2);
    assertThat(mean(seconds, 21, 140, Second::answered)).isGreaterThan(0.95 * CAPACITY);
    assertThat(mean(seconds, 21, 40, Second::meanMillis)).isLessThan(40);
    assertThat(seconds.subList(21, 140))
        .allSatisfy(
            second -> {
              assertThat(second.meanMillis()).isLessThan(75);
              assertThat(second.limit()).isBetween(WORKERS, 60);
            });
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void tenTimesTheLoadForHalfAMinute(long seed) throws Exception {
    var simulation =
        new LimitSimulation(
            WORKERS, t -> t >= 20 && t < 50 ? 4_000 : 400, t -> 20, -1, -1, true, seed);

    List<Second> seconds = simulation.run(60);

    assertThat(seconds.subList(20, 60))
        .allSatisfy(second -> assertThat(second.meanMillis()).isLessThan(60));
    assertThat(mean(seconds, 20, 50, Second::answered)).isGreaterThan(0.95 * CAPACITY);
    assertThat(mean(seconds, 51, 60, Second::refused)).as("a second after it").isZero();
    assertThat(mean(seconds, 51, 60, Second::meanMillis)).isLessThan(25);
  }

  /** From 20 to 80 ms within a minute, so that it can do 200 a second instead of 800. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aHostThatBecomesSlowerAndSlower(long seed) throws Exception {
    var simulation =
        new LimitSimulation(
            WORKERS, t -> 600, t -> 20 + Math.clamp(t - 20, 0, 60), -1, -1, true, seed);

    List<Second> seconds = simulation.run(160);

    assertThat(seconds.subList(20, 160))
        .as("no queue builds up")
        .allSatisfy(second -> assertThat(second.meanMillis()).isLessThan(130));
    assertThat(mean(seconds, 80, 100, Second::answered))
        .as("the limit is too low for a while")
        .isGreaterThan(0.5 * 200);
    assertThat(mean(seconds, 120, 160, Second::answered)).isGreaterThan(0.9 * 200);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aHostThatPausesForThreeSecondsIsWellAtOnceAndWithoutALimitNotForLong(long seed)
      throws Exception {
    var limited = new LimitSimulation(WORKERS, t -> 600, t -> 20, 30, 33, true, seed);
    var unlimited = new LimitSimulation(WORKERS, t -> 600, t -> 20, 30, 33, false, seed);

    List<Second> with = limited.run(50);
    List<Second> without = unlimited.run(50);

    assertThat(with.subList(34, 50))
        .allSatisfy(second -> assertThat(second.meanMillis()).isLessThan(60));
    assertThat(mean(with, 34, 50, Second::refused)).isLessThan(5);
    assertThat(without.get(38).meanMillis()).as("five seconds later").isGreaterThan(500);
  }
}
