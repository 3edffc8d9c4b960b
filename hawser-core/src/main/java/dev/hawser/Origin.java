package dev.hawser;

import java.net.URI;
import java.util.Locale;

/**
 * Scheme, host and port (RFC 6454): the identity by which connections are pooled, and nothing else.
 * Made by {@link #of}; the constructor checks nothing.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="origin"}
 *
 * @param scheme {@code http} or {@code https}
 * @param host lower case; an IPv6 literal is without its brackets
 * @param port never -1
 */
public record Origin(String scheme, String host, int port) {
  /**
   * Returns the origin of a URI. Without a port it is the scheme's own, 80 or 443.
   *
   * @param uri an absolute one; its path and user info are of no matter
   * @return its origin
   * @throws IllegalArgumentException if the URI has no host, a scheme other than http and https, or
   *     a port out of range
   */
  public static Origin of(URI uri) {
    String scheme = uri.getScheme();
    String host = uri.getHost();
    if (scheme == null || host == null || host.isEmpty()) {
      throw new IllegalArgumentException(
          "not an absolute http or https URI with a host: " + withoutUserInfo(uri));
    }
    boolean secure = scheme.equalsIgnoreCase("https");
    if (!secure && !scheme.equalsIgnoreCase("http")) {
      throw new IllegalArgumentException(
          "scheme is neither http nor https: " + withoutUserInfo(uri));
    }
    int port = uri.getPort();
    if (port == 0 || port > 65_535) {
      throw new IllegalArgumentException("port out of range: " + withoutUserInfo(uri));
    }
    String name = host.charAt(0) == '[' ? host.substring(1, host.length() - 1) : host;
    return new Origin(
        secure ? "https" : "http", lowerCase(name), port > 0 ? port : secure ? 443 : 80);
  }

  /** {@return whether the scheme is https} */
  public boolean secure() {
    return scheme.equals("https");
  }

  /** As in a URI: {@code https://example.org:8443}. The port is always given. */
  @Override
  public String toString() {
    return scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  private static String lowerCase(String host) {
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      if (c >= 'A' && c <= 'Z') {
        return host.toLowerCase(Locale.ROOT);
      }
    }
    return host;
  }

  private static String withoutUserInfo(URI uri) {
    String text = uri.toString();
    String authority = uri.getRawAuthority(); // has it even where the host is none, as my_host
    return authority == null
        ? text
        : text.replace(authority, authority.substring(authority.lastIndexOf('@') + 1));
  }
}
