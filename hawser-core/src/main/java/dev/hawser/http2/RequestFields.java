package dev.hawser.http2;

import dev.hawser.Origin;
import dev.hawser.wire.Request;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request's field section. Everything that comes from the caller is checked, character by
 * character, when this is made; encoding then cannot fail, for the connection's table would be out
 * of step with the peer's.
 */
final class RequestFields {
  /** Those of an HTTP/1.1 connection (RFC 9113 8.2.2); Host goes out as :authority. */
  private static final Set<String> NOT_SENT =
      Set.of(
          "connection",
          "host",
          "http2-settings",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade");

  private static final boolean[] TCHAR = new boolean[128];

  static {
    for (char c = '0'; c <= 'z'; c++) {
      TCHAR[c] = c <= '9' || c >= 'a' || c >= 'A' && c <= 'Z';
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      TCHAR[c] = true;
    }
  }

  private final Request request;
  private final Authority authority;
  private final String path;
  private final long contentLength; // negative: none is sent
  private final boolean expects;

  /** A request's scheme and authority, which all of a connection have in common. */
  record Authority(Origin origin, String text) {
    static Authority of(Origin origin) {
      String host = origin.host();
      if (host.indexOf(':') >= 0) {
        int zone = host.indexOf('%'); // of no concern to the server (RFC 6874)
        host = '[' + (zone < 0 ? host : host.substring(0, zone)) + ']';
      }
      boolean usual = origin.port() == (origin.secure() ? 443 : 80);
      return new Authority(origin, visible("host", usual ? host : host + ':' + origin.port()));
    }
  }

  /**
   * Checks a request.
   *
   * @param contentLength negative for none
   * @throws IllegalArgumentException if it cannot be sent
   */
  RequestFields(Authority authority, Request request, long contentLength, boolean hasBody) {
    this.authority = authority;
    this.request = request;
    this.contentLength = contentLength;
    this.expects = request.expectContinue() && hasBody; // RFC 9110 10.1.1: only with a body
    token(request.method());
    this.path = path(request.uri());
    check(request.headers().map());
    check(request.extraHeaders());
  }

  /** Under the connection's lock: blocks go out in the order in which they are encoded. */
  void encode(HpackEncoder encoder, Block block) {
    Map<String, List<String>> headers = request.headers().map();
    encoder.encode(":method", request.method(), false, block);
    encoder.encode(":scheme", authority.origin.scheme(), false, block);
    String host = headers.isEmpty() ? null : first(headers.get("host"));
    encoder.encode(":authority", host == null ? authority.text : host, false, block);
    encoder.encode(":path", path, false, block);
    if (headers.isEmpty() || !headers.containsKey("user-agent")) {
      encoder.encode("user-agent", "Hawser", false, block);
    }
    if (contentLength >= 0) {
      encoder.encode("content-length", Long.toString(contentLength), false, block);
    }
    if (expects) {
      encoder.encode("expect", "100-continue", false, block);
    }
    encode(headers, encoder, block);
    encode(request.extraHeaders(), encoder, block);
  }

  private static @Nullable String first(@Nullable List<String> values) {
    return values == null || values.isEmpty() ? null : values.getFirst();
  }

  private static void encode(Map<String, List<String>> headers, HpackEncoder encoder, Block block) {
    if (headers.isEmpty()) {
      return;
    }
    headers.forEach(
        (name, values) -> {
          String lower = lowerCase(name);
          for (String value : values) {
            if (isSent(lower, value)) {
              encoder.encode(lower, value, false, block);
            }
          }
        });
  }

  private static boolean isSent(String name, String value) {
    return !NOT_SENT.contains(name) && (!name.equals("te") || value.equalsIgnoreCase("trailers"));
  }

  private static String lowerCase(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return name.toLowerCase(Locale.ROOT);
      }
    }
    return name;
  }

  /** Other than ASCII comes percent-encoded, as the JDK's client sends it. */
  private static String path(URI uri) {
    String path = uri.getRawPath();
    String query = uri.getRawQuery();
    if (!isAscii(path) || !isAscii(query)) {
      URI ascii = URI.create(uri.toASCIIString());
      path = ascii.getRawPath();
      query = ascii.getRawQuery();
    }
    String whole = path == null || path.isEmpty() ? "/" : path;
    return visible("path", query == null ? whole : whole + '?' + query);
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

  private static void check(Map<String, List<String>> headers) {
    if (headers.isEmpty()) {
      return;
    }
    headers.forEach(
        (name, values) -> {
          token(name);
          for (String value : values) {
            value(name, value);
          }
        });
  }

  private static void token(String text) {
    boolean good = !text.isEmpty();
    for (int i = 0; i < text.length() && good; i++) {
      char c = text.charAt(i);
      good = c < 128 && TCHAR[c];
    }
    if (!good) {
      throw new IllegalArgumentException(
          "not a method or header name: \"" + Shown.text(text) + '"');
    }
  }

  private static String visible(String what, String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c <= ' ' || c > 126) {
        throw new IllegalArgumentException(
            "a character that must not be in a " + what + ": \"" + Shown.text(text) + '"');
      }
    }
    return text;
  }

  private static void value(String name, String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < ' ' && c != '\t' || c == 127 || c > 255) {
        throw new IllegalArgumentException(
            "a character that must not be in the value of header " + name + ": code " + (int) c);
      }
    }
  }
}
