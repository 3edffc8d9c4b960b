package dev.hawser.interop;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import java.net.http.HttpClient.Version;

/** What is spoken with a server, and how that comes about. */
enum Protocol {
  HTTP_1("HTTP/1.1", "http", Version.HTTP_1_1),
  HTTP_1_TLS("HTTP/1.1 in TLS", "https", Version.HTTP_1_1),
  /** By ALPN. */
  HTTP_2_TLS("HTTP/2 in TLS", "https", Version.HTTP_2),
  /** By prior knowledge. */
  HTTP_2("HTTP/2 in clear text", "http", Version.HTTP_2);

  private final String label;
  private final String scheme;
  private final Version version;

  Protocol(String label, String scheme, Version version) {
    this.label = label;
    this.scheme = scheme;
    this.version = version;
  }

  String scheme() {
    return scheme;
  }

  Version version() {
    return version;
  }

  boolean secure() {
    return scheme.equals("https");
  }

  boolean multiplexed() {
    return version == Version.HTTP_2;
  }

  HawserClient.Builder client() {
    return Hawser.newBuilder().version(version).http2(h -> h.priorKnowledge(this == HTTP_2));
  }

  @Override
  public String toString() {
    return label;
  }
}
