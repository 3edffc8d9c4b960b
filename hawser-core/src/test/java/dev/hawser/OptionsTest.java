package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An option out of its range is refused where it is set, by name, and not by the first call. */
class OptionsTest {
  static List<Function<Duration, ?>> durations() {
    return List.of(
        PoolOptions.DEFAULTS::waitTimeout,
        PoolOptions.DEFAULTS::idleTimeout,
        PoolOptions.DEFAULTS::maxAge,
        DnsOptions.DEFAULTS::timeout,
        DnsOptions.DEFAULTS::maxTtl,
        DnsOptions.DEFAULTS::maxNegativeTtl,
        TcpOptions.DEFAULTS::connectTimeout,
        TcpOptions.DEFAULTS::attemptDelay,
        TlsOptions.DEFAULTS::handshakeTimeout,
        ExchangeOptions.DEFAULTS::headTimeout,
        ExchangeOptions.DEFAULTS::bodyIdleTimeout,
        ExchangeOptions.DEFAULTS::continueTimeout,
        RetryOptions.DEFAULTS::baseDelay,
        BreakerOptions.DEFAULTS::window,
        HedgeOptions.DEFAULTS::minDelay,
        BreakerOptions.DEFAULTS::openFor,
        BreakerOptions.DEFAULTS::maxOpenFor,
        EjectionOptions.DEFAULTS::window,
        EjectionOptions.DEFAULTS::ejectFor,
        EjectionOptions.DEFAULTS::maxEjectFor,
        RetryOptions.DEFAULTS::maxDelay,
        WebSocketOptions.DEFAULTS::sendTimeout,
        WebSocketOptions.DEFAULTS::closeTimeout);
  }

  @ParameterizedTest
  @MethodSource("durations")
  void aDurationIsPositiveAndOfThisWorld(Function<Duration, ?> option) {
    for (Duration wrong :
        List.of(Duration.ZERO, Duration.ofMillis(-1), ChronoUnit.FOREVER.getDuration())) {
      assertThatThrownBy(() -> option.apply(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong.toString());
    }
    assertThat(option.apply(Duration.ofDays(36_500))).isNotNull();
  }

  @Test
  void aLimitHasBoundsThatFit() {
    LimitOptions options = LimitOptions.DEFAULTS;
    for (Supplier<?> wrong :
        List.<Supplier<?>>of(
            () -> options.min(0),
            () -> options.min(21),
            () -> options.max(19),
            () -> options.initial(9),
            () -> options.tolerance(0.9),
            () -> options.tolerance(Double.NaN),
            () -> options.maxWaiting(-1),
            () -> options.maxWait(Duration.ofMillis(-1)),
            () -> options.highShare(1.1))) {
      assertThatThrownBy(wrong::get)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("limit.");
    }
  }

  @Test
  void onlyTheSlowerHalfCanBeLate() {
    for (double wrong : new double[] {0.49, 1.01, Double.NaN}) {
      assertThatThrownBy(() -> HedgeOptions.DEFAULTS.percentile(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("hedge.percentile");
    }
    assertThatThrownBy(() -> HedgeOptions.DEFAULTS.after(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hedge.after");
  }

  @Test
  void zeroSwitchesOff() {
    Duration forEver = ChronoUnit.FOREVER.getDuration();

    assertThat(DnsOptions.DEFAULTS.staleFor(Duration.ZERO).staleFor()).isZero();
    assertThat(HedgeOptions.DEFAULTS.after(Duration.ZERO).after()).isZero();
    assertThat(DnsOptions.DEFAULTS.resolutionDelay(Duration.ZERO).resolutionDelay()).isZero();
    assertThatThrownBy(() -> DnsOptions.DEFAULTS.staleFor(forEver))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dns.staleFor");
  }

  @Test
  void aHostHasOneEntryWhateverItsCase() {
    List<InetAddress> address = List.of(InetAddress.getLoopbackAddress());

    assertThatThrownBy(
            () -> DnsOptions.DEFAULTS.hosts(Map.of("a.example", address, "A.example", address)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dns.hosts");
    assertThatThrownBy(() -> DnsOptions.DEFAULTS.hosts(Map.of("a.example", List.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a.example");
  }
}
