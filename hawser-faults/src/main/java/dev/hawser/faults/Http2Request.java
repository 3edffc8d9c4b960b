package dev.hawser.faults;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A request as it came over HTTP/2.
 *
 * {@snippet :
 * Http2Request request = peer.readRequest();
 * assertThat(request.target()).isEqualTo("/orders");
 * peer.ok(request, "hello");
 * }
 *
 * @param connection on which connection of the server, counted from 1
 * @param stream on which stream; 1 for the request of an upgrade
 * @param fields pseudo-headers and headers, in the order in which they came
 * @param endStream whether the head ended the stream: no body, and no trailers
 * @param body what came of the body, or nothing when only the head was read
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are bytes; nobody compares two of these
public record Http2Request(
    int connection, int stream, List<Http2Field> fields, boolean endStream, byte[] body) {
  /** The value of {@code :method}. */
  public String method() {
    return first(":method");
  }

  /** The value of {@code :path}. */
  public String target() {
    return first(":path");
  }

  /** The values of a header or pseudo-header, in order. */
  public List<String> header(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return fields.stream().filter(f -> f.name().equals(lower)).map(Http2Field::value).toList();
  }

  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  private String first(String name) {
    List<String> values = header(name);
    return values.isEmpty() ? "" : values.getFirst();
  }

  Http2Request withBody(byte[] body) {
    return new Http2Request(connection, stream, fields, endStream, body);
  }

  /** In the form of HTTP/1.1, so that a test can ask for the requests of either protocol. */
  Received asReceived() {
    return new Received(
        connection, method() + " " + target() + " HTTP/2\r\n" + lines() + "\r\n", body);
  }

  private String lines() {
    return fields.stream()
        .map(
            field ->
                field.name().equals(":authority") ? new Http2Field("host", field.value()) : field)
        .filter(field -> !field.name().startsWith(":"))
        .map(field -> field.name() + ": " + field.value() + "\r\n")
        .collect(Collectors.joining());
  }
}
