package dev.hawser.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.TestAuthority;
import dev.hawser.tls.KnownChains.Checked;
import java.security.AlgorithmConstraints;
import java.security.AlgorithmParameters;
import java.security.CryptoPrimitive;
import java.security.Key;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was found good a moment ago is good, and nothing else is. */
@Timeout(60)
class KnownChainsTest {
  private static final List<X509Certificate> CHAIN =
      TestAuthority.create().intermediate("Issuing").localhost().chain();
  private static final Checked CHECKED = new Checked(CHAIN, "a.test", "ECDHE", null);

  private Instant now = Instant.now();
  private final KnownChains known = new KnownChains(() -> now);

  @Test
  void forFiveMinutes() {
    assertThat(known.isGood(CHECKED)).isFalse();
    known.good(CHECKED);
    assertThat(known.isGood(CHECKED)).isTrue();

    now = now.plusSeconds(299);
    assertThat(known.isGood(CHECKED)).isTrue();
    now = now.plusSeconds(1);
    assertThat(known.isGood(CHECKED)).isFalse();
  }

  @Test
  void noLongerThanItsCertificatesAreValid() {
    Instant end =
        CHAIN.stream().map(each -> each.getNotAfter().toInstant()).min(Instant::compareTo).get();
    now = end.minusSeconds(10);
    known.good(CHECKED);
    assertThat(known.isGood(CHECKED)).isTrue();

    now = end;
    assertThat(known.isGood(CHECKED)).isFalse();
  }

  @Test
  void aClockThatIsSetBackDoesNotMakeItLast() {
    known.good(CHECKED);

    now = now.minus(Duration.ofDays(1));

    assertThat(known.isGood(CHECKED)).isFalse();
  }

  @Test
  void forTheSameHostAloneAndCheckedInTheSameWay() {
    known.good(CHECKED);

    assertThat(known.isGood(new Checked(CHAIN, "b.test", "ECDHE", null))).isFalse();
    assertThat(known.isGood(new Checked(CHAIN, "a.test", "RSA", null))).isFalse();
    assertThat(known.isGood(new Checked(CHAIN, "a.test", "ECDHE", new Strict()))).isFalse();
    assertThat(known.isGood(new Checked(CHAIN.subList(0, 1), "a.test", "ECDHE", null))).isFalse();
    assertThat(known.isGood(new Checked(List.copyOf(CHAIN), "a.test", "ECDHE", null))).isTrue();
  }

  private static final class Strict implements AlgorithmConstraints {
    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives, String algorithm, AlgorithmParameters parameters) {
      return false;
    }

    @Override
    public boolean permits(Set<CryptoPrimitive> primitives, Key key) {
      return false;
    }

    @Override
    public boolean permits(
        Set<CryptoPrimitive> primitives,
        String algorithm,
        Key key,
        AlgorithmParameters parameters) {
      return false;
    }
  }

  private static Checked ofHost(int number) {
    return new Checked(CHAIN, "host-" + number + ".test", "ECDHE", null);
  }

  /** The old ones go first, and before there are too many all of them. */
  @Test
  void noMoreThanFiveHundred() {
    for (int i = 0; i < 400; i++) {
      known.good(ofHost(i));
    }
    now = now.plus(Duration.ofMinutes(6));
    for (int i = 400; i < 800; i++) {
      known.good(ofHost(i));
    }
    assertThat(good(800)).as("those from before are gone").isEqualTo(400);

    for (int i = 800; i < 2_000; i++) {
      known.good(ofHost(i));
    }
    assertThat(good(2_000)).isBetween(1L, 500L);
  }

  private long good(int most) {
    return IntStream.range(0, most).filter(i -> known.isGood(ofHost(i))).count();
  }
}
