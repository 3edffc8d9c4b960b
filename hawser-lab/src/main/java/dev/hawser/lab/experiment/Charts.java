package dev.hawser.lab.experiment;

import dev.hawser.lab.Result;
import dev.hawser.lab.report.Bars;
import dev.hawser.lab.report.Strip;
import java.util.List;

/** What experiments draw alike. */
final class Charts {
  private Charts() {}

  /** One figure of each client. */
  static Bars.Group bars(String name, List<Result> results, String figure) {
    return new Bars.Group(
        name,
        results.stream()
            .map(
                result ->
                    new Bars.Bar(
                        result.subject().title(),
                        result.figures().get(figure),
                        result.subject().ours()))
            .toList());
  }

  /** A lane for each client, with a mark at each instant of these series. */
  static List<Strip.Lane> lanes(List<Result> results, List<String> series) {
    return results.stream()
        .map(
            result ->
                new Strip.Lane(
                    result.subject().title(),
                    series.stream().map(each -> result.figures().series(each).xs()).toList()))
        .toList();
  }

  /** When the lab did something, as the first client's figures have it: about alike for all. */
  static List<Double> instants(List<Result> results, String series) {
    return results.stream()
        .map(result -> result.figures().series(series).xs())
        .filter(each -> !each.isEmpty())
        .findFirst()
        .orElse(List.of());
  }
}
