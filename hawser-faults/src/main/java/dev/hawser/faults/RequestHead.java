package dev.hawser.faults;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * The head of a request.
 *
 * @param method the method
 * @param target path and query, as they came
 * @param http10 whether the client speaks HTTP/1.0
 * @param length the body's length; 0 when there is none or it is chunked
 * @param chunked whether the body is chunked
 * @param close whether the client wants the connection closed after the answer
 * @param expectsContinue whether the client waits for a 100 before it sends its body
 * @param fields the header lines with their line ends, as they came
 */
@SuppressWarnings("ArrayRecordComponent") // a view of the wire; nobody compares two of these
record RequestHead(
    String method,
    String target,
    boolean http10,
    long length,
    boolean chunked,
    boolean close,
    boolean expectsContinue,
    byte[] fields) {
  String path() {
    int query = target.indexOf('?');
    return query < 0 ? target : target.substring(0, query);
  }

  String query() {
    int query = target.indexOf('?');
    return query < 0 ? "" : target.substring(query + 1);
  }

  boolean hasBody() {
    return chunked || length > 0;
  }

  String fieldsText() {
    return new String(fields, StandardCharsets.ISO_8859_1);
  }

  /** The values of a header; the name in lower case. */
  List<String> field(String name) {
    String start = name + ":";
    return fieldsText()
        .lines()
        .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
        .map(line -> line.substring(start.length()).strip())
        .toList();
  }
}
