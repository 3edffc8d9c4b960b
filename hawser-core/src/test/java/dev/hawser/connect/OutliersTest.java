package dev.hawser.connect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.EjectionOptions;
import dev.hawser.connect.Outliers.Verdict;
import dev.hawser.io.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which address goes, for how long, and which never do. */
class OutliersTest {
  private static final long SECOND = 1_000_000_000L;
  private static final EjectionOptions OPTIONS =
      EjectionOptions.DEFAULTS
          .failuresInARow(3)
          .failureShare(0.3)
          .minCalls(10)
          .window(Duration.ofSeconds(10))
          .ejectFor(Duration.ofSeconds(30))
          .maxEjectFor(Duration.ofSeconds(100))
          .maxShare(0.5)
          .panicShare(0.5);

  private final List<Verdict> told = new ArrayList<>();
  private Outliers host = new Outliers(OPTIONS, told::add);
  private long now = 7 * SECOND;

  private static InetAddress address(int number) {
    return InetAddress.ofLiteral("10.0.0." + number);
  }

  private void given(int... numbers) {
    host.present(IntStream.of(numbers).mapToObj(OutliersTest::address).toList(), now);
  }

  private Endpoint endpoint(int number) {
    return Objects.requireNonNull(host.find(address(number)));
  }

  private void hears(int number, boolean well, int times) {
    for (int i = 0; i < times; i++) {
      endpoint(number).heard(well, now, now);
    }
  }

  private void succeeds(int number, int times) {
    hears(number, true, times);
  }

  private void fails(int number, int times) {
    hears(number, false, times);
  }

  private List<InetAddress> out() {
    return host.out(now).stream().map(ejection -> ejection.address()).toList();
  }

  private Duration left(int number) {
    return host.out(now).stream()
        .filter(ejection -> ejection.address().equals(address(number)))
        .findFirst()
        .orElseThrow()
        .left();
  }

  private void passUntilItIsBack(int number) {
    now += left(number).toNanos();
    long ignored = host.sweep(now);
  }

  // ---- going

  @Test
  void failuresInARowEjectAnAddressAndTheOthersAreTriedFirst() {
    given(1, 2, 3);
    fails(1, 2);
    succeeds(1, 1);
    fails(1, 2);
    assertThat(out()).isEmpty();

    fails(1, 1);

    assertThat(told)
        .containsExactly(
            new Verdict.Out(address(1), 30 * SECOND, now + 30 * SECOND, "3 failures in a row"));
    assertThat(host.outLast(List.of(at(1), at(2), at(3)))).containsExactly(at(2), at(3), at(1));
    assertThat(host.ejections()).isEqualTo(1);
  }

  private static InetSocketAddress at(int number) {
    return new InetSocketAddress(address(number), 80);
  }

  @Test
  void aShareEjectsWhatTheOthersDoBetter() {
    given(1, 2, 3);
    succeeds(2, 10);
    succeeds(1, 9);
    for (int i = 0; i < 3; i++) {
      fails(1, 1);
      succeeds(1, 1);
    }
    fails(1, 1);
    assertThat(out()).as("4 of 16").isEmpty();
    fails(1, 1);
    assertThat(out()).as("5 of 17 are not more than 0.3").isEmpty();
    succeeds(1, 1);
    fails(1, 1);
    assertThat(out()).as("6 of 19").containsExactly(address(1));
    assertThat(host.out(now).getFirst().reason())
        .isEqualTo("6 failures of 19 calls, where the others have 0 of 10");
  }

  @Test
  void aShareAloneEjectsNobodyWhileLittleIsKnownOfTheOthers() {
    given(1, 2);
    succeeds(2, 9);
    for (int i = 0; i < 50; i++) {
      fails(1, 2);
      succeeds(1, 1);
    }
    assertThat(out()).isEmpty();
  }

