package dev.hawser;

import java.net.InetAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/**
 * A DNS server to ask.
 *
 * {@snippet class="dev.hawser.examples.Options" region="servers"}
 *
 * @param transport how it is spoken to
 * @param host its address, or a name that the system's resolver knows (for TLS and HTTPS only)
 * @param port its port
 * @param path of the URL, for HTTPS; else empty
 * @param name the name in its certificate, if that is not {@code host}
 */
public record NameServer(
    Transport transport, String host, int port, String path, Optional<String> name) {
  /** How a DNS server is spoken to. */
  public enum Transport {
    /** UDP, and TCP where an answer does not fit (RFC 1035, RFC 7766). */
    DNS,
    /** DNS over TLS (RFC 7858). */
    TLS,
    /** DNS over HTTPS (RFC 8484). */
    HTTPS
  }

  private static final int DNS_PORT = 53;
  private static final int TLS_PORT = 853;
  private static final int HTTPS_PORT = 443;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if the port is out of range, or a plain DNS server, or one for
   *     HTTPS with another name in its certificate, is not given by its address
   */
  public NameServer {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port out of range: " + port);
    }
    // A name is the system's to find, and the client looks for the one in the certificate.
    if (transport == Transport.DNS || transport == Transport.HTTPS && name.isPresent()) {
      InetAddress.ofLiteral(host);
    }
  }

  /**
   * Reads one of these forms; a port may follow each host, and an IPv6 address with a port is in
   * brackets:
   *
   * <ul>
   *   <li>{@code 192.0.2.53}: UDP and TCP
   *   <li>{@code tls://192.0.2.53#dns.example}: DNS over TLS; after the #, the name in its
   *       certificate
   *   <li>{@code https://192.0.2.53/dns-query#dns.example}: DNS over HTTPS, at a known address, so
   *       that no other DNS is needed to find it
   *   <li>{@code https://dns.example/dns-query}: the same, found by the system's resolver; without
   *       a path, that is {@code /dns-query}
   * </ul>
   *
   * @param text in one of these forms
   * @return the server
   * @throws IllegalArgumentException if it is none of them
   */
  public static NameServer of(String text) {
    try {
      return text.contains("://") ? ofUri(URI.create(text)) : plain(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a DNS server: \""
              + text
              + "\" ("
              + e.getMessage()
              + "); write 192.0.2.53, 192.0.2.53:5353, tls://192.0.2.53#dns.example or"
              + " https://192.0.2.53/dns-query#dns.example",
          e);
    }
  }

  private static NameServer plain(String text) {
    boolean bareIpv6 = text.indexOf(':') != text.lastIndexOf(':') && !text.startsWith("[");
    URI uri = URI.create("dns://" + (bareIpv6 ? "[" + text + "]" : text));
    return of(Transport.DNS, uri, DNS_PORT, "");
  }

  private static NameServer ofUri(URI uri) {
    return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "tls" -> of(Transport.TLS, uri, TLS_PORT, "");
      case "https" -> of(Transport.HTTPS, uri, HTTPS_PORT, path(uri));
      default -> throw new IllegalArgumentException("unknown scheme " + uri.getScheme());
    };
  }

  private static String path(URI uri) {
    return uri.getRawPath().isEmpty() ? "/dns-query" : uri.getRawPath(); // as everybody has it
  }

  private static NameServer of(Transport transport, URI uri, int defaultPort, String path) {
    String host = uri.getHost();
    if (host == null) {
      throw new IllegalArgumentException("no host in it");
    }
    boolean plain = transport == Transport.DNS;
    if (uri.getRawUserInfo() != null
        || plain && (!uri.getRawPath().isEmpty() || uri.getRawFragment() != null)) {
      throw new IllegalArgumentException("more in it than an address and a port");
    }
    return new NameServer(
        transport,
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
        uri.getPort() < 0 ? defaultPort : uri.getPort(),
        path,
        Optional.ofNullable(uri.getFragment()));
  }

  /** In the form that {@link #of} reads. */
  @Override
  public String toString() {
    String at = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    String known = name.map(certified -> "#" + certified).orElse("");
    return switch (transport) {
      case DNS -> at;
      case TLS -> "tls://" + at + known;
      case HTTPS -> "https://" + at + path + known;
    };
  }
}
