package dev.hawser.http1;

import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Turns a field section that {@link HeadParser} has accepted into {@link HttpHeaders}. */
final class Fields {
  static final HttpHeaders NONE = HttpHeaders.of(Map.of(), (name, value) -> true);

  private Fields() {}

  /** Reads field lines from {@code from} to the empty line, or to {@code to}. */
  static HttpHeaders read(byte[] bytes, int from, int to) {
    var fields = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
    int i = from;
    while (i < to && bytes[i] != '\r' && bytes[i] != '\n') {
      int colon = i;
      while (bytes[colon] != ':') {
        colon++;
      }
      int end = colon + 1;
      while (end < to && bytes[end] != '\n') {
        end++;
      }
      String name = new String(bytes, i, colon - i, StandardCharsets.ISO_8859_1);
      fields.computeIfAbsent(name, key -> new ArrayList<>(1)).add(trimmed(bytes, colon + 1, end));
      i = end + 1;
    }
    return fields.isEmpty() ? NONE : HttpHeaders.of(fields, (name, value) -> true);
  }

  private static String trimmed(byte[] bytes, int from, int to) {
    int start = from;
    int end = to;
    while (start < end && isBlank(bytes[start])) {
      start++;
    }
    while (end > start && isBlank(bytes[end - 1])) {
      end--;
    }
    return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r';
  }
}
