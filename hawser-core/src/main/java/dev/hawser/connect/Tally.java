package dev.hawser.connect;

/**
 * Calls and failures of the last while: of the present half of a window and of the one before.
 * Halves are numbered; what goes back in time is taken for the latest.
 */
final class Tally {
  private long half; // the present one
  private long calls;
  private long failures;
  private long callsBefore; // in the half before
  private long failuresBefore;

  void count(boolean well, long present) {
    turnTo(present);
    calls++;
    failures += well ? 0 : 1;
  }

  void turnTo(long present) {
    if (present > half) {
      boolean next = present == half + 1;
      callsBefore = next ? calls : 0;
      failuresBefore = next ? failures : 0;
      calls = 0;
      failures = 0;
      half = present;
    }
  }

  /** Which half is the present one. */
  long half() {
    return half;
  }

  /** Takes out what has been counted there, too. */
  void remove(Tally other) {
    other.turnTo(half);
    calls -= other.calls;
    failures -= other.failures;
    callsBefore -= other.callsBefore;
    failuresBefore -= other.failuresBefore;
  }

  void clear() {
    calls = 0;
    failures = 0;
    callsBefore = 0;
    failuresBefore = 0;
  }

  long calls() {
    return calls + callsBefore;
  }

  long failures() {
    return failures + failuresBefore;
  }
}
