package dev.hawser.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What has been measured of each client, round by round. Ratios are taken within a round: a machine
 * that is slower in one round than in the next does not move them.
 */
final class Rounds {
  private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

  void add(String client, Sample sample) {
    samples.computeIfAbsent(client, name -> new ArrayList<>()).add(sample);
  }

  Set<String> clients() {
    return samples.keySet();
  }

  List<Sample> of(String client) {
    return samples.getOrDefault(client, List.of());
  }

  List<Sample> all() {
    return samples.values().stream().flatMap(List::stream).toList();
  }

  /** NaN when no round has it. */
  double median(String client, String figure) {
    return median(values(client, figure));
  }

  /** The client's figure divided by the yardstick's of the same round; the median of all rounds. */
  double ratio(String client, String yardstick, String figure) {
    return ratio(client, List.of(yardstick), figure);
  }

  /** The client's figure divided by the least of others in the same round; the median. */
  double ratio(String client, List<String> others, String figure) {
    double[] ratios = values(client, figure);
    for (int i = 0; i < ratios.length; i++) {
      int round = i;
      ratios[i] /=
          others.stream()
              .map(this::of)
              .filter(theirs -> theirs.size() > round)
              .mapToDouble(theirs -> theirs.get(round).get(figure))
              .filter(Double::isFinite)
              .min()
              .orElse(Double.NaN);
    }
    return median(ratios);
  }

  /** The client's figure less another client's of the same round; the median of all rounds. */
  double difference(String client, String other, String figure) {
    double[] ours = values(client, figure);
    double[] theirs = values(other, figure);
    double[] differences = new double[Math.min(ours.length, theirs.length)];
    Arrays.setAll(differences, i -> ours[i] - theirs[i]);
    return median(differences);
  }

  /** From the least round to the greatest, as a share of the median; NaN with one round only. */
  double spread(String client, String figure) {
    var all = Arrays.stream(values(client, figure)).filter(Double::isFinite).summaryStatistics();
    return all.getCount() < 2 ? Double.NaN : (all.getMax() - all.getMin()) / median(client, figure);
  }

  private double[] values(String client, String figure) {
    return of(client).stream().mapToDouble(sample -> sample.get(figure)).toArray();
  }

  /** Of those that are numbers; NaN when none is. */
  static double median(double[] values) {
    double[] sorted = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
