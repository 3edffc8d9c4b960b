package dev.hawser.faults;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The value of {@code Date}, made once a second. */
final class HttpDate {
  private record Made(long second, String text) {}

  /** Written by whoever is first to see a new second; a race costs a text made twice. */
  private static volatile Made last = new Made(0, "");

  private HttpDate() {}

  static String now() {
    long second = System.currentTimeMillis() / 1000;
    Made made = last;
    if (made.second != second) {
      made =
          new Made(
              second,
              DateTimeFormatter.RFC_1123_DATE_TIME.format(
                  Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC)));
      last = made;
    }
    return made.text;
  }
}
