package dev.hawser.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** In which order addresses are tried: those that failed lately last, the others by turns. */
class AddressOrderTest {
  private static final InetSocketAddress ONE = new InetSocketAddress("127.0.0.1", 80);
  private static final InetSocketAddress TWO = new InetSocketAddress("127.0.0.2", 80);
  private static final InetSocketAddress THREE = new InetSocketAddress("127.0.0.3", 80);

  private final AtomicLong now = new AtomicLong();
  private final Penalties penalties = new Penalties(now::get);

  @Test
  void withoutAPenaltyTheOrderStays() {
    assertThat(order(TWO, ONE, THREE)).containsExactly(TWO, ONE, THREE);
  }

  @Test
  void whoFailedGoesLastForTenSeconds() {
    penalties.failed(ONE);
    assertThat(order(ONE, TWO, THREE)).containsExactly(TWO, THREE, ONE);

    pass(Duration.ofSeconds(10));
    assertThat(order(ONE, TWO, THREE)).containsExactly(ONE, TWO, THREE);
  }

  @Test
  void ofSeveralTheOneThatIsForgivenFirstIsTriedFirst() {
    penalties.failed(TWO);
    pass(Duration.ofSeconds(1));
    penalties.failed(ONE);
    assertThat(order(ONE, TWO, THREE)).containsExactly(THREE, TWO, ONE);
  }

  @Test
  void whoFailsAgainIsAvoidedForLongerUpToFiveMinutes() {
    penalties.failed(ONE);
    pass(Duration.ofSeconds(11));
    penalties.failed(ONE);
    pass(Duration.ofSeconds(19));
    assertThat(order(ONE, TWO)).containsExactly(TWO, ONE);
    pass(Duration.ofSeconds(1));
    assertThat(order(ONE, TWO)).containsExactly(ONE, TWO);

    for (int i = 0; i < 100; i++) {
      penalties.failed(ONE);
    }
    pass(Duration.ofMinutes(5));
    assertThat(order(ONE, TWO)).containsExactly(ONE, TWO);
  }

  @Test
  void manyConnectionsThatFailTogetherAreOneFailure() {
    for (int i = 0; i < 20; i++) {
      penalties.failed(ONE);
      pass(Duration.ofMillis(10));
    }
    pass(Duration.ofSeconds(10));
    assertThat(order(ONE, TWO)).containsExactly(ONE, TWO);
  }

  @Test
  void aFailureOfLongAgoIsForgotten() {
    penalties.failed(ONE);
    pass(Duration.ofHours(1));
    penalties.failed(ONE);
    pass(Duration.ofSeconds(10));
    assertThat(order(ONE, TWO)).containsExactly(ONE, TWO);
  }

  @Test
  void oneSuccessAndAllIsForgiven() {
    penalties.failed(ONE);
    pass(Duration.ofSeconds(11));
    penalties.failed(ONE);
    penalties.succeeded(ONE);
    assertThat(order(ONE, TWO)).containsExactly(ONE, TWO);

    penalties.failed(ONE);
    pass(Duration.ofSeconds(10));
    assertThat(order(ONE, TWO)).as("and the count begins anew").containsExactly(ONE, TWO);
  }

  @Test
  void eachConnectionBeginsWithAnotherAddress() {
    List<InetAddress> all = addresses("10.0.0.1", "10.0.0.2", "10.0.0.3");

    assertThat(Spread.rotated(all, 0)).isEqualTo(all);
    assertThat(Spread.rotated(all, 1)).isEqualTo(addresses("10.0.0.2", "10.0.0.3", "10.0.0.1"));
    assertThat(Spread.rotated(all, 5)).isEqualTo(addresses("10.0.0.3", "10.0.0.1", "10.0.0.2"));
    assertThat(Spread.rotated(all, -1)).isEqualTo(addresses("10.0.0.3", "10.0.0.1", "10.0.0.2"));
    assertThat(Spread.rotated(addresses("10.0.0.1"), 7)).isEqualTo(addresses("10.0.0.1"));
  }

  @Test
  void andWithTheSameFamily() {
    List<InetAddress> all = addresses("::1", "10.0.0.1", "::2", "10.0.0.2", "10.0.0.3");

    assertThat(Spread.rotated(all, 1))
        .isEqualTo(addresses("::2", "10.0.0.2", "::1", "10.0.0.3", "10.0.0.1"));
  }

  @Test
  void addressesThatHaveASharedConnectionComeLast() {
    List<InetAddress> all = addresses("10.0.0.1", "10.0.0.2", "10.0.0.3");

    assertThat(Spread.untakenFirst(all, Set.copyOf(addresses("10.0.0.1", "10.9.9.9"))))
        .isEqualTo(addresses("10.0.0.2", "10.0.0.3", "10.0.0.1"));
    assertThat(Spread.untakenFirst(all, Set.of())).isEqualTo(all);
  }

  private List<InetSocketAddress> order(InetSocketAddress... addresses) {
    return penalties.order(List.of(addresses));
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static List<InetAddress> addresses(String... texts) {
    return Arrays.stream(texts).map(InetAddress::ofLiteral).toList();
  }
}
