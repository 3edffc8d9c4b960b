package dev.hawser.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of one client in one round, by name; a figure that does not apply is absent.
 *
 * @param figures numbers by name, as the client's process and the driver told them
 * @param notes what went wrong, empty when nothing did
 */
record Sample(Map<String, Double> figures, String notes) {
  static Sample of(Map<?, ?> told, String notes) {
    Map<String, Double> figures = new LinkedHashMap<>();
    told.forEach(
        (name, value) -> {
          if (value instanceof Number number) {
            figures.put(String.valueOf(name), number.doubleValue());
          }
        });
    Object firstError = told.get("firstError");
    return new Sample(figures, firstError == null ? notes : firstError + notes);
  }

  static Sample failed(String notes) {
    return new Sample(Map.of(), notes);
  }

  /** NaN when there is none. */
  double get(String name) {
    return figures.getOrDefault(name, Double.NaN);
  }

  boolean complete() {
    return get("requests") > 0;
  }
}
