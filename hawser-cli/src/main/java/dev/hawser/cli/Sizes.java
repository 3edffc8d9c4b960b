package dev.hawser.cli;

import java.util.Locale;

/** Numbers of bytes, for people. */
final class Sizes {
  private static final String[] UNITS = {"KB", "MB", "GB", "TB"};

  private Sizes() {}

  /** {@code 64 bytes}, {@code 1.5 KB}, {@code 12.3 MB}; in steps of 1,000. */
  static String text(long bytes) {
    if (bytes < 1_000) {
      return bytes + " bytes";
    }
    double value = bytes / 1e3;
    int unit = 0;
    while (value >= 999.95 && unit < UNITS.length - 1) {
      value /= 1_000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
  }
}
