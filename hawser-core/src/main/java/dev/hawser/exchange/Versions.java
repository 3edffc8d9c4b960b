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
 * @param http2 whether there is any choice
 */
record Versions(Version preferred, boolean http2) {
  /** Whom to connect to for this request. */
  Target target(HttpRequest request, Origin origin, @Nullable Via via) {
    return target(request.version().orElse(preferred), origin, via);
  }

  /** Whom to connect to ahead of requests. */
  Target target(Origin origin, @Nullable Via via) {
    return target(preferred, origin, via);
  }

  private Target target(Version version, Origin origin, @Nullable Via via) {
    return new Target(origin, http2 ? version : Version.HTTP_1_1, via);
  }
}
