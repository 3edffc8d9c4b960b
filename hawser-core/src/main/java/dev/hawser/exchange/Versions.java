package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.connect.Target;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;

/**
 * Which protocol a request may go over: the one that it asks for, else the client's (as {@code
 * java.net.http} documents).
 *
 * @param preferred the client's
 * @param http2 whether there is any choice
 */
record Versions(Version preferred, boolean http2) {
  /** Whom to connect to for this request. */
  Target target(HttpRequest request, Origin origin) {
    return target(request.version().orElse(preferred), origin);
  }

  /** Whom to connect to ahead of requests. */
  Target target(Origin origin) {
    return target(preferred, origin);
  }

  private Target target(Version version, Origin origin) {
    return new Target(origin, http2 ? version : Version.HTTP_1_1);
  }
}
