package dev.hawser.overload;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The {@code Retry-After} field (RFC 9110 section 10.2.3): seconds, or a date. */
final class RetryAfter {
  /** Of RFC 9110 section 5.6.7: what is to be sent, and the two that are to be understood. */
  private static final List<DateTimeFormatter> DATES =
      List.of(
          DateTimeFormatter.RFC_1123_DATE_TIME,
          new DateTimeFormatterBuilder()
              .appendPattern("EEEE, dd-MMM-")
              .appendValueReduced(ChronoField.YEAR, 2, 2, 1970)
              .appendPattern(" HH:mm:ss 'GMT'")
              .toFormatter(Locale.US)
              .withZone(ZoneOffset.UTC),
          DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US)
              .withZone(ZoneOffset.UTC));

  private static final int DIGITS = 9; // more are more than 30 years

  private RetryAfter() {}

  /**
   * How long from now on; not negative. Empty if the server has not said so, or nothing that can be
   * understood.
   *
   * <p>A date is measured from the response's own, if it has one: the two clocks need not agree,
   * and ours may jump.
   */
  static Optional<Duration> of(HttpHeaders headers, Instant now) {
    Optional<String> field = headers.firstValue("retry-after").map(String::strip);
    if (field.isEmpty() || field.get().isEmpty()) {
      return Optional.empty();
    }
    String value = field.get();
    if (value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.of(
          Duration.ofSeconds(
              value.length() > DIGITS ? Integer.MAX_VALUE : Integer.parseInt(value)));
    }
    Instant there = headers.firstValue("date").flatMap(RetryAfter::date).orElse(now);
    return date(value)
        .map(until -> until.isBefore(there) ? Duration.ZERO : Duration.between(there, until));
  }

  private static Optional<Instant> date(String text) {
    for (DateTimeFormatter format : DATES) {
      try {
        return Optional.of(format.parse(text.strip(), Instant::from));
      } catch (DateTimeException e) {
        // Perhaps one of the other forms.
      }
    }
    return Optional.empty();
  }
}
