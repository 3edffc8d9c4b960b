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
 */
record Versions(Version preferred) {
  /** Whom to connect to for this request. */
  Target target(HttpRequest request, Origin origin) {
    return new Target(origin, request.version().orElse(preferred));
  }

  /** Whom to connect to ahead of requests. */
  Target target(Origin origin) {
    return new Target(origin, preferred);
  }
}
