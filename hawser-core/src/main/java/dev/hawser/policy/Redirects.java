package dev.hawser.policy;

import dev.hawser.Origin;
import java.net.ProtocolException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Which redirects are followed, and with what request (RFC 9110 15.4, and the JDK's three
 * policies).
 */
public final class Redirects {
  /** What was meant for one origin is not shown to another. */
  private static final Set<String> FOR_ONE_ORIGIN =
      Set.of("authorization", "proxy-authorization", "cookie", "origin", "referer", "host");

  private Redirects() {}

  /**
   * Returns the request that follows, or empty if the response is final.
   *
   * @throws ProtocolException if the response says to go elsewhere, but not where, or to where HTTP
   *     does not lead
   */
  public static Optional<HttpRequest> next(
      Redirect policy, HttpRequest request, int status, HttpHeaders headers)
      throws ProtocolException {
    if (!concerns(policy, status)) {
      return Optional.empty();
    }
    URI from = request.uri();
    URI to = target(from, status, headers);
    if (policy == Redirect.NORMAL && isSecure(from) && !isSecure(to)) {
      return Optional.empty();
    }
    boolean sameOrigin = Origin.of(from).equals(Origin.of(to));
    HttpRequest.Builder next =
        HttpRequest.newBuilder(
            request,
            (name, value) -> sameOrigin || !FOR_ONE_ORIGIN.contains(name.toLowerCase(Locale.ROOT)));
    next.uri(to);
    String method = request.method();
    if (status == 303 && !method.equals("HEAD")
        || (status == 301 || status == 302) && method.equals("POST")) {
      next.method("GET", BodyPublishers.noBody());
    }
    return Optional.of(next.build());
  }

  /** Whether a response of this status may be followed at all; its headers need no look if not. */
  public static boolean concerns(Redirect policy, int status) {
    return policy != Redirect.NEVER
        && switch (status) {
          case 301, 302, 303, 307, 308 -> true;
          default -> false;
        };
  }

  private static URI target(URI from, int status, HttpHeaders headers) throws ProtocolException {
    String location =
        headers
            .firstValue("location")
            .orElseThrow(
                () -> new ProtocolException("a redirect (" + status + ") without Location"));
    URI to;
    try {
      to = from.resolve(new URI(location));
    } catch (URISyntaxException e) {
      // The message is for logs, where a password has no place.
      throw new ProtocolException(
          "a redirect to what is no URI: %s: %s"
              .formatted(e.getReason(), location.replaceFirst("//.*@", "//")));
    }
    try {
      Origin.of(to);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("a redirect to where HTTP does not lead: " + e.getMessage());
    }
    return to;
  }

  private static boolean isSecure(URI uri) {
    return "https".equalsIgnoreCase(uri.getScheme());
  }
}
