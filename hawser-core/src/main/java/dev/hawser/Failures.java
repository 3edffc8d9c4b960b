package dev.hawser;

import java.time.Duration;
import java.util.Locale;
import java.util.StringJoiner;

/** Words failures: the one place that turns {@link ExchangeFailure.Details} into a sentence. */
final class Failures {
  private Failures() {}

  static String message(ExchangeFailure.Details details) {
    var message = new StringBuilder();
    message
        .append(details.origin())
        .append(": ")
        .append(details.problem())
        .append(" while ")
        .append(details.phase().doing())
        .append(", after ")
        .append(readable(details.timeline().total()));
    String spent = spent(details.timeline());
    if (!spent.isEmpty()) {
      message.append(" (").append(spent).append(')');
    }
    details
        .connection()
        .ifPresentOrElse(
            connection -> message.append("; ").append(connection),
            () ->
                details
                    .address()
                    .ifPresent(address -> message.append("; address ").append(address)));
    if (!details.advice().isEmpty()) {
      message.append(". ").append(details.advice());
    }
    return message.toString();
  }

  private static String spent(Timeline timeline) {
    var parts = new StringJoiner(", ");
    add(parts, "line", timeline.queue());
    add(parts, "dns", timeline.dns());
    add(parts, "tcp", timeline.connect());
    add(parts, "proxy", timeline.proxy());
    add(parts, "tls", timeline.tls());
    add(parts, "sending", timeline.request());
    add(parts, "peer", timeline.firstByte());
    add(parts, "body", timeline.body());
    add(parts, "backoff", timeline.backoff());
    return parts.toString();
  }

  private static void add(StringJoiner parts, String name, Duration spent) {
    if (spent.toNanos() >= 50_000) { // below what the text can show
      parts.add(name + " " + readable(spent));
    }
  }

  /** "12.3 ms", "2.004 s", "3 min 20 s". */
  static String readable(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    if (millis < 1_000) {
      return String.format(Locale.ROOT, "%.1f ms", millis);
    }
    if (millis < 120_000) {
      return String.format(Locale.ROOT, "%.3f s", millis / 1_000);
    }
    return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
  }
}
