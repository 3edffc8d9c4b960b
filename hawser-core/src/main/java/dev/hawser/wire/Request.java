package dev.hawser.wire;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes out: a checked copy of the caller's, or of a redirect of it.
 *
 * @param headers the caller's
 * @param extraHeaders the client's own, such as {@code Cookie}
 * @param body null for none
 * @param form how its target is written (RFC 9112 section 3.2)
 */
public record Request(
    String method,
    URI uri,
    HttpHeaders headers,
    Map<String, List<String>> extraHeaders,
    @Nullable BodyPublisher body,
    boolean expectContinue,
    Form form) {
  /** Whom a request's target is for. */
  public enum Form {
    /** The path and the query: for the origin. */
    ORIGIN,
    /** All of the URI: for a proxy that passes the request on. */
    ABSOLUTE,
    /** Host and port alone: for a proxy that is to open a tunnel to them. */
    AUTHORITY
  }

  /** A request to its origin. */
  public Request(
      String method,
      URI uri,
      HttpHeaders headers,
      Map<String, List<String>> extraHeaders,
      @Nullable BodyPublisher body,
      boolean expectContinue) {
    this(method, uri, headers, extraHeaders, body, expectContinue, Form.ORIGIN);
  }

  /** Whether sending it twice has the effect of sending it once (RFC 9110 9.2.2). */
  public boolean idempotent() {
    return idempotent(method);
  }

  /** Whether that is so of this method. */
  public static boolean idempotent(String method) {
    return switch (method) {
      case "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE" -> true;
      default -> false;
    };
  }
}
