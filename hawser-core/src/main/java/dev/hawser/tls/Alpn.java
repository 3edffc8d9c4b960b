package dev.hawser.tls;

/** Which protocols a handshake offers (RFC 7301). */
public enum Alpn {
  HTTP_1_1,
  HTTP_2;

  /** Their registered names, the preferred one first. */
  public String[] protocols() {
    return this == HTTP_2 ? new String[] {"h2", "http/1.1"} : new String[] {"http/1.1"};
  }
}
