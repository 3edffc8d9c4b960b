package dev.hawser.policy;

import java.io.IOException;
import java.net.CookieHandler;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks the client's {@link CookieHandler}, if it has one. */
public final class Cookies {
  private final @Nullable CookieHandler handler;

  public Cookies(@Nullable CookieHandler handler) {
    this.handler = handler;
  }

  /** The header fields to add to a request. */
  public Map<String, List<String>> forRequest(URI uri, HttpHeaders headers) throws IOException {
    return handler == null ? Map.of() : handler.get(uri, headers.map());
  }

  /** Stores what a response sets. */
  public void fromResponse(URI uri, HttpHeaders headers) throws IOException {
    if (handler != null) {
      handler.put(uri, headers.map());
    }
  }

  /** Whether there is a handler, so that headers are not parsed for nobody. */
  public boolean wanted() {
    return handler != null;
  }
}
