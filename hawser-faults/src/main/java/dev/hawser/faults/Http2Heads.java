package dev.hawser.faults;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Requests of HTTP/2 in the words of HTTP/1.1, checked on the way (RFC 9113 section 8). */
final class Http2Heads {
  private static final Set<String> OF_CONNECTIONS =
      Set.of("connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private Http2Heads() {}

  static RequestHead request(List<Http2Field> fields, boolean ended) throws Http2Violation {
    check(fields);
    var lines = new StringBuilder();
    long length = -1;
    boolean expects = false;
    for (Http2Field field : fields) {
      switch (field.name()) {
        case ":authority" -> lines.append("host: ").append(field.value()).append("\r\n");
        case "content-length" -> length = Long.parseLong(field.value());
        case "expect" -> expects = field.value().equalsIgnoreCase("100-continue");
        default -> {}
      }
      if (!field.name().startsWith(":")) {
        lines.append(field.name()).append(": ").append(field.value()).append("\r\n");
      }
    }
    return new RequestHead(
        only(fields, ":method"),
        only(fields, ":path"),
        false,
        Math.max(0, length),
        !ended && length < 0,
        false,
        expects && !ended,
        lines.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  private static void check(List<Http2Field> fields) throws Http2Violation {
    boolean inPseudo = true;
    for (Http2Field field : fields) {
      String name = field.name();
      boolean pseudo = name.startsWith(":");
      if (pseudo && !inPseudo
          || !name.equals(name.toLowerCase(Locale.ROOT))
          || OF_CONNECTIONS.contains(name)
          || name.equals("content-length") && !field.value().matches("[0-9]{1,18}")
          || field.value().chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
        throw new Http2Violation(Http2Error.PROTOCOL_ERROR, "the field " + field);
      }
      inPseudo = pseudo;
    }
    only(fields, ":scheme");
  }

  private static String only(List<Http2Field> fields, String name) throws Http2Violation {
    List<String> values =
        fields.stream().filter(f -> f.name().equals(name)).map(Http2Field::value).toList();
    if (values.size() != 1 || values.getFirst().isEmpty()) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, values.size() + " of " + name);
    }
    return values.getFirst();
  }
}
