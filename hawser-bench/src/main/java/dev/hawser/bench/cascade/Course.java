package dev.hawser.bench.cascade;

import dev.hawser.bench.cascade.Callers.Answer;
import java.util.List;
import java.util.function.Predicate;

/**
 * What became of all calls of one client.
 *
 * @param answers in any order
 * @param troubleNanos when trouble began, since the start
 * @param wellNanos when its cause was gone
 * @param endNanos when the last calls were made
 */
record Course(List<Answer> answers, long troubleNanos, long wellNanos, long endNanos) {
  private static final long SECOND = 1_000_000_000;

  /** A good answer that takes longer than this is none for who waits for it: half the timeout. */
  private static final long TOO_LONG = SECOND;

  /** Answers of the second that begins there, {@code good/refused/failed}. */
  String second(int second) {
    List<Answer> those = in(second * SECOND, (second + 1) * SECOND);
    long good = those.stream().filter(Answer::good).count();
    long refused = those.stream().filter(answer -> answer.status() == 503).count();
    return "%d/%d/%d".formatted(good, refused, those.size() - good - refused);
  }

  /** Good answers a second while there was trouble, but for its first second. */
  double goodput() {
    long from = Math.min(troubleNanos + SECOND, wellNanos - SECOND);
    return in(from, wellNanos).stream().filter(Answer::good).count()
        / ((wellNanos - from) / (double) SECOND);
  }

  /** How long after trouble began the first call came to nothing; NaN: none did. */
  double firstBadSeconds() {
    return answers.stream()
            .filter(answer -> !answer.good() && answer.at() >= troubleNanos)
            .mapToLong(Answer::at)
            .min()
            .stream()
            .mapToDouble(at -> at - troubleNanos)
            .findFirst()
            .orElse(Double.NaN)
        / SECOND;
  }

  /** Of those that were told to go away. */
  double refusedMillis(double share) {
    return percentileMillis(answer -> answer.status() == 503, share);
  }

  double goodMillis(double share) {
    return percentileMillis(Answer::good, share);
  }

  /**
   * How long after the trouble's cause was gone the last call was made that came to nothing or took
   * too long; NaN: there still were such at the end.
   */
  double recoverySeconds() {
    long last =
        answers.stream()
            .filter(answer -> !answer.good() || answer.took() > TOO_LONG)
            .mapToLong(answer -> answer.at() - answer.took())
            .filter(asked -> asked >= wellNanos)
            .max()
            .orElse(wellNanos);
    return last > endNanos - 2 * SECOND ? Double.NaN : (last - wellNanos) / (double) SECOND;
  }

  private double percentileMillis(Predicate<Answer> which, double share) {
    long[] took =
        in(troubleNanos, wellNanos).stream()
            .filter(which)
            .mapToLong(Answer::took)
            .sorted()
            .toArray();
    return took.length == 0
        ? Double.NaN
        : took[(int) Math.min(took.length - 1L, (long) (took.length * share))] / 1e6;
  }

  private List<Answer> in(long from, long until) {
    return answers.stream().filter(answer -> answer.at() >= from && answer.at() < until).toList();
  }
}
