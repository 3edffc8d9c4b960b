package dev.hawser.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations as people write them: {@code 250ms}, {@code 1s}, {@code 2m}, {@code 1.5s}. */
final class Durations {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,9})?)(us|ms|s|m|h)");

  private Durations() {}

  static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new TypeConversionException("'" + text + "' is not a duration such as 250ms, 1s or 2m");
    }
    long nanosPerUnit =
        switch (matcher.group(2)) {
          case "us" -> 1_000L;
          case "ms" -> 1_000_000L;
          case "s" -> 1_000_000_000L;
          case "m" -> 60_000_000_000L;
          default -> 3_600_000_000_000L;
        };
    var nanos = new java.math.BigDecimal(matcher.group(1)).multiply(java.math.BigDecimal.valueOf(nanosPerUnit));
    try {
      return Duration.ofNanos(nanos.longValueExact());
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is out of range");
    }
  }

  /** Milliseconds with three decimals. */
  static double millis(Duration duration) {
    return Math.round(duration.toNanos() / 1e3) / 1e3;
  }
}
