package dev.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class DurationsTest {
  @ParameterizedTest
  @CsvSource({
    "250ms, PT0.25S",
    "1s, PT1S",
    "1.5s, PT1.5S",
    "2m, PT2M",
    "1h, PT1H",
    "0s, PT0S",
    "100us, PT0.0001S",
    "' 5S ', PT5S",
    "0.000000001s, PT0.000000001S"
  })
  void reads(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "-1s",
        "1 s",
        "1d",
        "NaN",
        "1e3s",
        "PT1S",
        "0.1us2",
        "1.5.5s",
        "0.0001us",
        "999999999999h"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> Durations.parse(text)).isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0ms",
    "PT0.25S, 250ms",
    "PT0.0005S, 0.5ms",
    "PT1S, 1s",
    "PT46.5S, 46.5s",
    "PT2M, 2m",
    "PT1H, 60m",
    "PT90S, 90s"
  })
  void writes(Duration duration, String text) {
    assertThat(Durations.written(duration)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"0.004, 0.00", "0.04, 0.04", "9.99, 9.99", "12.34, 12.3", "1234.4, 1234"})
  void showsMillis(double millis, String text) {
    assertThat(Durations.shown(millis)).isEqualTo(text);
  }
}
