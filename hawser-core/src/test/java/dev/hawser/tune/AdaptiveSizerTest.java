package dev.hawser.tune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent.Resized.Loop;
import dev.hawser.PoolOptions;
import dev.hawser.PoolOptions.Sizing;
import dev.hawser.tune.Sizer.Decision;
import dev.hawser.tune.Sizer.Pool;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdaptiveSizerTest {
  private static final long TICK = AdaptiveSizer.TICK;
  private static final long MILLI = 1_000_000;

  private PoolOptions options = PoolOptions.DEFAULTS.sizing(Sizing.ADAPTIVE);
  private long now = 1;
  private Sizer sizer = Sizer.of(options, now);

  /** So many at once, {@code queued} of whom found no connection, are served within a tick. */
  private @Nullable Decision tick(int callers, int queued, int open) {
    Traffic traffic = sizer.traffic();
    for (int i = 0; i < callers; i++) {
      if (i >= callers - queued) {
        traffic.queued(1, now);
      }
      traffic.leased(i >= callers - queued ? Traffic.UNKNOWN : 5 * MILLI, now);
    }
    now += TICK;
    for (int i = 0; i < callers; i++) {
      traffic.returned(TICK, now);
    }
    return sizer.look(new Pool(open, 0), now);
  }

  private void seconds(int seconds, int callers) {
    for (int i = 0; i < seconds * 10; i++) {
      tick(callers, 0, callers);
    }
  }

  @Test
  void whereCallersFindNoConnectionSomeAreOpenedAheadOfTheNext() {
    tick(20, 0, 20);

    Decision decision = tick(40, 20, 40);

    assertThat(decision.loop()).isEqualTo(Loop.FAST);
    assertThat(decision.before()).isEqualTo(new Size(0, 100, Duration.ofSeconds(30)));
    assertThat(decision.after()).isEqualTo(new Size(18, 100, Duration.ofSeconds(30))); // of 58
    assertThat(decision.observed().queued()).isEqualTo(20);
    assertThat(decision.observed().demand()).isEqualTo(40);
    assertThat(decision.observed().open()).isEqualTo(40);
    assertThat(decision.observed().requestsPerSecond()).isEqualTo(400);
    assertThat(decision.observed().responseTime()).isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void aColdStartAFewCallersAndAHangingServerOpenNothingAhead() {
    assertThat(tick(40, 40, 40)).as("nothing was open before").isNull();

    assertThat(tick(7, 7, 40)).as("too few to be worth it").isNull();

    Traffic traffic = sizer.traffic();
    for (int i = 0; i < 40; i++) {
      traffic.queued(1, now);
      traffic.leased(Traffic.UNKNOWN, now);
    }
    now += TICK;
    assertThat(sizer.look(new Pool(80, 0), now)).as("nothing ends").isNull();
  }

  @Test
  void noMoreThanTheLimitsAllow() {
    tick(95, 0, 95);
    assertThat(tick(95, 5, 95).after().minIdle()).as("100 in all").isEqualTo(5);
    assertThat(tick(4_000, 3_900, 100)).as("no place is left").isNull();
  }

  @Test
  void whatWasRaisedIsLeftAloneAndThenTakenBackByQuarters() {
    tick(20, 0, 20);
    tick(40, 20, 40);
    long raisedAt = now;
    assertThat(sizer.size().minIdle()).isEqualTo(18);

    int before = 18;
    while (sizer.size().minIdle() == before) {
      tick(20, 0, 58);
    }
    assertThat(now - raisedAt).isBetween(AdaptiveSizer.COOL_DOWN, 4 * Sizer.WINDOW);
    assertThat(sizer.size().minIdle()).isBetween(12, 15);
    seconds(120, 20);
    assertThat(sizer.size().minIdle()).as("demand stays as it is").isZero();
  }

  @Test
  void whereNobodyComesNothingIsKeptReady() {
    tick(20, 0, 20);
    tick(40, 20, 40);
    seconds(40, 0);
    assertThat(sizer.size().minIdle()).isZero();
    assertThat(sizer.nextLook(now) - now).as("looks seldom").isGreaterThan(TICK);
  }

  @Test
  void idleLimitsFollowTheLastMinutesAndTheMomentBreaksThem() {
    options = options.idleTimeout(Duration.ofSeconds(120));
    sizer = Sizer.of(options, now);
    seconds(600, 20); // reused after 5 ms
    assertThat(sizer.size().maxIdle()).isBetween(29, 40);
    assertThat(sizer.size().idleTimeout())
        .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(13));

    for (int i = 0; i < 90; i++) {
      sizer.traffic().queued(1, now);
      sizer.traffic().leased(Traffic.UNKNOWN, now);
    }
    assertThat(sizer.maxIdle()).as("at this moment").isEqualTo(90);
  }

  @Test
  void aConnectionThatWasClosedTooSoonMakesTheTimeoutLonger() {
    options = options.idleTimeout(Duration.ofSeconds(120));
    sizer = Sizer.of(options, now);
    seconds(600, 20);
    long idleSince = now;
    seconds(30, 20);
    sizer.traffic().expired(idleSince);
    tick(20, 1, 20); // it would have served

    seconds(10, 20);

    assertThat(sizer.size().idleTimeout())
        .isBetween(Duration.ofSeconds(60), Duration.ofSeconds(70));
  }

  @Test
  void absurdFiguresStayWithinTheBounds() {
    for (Sizing sizing : new Sizing[] {Sizing.LITTLE, Sizing.ADAPTIVE}) {
      for (long seed = 0; seed < 300; seed++) {
        var random = new Random(seed);
        int most = random.nextInt(50);
        options =
            PoolOptions.DEFAULTS
                .sizing(sizing)
                .maxIdlePerHost(most)
                .minIdlePerHost(random.nextInt(most + 1))
                .maxConnectionsPerHost(50)
                .idleTimeout(Duration.ofMillis(1 + random.nextInt(200_000)));
        now = 1;
        sizer = Sizer.of(options, now);
        for (int step = 0; step < 200; step++) {
          absurd(random);
          Size size = sizer.size();
          assertThat(size.minIdle()).isBetween(options.minIdlePerHost(), most);
          assertThat(size.maxIdle()).isBetween(size.minIdle(), most);
          assertThat(sizer.maxIdle()).isBetween(size.minIdle(), most);
          assertThat(size.idleTimeout()).isPositive().isLessThanOrEqualTo(options.idleTimeout());
        }
      }
    }
  }

  private void absurd(Random random) {
    long any = random.nextBoolean() ? random.nextLong() : random.nextInt(100);
    switch (random.nextInt(6)) {
      case 0 -> sizer.traffic().leased(any, now);
      case 1 -> sizer.traffic().returned(any, now);
      case 2 -> sizer.traffic().queued((int) any, now);
      case 3 -> sizer.traffic().expired(any);
      case 4 -> now += random.nextLong(1L << random.nextInt(1, 50));
      default -> sizer.look(new Pool((int) any, random.nextInt()), now);
    }
  }
}
