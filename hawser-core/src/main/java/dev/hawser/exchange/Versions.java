package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.connect.Target;
import dev.hawser.connect.Via;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/**
 * Which protocol a request may go over: the one that it asks for, else the client's (as {@code
 * java.net.http} documents).
 *
 * @param preferred the client's
 */
record Versions(Version preferred) {
  /** Whom to connect to for this request. */
  Target target(HttpRequest request, Origin origin, @Nullable Via via) {
    return new Target(origin, request.version().orElse(preferred), via);
  }

  /** Whom to connect to ahead of requests. */
  Target target(Origin origin, @Nullable Via via) {
    return new Target(origin, preferred, via);
  }
}
