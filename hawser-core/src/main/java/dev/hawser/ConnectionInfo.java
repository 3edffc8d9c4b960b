package dev.hawser;

import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Optional;

/**
 * A connection as it was at one moment.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="connection"}
 *
 * @param id unique within the client, counted from 1
 * @param origin whom it was opened for; a proxy, where that passes on requests to any origin
 * @param localAddress our end
 * @param remoteAddress the peer's end; the proxy's, where there is one
 * @param proxied whether it goes to or through a proxy
 * @param version the protocol spoken over it
 * @param age time since it was opened
 * @param exchanges how many exchanges it has carried, the present one included; 0 when it is new
 * @param tls what the TLS handshake agreed on; empty for a plain connection
 */
public record ConnectionInfo(
    long id,
    Origin origin,
    InetSocketAddress localAddress,
    InetSocketAddress remoteAddress,
    boolean proxied,
    HttpClient.Version version,
    Duration age,
    long exchanges,
    Optional<TlsInfo> tls) {
  /**
   * What a TLS handshake agreed on.
   *
   * @param version such as {@code TLSv1.3}
   * @param cipher the cipher suite's standard name
   * @param group the named group that the keys were agreed in, by IANA's name, such as {@code
   *     x25519} or {@code X25519MLKEM768}, or its number if it has none here; {@code DH} for one of
   *     TLS 1.2 that is not a curve; empty if a session was resumed without a new key agreement
   * @param alpn the protocol that ALPN chose; empty when the server chose none
   * @param resumed whether an earlier session was resumed
   * @param provider whose TLS it was, by the name of its {@link java.security.Provider}: {@code
   *     SunJSSE} is the JDK's, {@code Conscrypt} BoringSSL
   */
  public record TlsInfo(
      String version,
      String cipher,
      Optional<String> group,
      String alpn,
      boolean resumed,
      String provider) {}

  /** One line for people: {@code connection 3 to 127.0.0.1:8080, open for 1.2 s, exchange 7}. */
  @Override
  public String toString() {
    return "connection %d to %s%s:%d, open for %s, exchange %d"
        .formatted(
            id,
            proxied ? "the proxy " : "",
            remoteAddress.getAddress() == null
                ? remoteAddress.getHostString()
                : remoteAddress.getAddress().getHostAddress(),
            remoteAddress.getPort(),
            Failures.readable(age),
            exchanges);
  }
}
