package dev.hawser.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON. */
final class Json {
  private static final JSON LINE = JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES);
  private static final JSON LINES = LINE.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  /** On one line. */
  static String line(Object value) {
    return text(LINE, value);
  }

  /** On many lines. */
  static String lines(Object value) {
    return text(LINES, value);
  }

  /** A map in the order of its arguments: name, value, name, value … */
  static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return map;
  }

  private static String text(JSON writer, Object value) {
    try {
      return writer.asString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
