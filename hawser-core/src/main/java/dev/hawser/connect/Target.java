package dev.hawser.connect;

import dev.hawser.Origin;
import java.net.http.HttpClient.Version;
import org.jspecify.annotations.Nullable;

/**
 * Whom a connection is for, by which proxy, and which protocols will do: what connections are
 * pooled by. A request that asks for HTTP/1.1 never gets an HTTP/2 connection; one that asks for
 * HTTP/2 gets what the server chooses. A proxy that passes on requests is itself the origin:
 * whoever asks it shares its connections.
 *
 * @param version HTTP_1_1 or HTTP_2; any other, such as the HTTP_3 of a later JDK, is a hint that
 *     HTTP/2 will do
 * @param via null: there is none
 */
public record Target(Origin origin, Version version, @Nullable Via via) {
  /** Makes a hint what it hints at. */
  public Target {
    version = version == Version.HTTP_1_1 ? Version.HTTP_1_1 : Version.HTTP_2;
    if (via != null && via.way() == Via.Way.FORWARD) {
      origin = via.origin();
      version = Version.HTTP_1_1;
    }
  }

  /** Without a proxy. */
  public Target(Origin origin, Version version) {
    this(origin, version, null);
  }

  /** Whose name is resolved. */
  public String peerHost() {
    return via == null ? origin.host() : via.host();
  }

  int peerPort() {
    return via == null ? origin.port() : via.port();
  }

  /** Whether the proxy has to open the way to the origin first. */
  boolean tunnelled() {
    return via != null && via.way() != Via.Way.FORWARD;
  }

  /** Whether the server may choose HTTP/2 when it is asked (RFC 9113 section 3.2). */
  public boolean offersHttp2() {
    return version == Version.HTTP_2 && origin.secure();
  }

  /**
   * Whether a new connection may turn out to speak HTTP/2 as soon as it is made.
   *
   * @param priorKnowledge whether servers are known to speak it in clear text (RFC 9113 section
   *     3.3)
   */
  public boolean offersHttp2(boolean priorKnowledge) {
    return offersHttp2() || priorKnowledge && inClearText();
  }

  /** Whether HTTP/2 will do in clear text, if the server is known to speak it. */
  public boolean inClearText() {
    return version == Version.HTTP_2 && !origin.secure();
  }

  /** The same origin, over HTTP/1.1 alone. */
  public Target overHttp1() {
    return new Target(origin, Version.HTTP_1_1, via);
  }
}
