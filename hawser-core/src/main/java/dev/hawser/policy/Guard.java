package dev.hawser.policy;

import dev.hawser.Origin;
import dev.hawser.connect.Via;
import java.net.Authenticator.RequestorType;
import java.net.URI;
import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Who may want credentials for a request: its server, or the proxy that it goes by.
 *
 * @param origin whose passwords are shown to nobody else
 * @param port as the URI has it; -1: not at all
 * @param uri null for a tunnel, of whose requests a proxy knows nothing
 * @param target what a digest is made of, beside the method
 */
public record Guard(
    RequestorType type,
    Origin origin,
    int port,
    AuthSchemes schemes,
    @Nullable URI uri,
    String method,
    String target) {
  /** The server of a request. */
  public static Guard server(HttpRequest request, Origin origin) {
    URI uri = request.uri();
    return new Guard(
        RequestorType.SERVER,
        origin,
        uri.getPort(),
        AuthSchemes.OF_SERVERS,
        uri,
        request.method(),
        target(uri));
  }

  /** The proxy that passes on a request. */
  public static Guard proxy(HttpRequest request, Via via) {
    URI uri = request.uri();
    return new Guard(
        RequestorType.PROXY,
        origin(via),
        via.port(),
        AuthSchemes.OF_PROXYING,
        uri,
        request.method(),
        target(uri));
  }

  /** The proxy that is to open a tunnel. */
  public static Guard tunnel(Origin origin, Via via) {
    String host = origin.host().indexOf(':') >= 0 ? "[" + origin.host() + "]" : origin.host();
    return new Guard(
        RequestorType.PROXY,
        origin(via),
        via.port(),
        AuthSchemes.OF_TUNNELING,
        null,
        "CONNECT",
        host + ":" + origin.port());
  }

  private static Origin origin(Via via) {
    return new Origin("http", via.host(), via.port());
  }

  private static String target(URI uri) {
    URI ascii = URI.create(uri.toASCIIString());
    String path = ascii.getRawPath();
    String query = ascii.getRawQuery();
    return (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
  }

  /** Whether it is a proxy. */
  public boolean isProxy() {
    return type == RequestorType.PROXY;
  }

  /** The field that carries the credentials. */
  public String field() {
    return isProxy() ? "Proxy-Authorization" : "Authorization";
  }

  String challengeField() {
    return isProxy() ? "Proxy-Authenticate" : "WWW-Authenticate";
  }

  /** The path, up to its last segment: what a Basic password holds for (RFC 7617 section 2.2). */
  String folder() {
    int end = target.indexOf('?');
    String path = end < 0 ? target : target.substring(0, end);
    return path.substring(0, path.lastIndexOf('/') + 1);
  }
}
