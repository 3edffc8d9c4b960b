package dev.hawser.policy;

import dev.hawser.Origin;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a caller may ask for. Users can write their own {@link HttpRequest}, so what the JDK's
 * builder checks is checked here.
 */
public final class Requests {
  /** Set by the client; the JDK's builder refuses them, unless the property says otherwise. */
  private static final Set<String> RESTRICTED = restricted();

  private Requests() {}

  /**
   * Checks a request before anything is sent.
   *
   * @return the request's origin
   * @throws IllegalArgumentException if it may not be sent
   */
  public static Origin check(HttpRequest request) {
    Origin origin = Origin.of(request.uri());
    if (request.method().equalsIgnoreCase("CONNECT")) {
      throw new IllegalArgumentException("method CONNECT is the client's own");
    }
    for (String name : request.headers().map().keySet()) {
      if (RESTRICTED.contains(name.toLowerCase(Locale.ROOT))) {
        throw new IllegalArgumentException("restricted header name: " + name);
      }
    }
    return origin;
  }

  /** For people and logs: without the user info, which may be a password. */
  public static URI shown(URI uri) {
    String userInfo = uri.getRawUserInfo();
    return userInfo == null ? uri : URI.create(uri.toString().replace("//" + userInfo + "@", "//"));
  }

  private static Set<String> restricted() {
    var names =
        Arrays.stream(new String[] {"connection", "content-length", "expect", "host", "upgrade"})
            .collect(Collectors.toSet());
    String allowed = System.getProperty("jdk.httpclient.allowRestrictedHeaders", "");
    for (String name : allowed.split(",", -1)) {
      names.remove(name.strip().toLowerCase(Locale.ROOT));
    }
    names.add("transfer-encoding"); // framing is never the caller's: a wrong one smuggles
    names.add("content-length");
    return Set.copyOf(names);
  }
}
