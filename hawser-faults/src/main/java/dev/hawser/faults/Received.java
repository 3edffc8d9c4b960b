package dev.hawser.faults;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A request as a server received it.
 *
 * @param connection on which connection of the server, counted from 1
 * @param head the request line and the header lines, as they came
 * @param body the body, with chunks joined
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are bytes; nobody compares two of these
public record Received(int connection, String head, byte[] body) {
  /** The request line's first word. */
  public String method() {
    return requestLine().split(" ", -1)[0];
  }

  /** The request line's second word. */
  public String target() {
    return requestLine().split(" ", -1)[1];
  }

  /** The first line. */
  public String requestLine() {
    return head.lines().findFirst().orElse("");
  }

  /** The values of a header, in order. */
  public List<String> header(String name) {
    var values = new ArrayList<String>();
    head.lines()
        .skip(1)
        .filter(
            line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
        .forEach(line -> values.add(line.substring(name.length() + 1).strip()));
    return values;
  }

  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }
}
