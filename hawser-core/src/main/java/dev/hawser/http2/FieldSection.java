package dev.hawser.http2;

import java.net.http.HttpHeaders;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a response, or of its trailers, that {@link FieldRules} has accepted. Made once,
 * may be read by any thread.
 */
final class FieldSection {
  /** No {@code content-length}. */
  static final long NO_LENGTH = -1;

  private static final HttpHeaders NONE = HttpHeaders.of(Map.of(), (name, value) -> true);

  private final int status;
  private final long contentLength;
  private final String[] fields; // name, value, name, value …
  private volatile @Nullable HttpHeaders headers; // made at first look; a lost race makes it twice

  FieldSection(int status, long contentLength, String[] fields) {
    this.status = status;
    this.contentLength = contentLength;
    this.fields = fields;
  }

  /** Three digits; 0 for trailers. */
  int status() {
    return status;
  }

  long contentLength() {
    return contentLength;
  }

  /** All fields but {@code :status}. */
  HttpHeaders headers() {
    HttpHeaders made = headers;
    if (made == null) {
      made = make();
      headers = made;
    }
    return made;
  }

  private HttpHeaders make() {
    if (fields.length == 0) {
      return NONE;
    }
    Map<String, List<String>> map = HashMap.newHashMap(fields.length / 2);
    for (int i = 0; i < fields.length; i += 2) {
      map.computeIfAbsent(fields[i], name -> new ArrayList<>(1)).add(fields[i + 1]);
    }
    return HttpHeaders.of(map, (name, value) -> true);
  }
}
