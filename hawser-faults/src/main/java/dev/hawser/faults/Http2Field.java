package dev.hawser.faults;

import java.util.ArrayList;
import java.util.List;

/**
 * A header field of HTTP/2, or a pseudo-header, whose name begins with a colon.
 *
 * {@snippet :
 * List<Http2Field> fields = Http2Field.of(":status", "200", "content-type", "text/plain");
 * }
 *
 * @param name in lower case, unless a script is about that
 * @param value one char a byte
 */
public record Http2Field(String name, String value) {
  /** Fields from names and values in turn. */
  public static List<Http2Field> of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException("a name without a value");
    }
    var fields = new ArrayList<Http2Field>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.add(new Http2Field(namesAndValues[i], namesAndValues[i + 1]));
    }
    return List.copyOf(fields);
  }

  @Override
  public String toString() {
    return name + " " + value;
  }
}
