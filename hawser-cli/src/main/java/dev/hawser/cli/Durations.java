package dev.hawser.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * Durations as people write them, {@code 250ms}, {@code 1s}, {@code 1.5s}, {@code 2m}, and read
 * them.
 */
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
    var nanos = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(nanosPerUnit));
    try {
      return Duration.ofNanos(nanos.longValueExact());
    } catch (ArithmeticException e) {
      throw new TypeConversionException("'" + text + "' is too long or too fine");
    }
  }

  /** Returns the duration unless it is zero. */
  static Duration positive(String option, Duration duration) {
    if (duration.isZero()) {
      throw new UsageException(option + " is 0; it must be positive");
    }
    return duration;
  }

  /** Milliseconds, to the microsecond; for programs. */
  static double millis(Duration duration) {
    return Math.round(duration.toNanos() / 1e3) / 1e3;
  }

  /** Milliseconds without their unit, {@code 0.04}, {@code 12.3}, {@code 2004}; for people. */
  static String shown(double millis) {
    return String.format(
        Locale.ROOT, millis < 10 ? "%.2f" : millis < 1_000 ? "%.1f" : "%.0f", millis);
  }

  static String shown(Duration duration) {
    return shown(duration.toNanos() / 1e6);
  }

  /** As they are written: {@code 250ms}, {@code 1.5s}, {@code 2m}. */
  static String written(Duration duration) {
    if (duration.toNanos() % 60_000_000_000L == 0 && !duration.isZero()) {
      return duration.toMinutes() + "m";
    }
    boolean millis = duration.compareTo(Duration.ofSeconds(1)) < 0;
    var number = BigDecimal.valueOf(duration.toNanos(), millis ? 6 : 9).stripTrailingZeros();
    return number.toPlainString() + (millis ? "ms" : "s");
  }
}