  @Test
  void whatFailsEverywhereIsNoAddresssTrouble() {
    given(1, 2, 3);
    for (int i = 0; i < 100; i++) {
      fails(1 + i % 3, 1);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void whatIsOlderThanTheWindowIsForgotten() {
    given(1, 2);
    fails(2, 2);
    fails(1, 2);
    now += 10 * SECOND;
    fails(1, 1); // the other has no calls in the window
    assertThat(out()).containsExactly(address(1));
  }

  @Test
  void anOnlyAddressIsNotEvenCounted() {
    given(1);
    fails(1, 100);
    assertThat(told).isEmpty();
    given(1, 2);
    fails(1, 2);
    assertThat(told).isEmpty();
  }

  @Test
  void noMoreThanTheShareAreOut() {
    host = new Outliers(OPTIONS.panicShare(1), told::add);
    given(1, 2, 3, 4);
    fails(1, 3);
    fails(2, 3);
    fails(3, 3);
    assertThat(out()).containsExactlyInAnyOrder(address(1), address(2));
    passUntilItIsBack(1);
    assertThat(out()).isEmpty();
    succeeds(1, 1);
    fails(3, 1);
    assertThat(out()).as("it was on probation, too").containsExactly(address(3));
  }

  @Test
  void oneMayGoHoweverSmallTheShareIsAndTheLastNever() {
    host = new Outliers(OPTIONS.maxShare(0).panicShare(1), told::add);
    given(1, 2);
    fails(1, 3);
    fails(2, 3);
    assertThat(out()).containsExactly(address(1));
    host = new Outliers(OPTIONS.maxShare(1).panicShare(1), told::add);
    given(1, 2);
    fails(1, 3);
    fails(2, 3);
    assertThat(out()).containsExactly(address(1));
  }

  @Test
  void whenTooManyFailAllAreInAndNoneGoesForAWhile() {
    given(1, 2, 3);
    fails(1, 3);
    fails(2, 3);

    assertThat(out()).isEmpty();
    assertThat(told.getLast())
        .isEqualTo(new Verdict.Back(List.of(address(1)), 3, "2 of 3 addresses fail"));
    fails(1, 10);
    assertThat(out()).isEmpty();
    now += 30 * SECOND;
    succeeds(2, 10);
    fails(1, 3);
    assertThat(out()).containsExactly(address(1));
  }

  // ---- back

  @Test
  void itComesBackOnProbation() {
    given(1, 2);
    fails(1, 3);
    now += 30 * SECOND - 1;
    assertThat(host.sweep(now)).isEqualTo(now + 1);
    assertThat(out()).isNotEmpty();
    now++;
    assertThat(host.sweep(now)).isEqualTo(Ticker.NEVER);
    assertThat(out()).isEmpty();
    assertThat(told.getLast())
        .isEqualTo(new Verdict.Back(List.of(address(1)), 2, "its time is over"));

    succeeds(1, 1);
    fails(1, 2);
    assertThat(out()).as("one success was enough").isEmpty();
    fails(1, 1);
    assertThat(left(1)).isEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void itIsOutLongerEachTimeUpToTheMost() {
    given(1, 2);
    fails(1, 3);
    for (int seconds : new int[] {60, 90, 100, 100}) {
      passUntilItIsBack(1);
      fails(1, 1);
      assertThat(left(1)).isEqualTo(Duration.ofSeconds(seconds));
    }
  }

  @Test
  void quietWindowsTakeThatBack() {
    given(1, 2);
    fails(1, 3);
    passUntilItIsBack(1);
    fails(1, 1);
    passUntilItIsBack(1);
    now += 20 * SECOND;
    fails(1, 1);
    assertThat(left(1)).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void callsFromBeforeItCameBackTellNothing() {
    given(1, 2);
    long before = now;
    fails(1, 3);
    fails(1, 5); // still under way when it went
    passUntilItIsBack(1);

    endpoint(1).heard(false, before, now);

    assertThat(out()).isEmpty();
  }

  // ---- names that move

  @Test
  void theLastAddressOfANameIsInWhateverItWas() {
    given(1, 2, 3, 4);
    fails(1, 3);
    fails(2, 3);
    assertThat(out()).hasSize(2);
    given(1, 2);
    assertThat(out()).as("of two").hasSize(1);
    given(1);
    assertThat(out()).isEmpty();
  }

  @Test
  void anAddressThatTheNameLosesIsRememberedUntilItsTimeIsOver() {
    given(1, 2);
    Endpoint first = endpoint(1);
    fails(1, 3);
    given(2, 3);
    first.heard(false, now, now);
    assertThat(out()).as("it is none of the host's").isEmpty();
    given(1, 2, 3);
    assertThat(out()).containsExactly(address(1));
    given(2, 3);
    now += 30 * SECOND;
    assertThat(host.sweep(now)).isEqualTo(Ticker.NEVER);
    given(1, 2, 3);
    assertThat(endpoint(1)).isNotSameAs(first);
  }

  // ---- whatever happens

  /** Also with absurd options, and a clock that goes where it likes. */
  @Test
  void neverTooManyNorTheLastNorForLongerThanTheMost() {
    Duration longest = Duration.ofDays(36_500);
    Duration shortest = Duration.ofNanos(1);
    EjectionOptions[] all = {
      OPTIONS,
      EjectionOptions.DEFAULTS,
      OPTIONS.maxShare(0).panicShare(0).failureShare(0),
      OPTIONS.maxShare(1).panicShare(1).failuresInARow(1).minCalls(1).failureShare(0),
      OPTIONS.panicShare(1).failuresInARow(Integer.MAX_VALUE).minCalls(1).failureShare(0),
      OPTIONS.window(shortest).ejectFor(shortest).maxEjectFor(shortest).panicShare(1),
      OPTIONS.window(longest).ejectFor(longest).maxEjectFor(longest)
    };
    for (int i = 0; i < all.length; i++) {
      assertThat(run(all[i], 40 + i)).as("%s", all[i]).isNotNegative();
    }
  }

  /** Returns how many were ejected. */
  private static long run(EjectionOptions options, long seed) {
    var random = new SplittableRandom(seed);
    var verdicts = new ArrayList<Verdict>();
    var host = new Outliers(options, verdicts::add);
    long most = Math.max(options.ejectFor().toNanos(), options.maxEjectFor().toNanos());
    var known = new ArrayList<Endpoint>();
    int present = 0;
    long time = 0;
    for (int step = 0; step < 20_000; step++) {
      time = Math.max(0, time + random.nextLong(-SECOND, 3 * SECOND));
      if (step % 50 == 0) {
        var addresses =
            IntStream.rangeClosed(1, 8)
                .filter(number -> random.nextInt(3) > 0)
                .mapToObj(OutliersTest::address)
                .toList();
        if (!addresses.isEmpty()) {
          host.present(addresses, time);
          present = addresses.size();
          for (InetAddress address : addresses) {
            known.add(Objects.requireNonNull(host.find(address)));
          }
        }
      }
      if (!known.isEmpty()) {
        Endpoint one = known.get(known.size() - 1 - random.nextInt(Math.min(known.size(), 20)));
        boolean well = random.nextInt(10) < (step / 2_000) % 10; // from bad times to good ones
        one.heard(well, time - random.nextLong(2 * SECOND), time);
      }
      if (random.nextInt(4) == 0) {
        long ignored = host.sweep(time);
      }
      int out = host.out(time).size();
      assertThat(out)
          .isLessThanOrEqualTo((int) Math.max(1, options.maxShare() * present))
          .isLessThanOrEqualTo(Math.max(0, present - 1));
      assertThat(host.out(time))
          .allMatch(ejection -> ejection.left().toNanos() <= most + 20_000 * SECOND);
    }
    assertThat(verdicts)
        .filteredOn(Verdict.Out.class::isInstance)
        .allMatch(verdict -> ((Verdict.Out) verdict).length() <= most)
        .hasSize((int) host.ejections());
    assertThat(host.sweep(Ticker.after(time, most + 40_000 * SECOND))).isEqualTo(Ticker.NEVER);
    assertThat(host.out(time)).as("all come back").isEmpty();
    return host.ejections();
  }
}
