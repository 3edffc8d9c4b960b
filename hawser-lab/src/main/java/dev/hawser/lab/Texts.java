package dev.hawser.lab;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Texts {
  private Texts() {}

  /** {@code 250 ms}, {@code 1.5 s}, {@code 2 min}. */
  public static String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis >= 120_000 && millis % 60_000 == 0) {
      return millis / 60_000 + " min";
    }
    return number(millis / 1e3) + " s";
  }

  /** Three significant digits, without an exponent: {@code 0.123}, {@code 12.3}, {@code 1,234}. */
  public static String number(double value) {
    if (Double.isNaN(value)) {
      return "-";
    }
    if (Double.isInfinite(value) || Math.abs(value) >= 1_000 || value == Math.rint(value)) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    int digits = Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value))));
    return BigDecimal.valueOf(value)
        .setScale(Math.min(digits, 4), RoundingMode.HALF_UP)
        .stripTrailingZeros()
        .toPlainString();
  }

  /** On one line and not endless. */
  public static String line(String text) {
    String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    return line.length() > 400 ? line.substring(0, 400) + " …" : line;
  }
}
