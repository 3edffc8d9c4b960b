package dev.hawser.connect;

import dev.hawser.Origin;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The proxy that a connection goes to, and how it goes on from there.
 *
 * @param address null: the host's name is resolved as any other
 * @param headers for who asks it for a tunnel, beside our own; a tunnel that was opened with a
 *     caller's password is for those who have it, too
 */
public record Via(
    Way way,
    String host,
    int port,
    @Nullable InetAddress address,
    Map<String, List<String>> headers) {
  /** What a proxy does. */
  public enum Way {
    /** It gets requests and passes them on, to whatever origin they name. */
    FORWARD,
    /** It is asked by CONNECT for a tunnel to one origin (RFC 9110 section 9.3.6). */
    TUNNEL,
    /** It is asked for the same by SOCKS 5 (RFC 1928). */
    SOCKS
  }

  /** The proxy that gets the requests themselves, if it is one; else null. */
  public static @Nullable Via forwarding(@Nullable Via via) {
    return via != null && via.way == Way.FORWARD ? via : null;
  }

  /** The proxy as the peer of an exchange. */
  Origin origin() {
    return new Origin("http", host, port);
  }

  /** For people: host and port, and never the headers. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
