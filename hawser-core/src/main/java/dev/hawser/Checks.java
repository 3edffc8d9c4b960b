package dev.hawser;

import java.time.Duration;

/** Checks of option values. */
final class Checks {
  /** Longer ones would overflow as nanoseconds, or in sums of them. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  private Checks() {}

  static void atLeast(String option, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s is %d; it must be at least %d".formatted(option, value, least));
    }
  }

  static void share(String option, double value) {
    if (!(value >= 0 && value <= 1)) { // NaN, too
      throw new IllegalArgumentException(
          "%s is %s; it must be from 0 to 1".formatted(option, value));
    }
  }

  static void positive(String option, Duration value) {
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException("%s is %s; it must be positive".formatted(option, value));
    }
    notTooLong(option, value);
  }

  static void notNegative(String option, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(
          "%s is %s; it must not be negative".formatted(option, value));
    }
    notTooLong(option, value);
  }

  private static void notTooLong(String option, Duration value) {
    if (value.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "%s is %s; it must be at most 100 years".formatted(option, value));
    }
  }
}
