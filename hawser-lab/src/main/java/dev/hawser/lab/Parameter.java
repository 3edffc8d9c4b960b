package dev.hawser.lab;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A quantity of an experiment: {@link Trial#get} gives its value.
 *
 * @param name in the words of the report
 * @param quick in the quick form of the experiment
 * @param full in the full one
 */
public record Parameter<T>(String name, T quick, T full) {
  /** The value at this scale. */
  public T at(Scale scale) {
    return switch (scale) {
      case QUICK -> quick;
      case FULL -> full;
    };
  }

  /** The value at this scale, for people. */
  public String shown(Scale scale) {
    return words(at(scale));
  }

  private static String words(Object value) {
    return switch (value) {
      case Duration duration -> Texts.duration(duration);
      case List<?> list -> list.stream().map(Parameter::words).collect(Collectors.joining(", "));
      default -> value.toString();
    };
  }
}
