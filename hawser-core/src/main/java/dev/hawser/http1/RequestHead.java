package dev.hawser.http1;

import dev.hawser.Origin;
import dev.hawser.io.Input;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a request's head into an array. Everything that comes from the caller is checked character
 * by character on the way: nothing that could end a line gets out (RFC 9112 11.2).
 */
final class RequestHead {
  private byte[] bytes;
  private int length;

  private RequestHead(byte[] target) {
    bytes = target;
  }

  /** How the body is delimited. */
  enum Coding {
    NO_BODY,
    LENGTH,
    CHUNKED
  }

  /**
   * Encodes the head.
   *
   * @param target used if it is large enough
   * @return an array whose first {@code length()} bytes are the head: {@code target} or a larger
   *     one
   */
  static RequestHead encode(
      byte[] target, Origin origin, Request request, Coding coding, long bodyLength) {
    var head = new RequestHead(target);
    head.token(request.method());
    head.put(' ');
    switch (request.form()) {
      case ORIGIN -> head.target(request.uri());
      case ABSOLUTE -> {
        head.ascii(origin.scheme());
        head.ascii("://");
        head.authority(origin, false);
        head.target(request.uri());
      }
      case AUTHORITY -> head.authority(origin, true);
    }
    head.ascii(" HTTP/1.1\r\n");
    HttpHeaders headers = request.headers();
    Map<String, List<String>> map = headers.map();
    if (!map.containsKey("host")) {
      head.host(origin);
    }
    if (!map.containsKey("user-agent")) {
      head.ascii(USER_AGENT);
    }
    if (coding == Coding.LENGTH) {
      head.ascii("Content-Length: ");
      head.ascii(Long.toString(bodyLength));
      head.ascii("\r\n");
    } else if (coding == Coding.CHUNKED) {
      head.ascii("Transfer-Encoding: chunked\r\n");
    }
    if (request.expectContinue()
        && (coding == Coding.CHUNKED || bodyLength > 0)) { // RFC 9110 10.1.1: only with a body
      head.ascii("Expect: 100-continue\r\n");
    }
    head.fields(map);
    head.fields(request.extraHeaders());
    head.ascii("\r\n");
    return head;
  }

  private static final String USER_AGENT = "User-Agent: Hawser\r\n";

  /**
   * For writing; without an object if the head has fitted the input's buffer, which it was encoded
   * into.
   */
  @SuppressWarnings("ReferenceEquality") // the very array
  ByteBuffer view(Input input) throws IOException {
    return bytes == input.array()
        ? input.open().limit(length).position(0)
        : ByteBuffer.wrap(bytes, 0, length);
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  private void fields(Map<String, List<String>> fields) {
    if (fields.isEmpty()) {
      return;
    }
    fields.forEach(
        (name, values) -> {
          for (String value : values) {
            token(name);
            ascii(": ");
            fieldValue(name, value);
            ascii("\r\n");
          }
        });
  }

  private void host(Origin origin) {
    ascii("Host: ");
    authority(origin, false);
    ascii("\r\n");
  }

  /** Without user info, which is nobody's but the caller's. */
  private void authority(Origin origin, boolean alwaysWithPort) {
    boolean literal = origin.host().indexOf(':') >= 0;
    if (literal) {
      put('[');
    }
    int zone =
        literal
            ? origin.host().indexOf('%')
            : -1; // a zone is of no concern to the server (RFC 6874)
    visible("host", zone < 0 ? origin.host() : origin.host().substring(0, zone));
    if (literal) {
      put(']');
    }
    if (alwaysWithPort || origin.port() != (origin.secure() ? 443 : 80)) {
      put(':');
      digits(origin.port());
    }
  }

  /** Without a string: nearly every request within a data centre names a port. */
  private void digits(int port) {
    int unit = 10_000;
    while (unit > Math.max(port, 1)) {
      unit /= 10;
    }
    for (; unit > 0; unit /= 10) {
      put((char) ('0' + port / unit % 10));
    }
  }

  private void target(URI uri) {
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    if (!isAscii(path) || !isAscii(query)) {
      URI ascii = URI.create(uri.toASCIIString());
      path = ascii.getRawPath();
      query = ascii.getRawQuery();
    }
    if (path == null || path.isEmpty()) {
      put('/');
    } else {
      visible("path", path);
    }
    if (query != null) {
      put('?');
      visible("query", query);
    }
  }

  private static boolean isAscii(@Nullable String text) {
    if (text != null) {
      for (int i = 0; i < text.length(); i++) {
        if (text.charAt(i) > 126) {
          return false;
        }
      }
    }
    return true;
  }

  private void token(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("an empty method or header name");
    }
    ensure(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Tokens.isTchar(c)) {
        throw new IllegalArgumentException(
            "not a method or header name: \"" + LooksLike.printable(text) + '"');
      }
      bytes[length++] = (byte) c;
    }
  }

  private void visible(String what, String text) {
    ensure(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > 126) {
        throw new IllegalArgumentException(
            "a character that must not be in a " + what + ": \"" + LooksLike.printable(text) + '"');
      }
      bytes[length++] = (byte) c;
    }
  }

  private void fieldValue(String name, String value) {
    ensure(value.length());
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 127 || c > 255) {
        throw new IllegalArgumentException(
            "a character that must not be in the value of header " + name + ": code " + (int) c);
      }
      bytes[length++] = (byte) c;
    }
  }

  /** For our own text. */
  private void ascii(String text) {
    ensure(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[length++] = (byte) text.charAt(i);
    }
  }

  private void put(char c) {
    ensure(1);
    bytes[length++] = (byte) c;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
