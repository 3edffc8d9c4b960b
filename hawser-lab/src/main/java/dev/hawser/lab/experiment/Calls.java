package dev.hawser.lab.experiment;

import dev.hawser.lab.child.Call;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Questions to a list of calls. */
final class Calls {
  private Calls() {}

  static List<Call> where(Collection<Call> calls, Predicate<Call> condition) {
    return calls.stream().filter(condition).toList();
  }

  static int failed(Collection<Call> calls) {
    return where(calls, call -> !call.ok()).size();
  }

  static int hung(Collection<Call> calls) {
    return where(calls, Call::hung).size();
  }

  /** In the order in which they began. */
  static List<Call> inOrder(Collection<Call> calls) {
    return calls.stream().sorted(Comparator.comparingLong(Call::begun)).toList();
  }

  /** The time that this share of the calls did not exceed, in ms; NaN of none. */
  static double percentile(Collection<Call> calls, double share) {
    return percentile(calls, share, Call::millis);
  }

  /** The same of another time of theirs. */
  static double percentile(Collection<Call> calls, double share, ToDoubleFunction<Call> millis) {
    double[] times = calls.stream().mapToDouble(millis).sorted().toArray();
    return times.length == 0
        ? Double.NaN
        : times[(int) Math.clamp(Math.ceil(share * times.length) - 1, 0, times.length - 1)];
  }

  /** What those that failed said, the most frequent first, with how often. */
  static String problems(Collection<Call> calls) {
    return calls.stream()
        .filter(call -> !call.ok())
        .collect(Collectors.groupingBy(call -> kind(call.problem()), Collectors.counting()))
        .entrySet()
        .stream()
        .sorted((a, b) -> Long.compare(b.getValue(), a.getValue()))
        .limit(3)
        .map(each -> each.getValue() + " × " + each.getKey())
        .collect(Collectors.joining("; "));
  }

  /** Without the figures of the single case. */
  private static String kind(String problem) {
    String kind = problem.replaceAll("\\d+(\\.\\d+)?", "N");
    return kind.length() > 200 ? kind.substring(0, 200) + " …" : kind;
  }
}
