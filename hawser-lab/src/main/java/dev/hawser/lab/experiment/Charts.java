package dev.hawser.lab.experiment;

import dev.hawser.lab.Result;
import dev.hawser.lab.report.Bars;
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
}
