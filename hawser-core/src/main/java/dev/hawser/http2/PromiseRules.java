package dev.hawser.http2;

import dev.hawser.Origin;
import java.net.URI;
import java.net.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Takes the fields of a promised request and holds them against RFC 9113 8.3.1 and 8.4. A fault is
 * the promised stream's alone, as with {@link FieldRules}, which judge the fields that are no
 * pseudo-headers.
 *
 * <p>Used again for the next one. One thread at a time.
 */
final class PromiseRules implements HpackDecoder.Sink {
  private final FieldRules fields = new FieldRules();
  private @Nullable String method;
  private @Nullable String scheme;
  private @Nullable String authority;
  private @Nullable String path;
  private boolean fieldsBegan;
  private @Nullable String fault;

  void begin() {
    fields.begin(true); // they judge no pseudo-header, as in trailers
    method = null;
    scheme = null;
    authority = null;
    path = null;
    fieldsBegan = false;
    fault = null;
  }

  @Override
  public void field(String name, String value, boolean sensitive) {
    if (!name.startsWith(":")) {
      fieldsBegan = true;
      fields.field(name, value, sensitive);
    } else if (fault == null) {
      fault = pseudo(name, value);
    }
  }

  private @Nullable String pseudo(String name, String value) {
    String before;
    switch (name) {
      case ":method" -> {
        before = method;
        method = value;
      }
      case ":scheme" -> {
        before = scheme;
        scheme = value;
      }
      case ":authority" -> {
        before = authority;
        authority = value;
      }
      case ":path" -> {
        before = path;
        path = value;
      }
      default -> {
        return "a pseudo-header that requests have not";
      }
    }
    return before != null ? name + " twice" : fieldsBegan ? name + " after another header" : null;
  }

  /** What is wrong with the request that has been decoded; or null. */
  @Nullable String fault() {
    if (fault != null || fields.fault() != null) {
      return fault != null ? fault : fields.fault();
    }
    if (method == null || scheme == null || authority == null || path == null) {
      return "a request without its pseudo-headers";
    }
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return "a method that is not both safe and cacheable";
    }
    if (fields.section().contentLength() > 0) {
      return "a request with a body";
    }
    return null;
  }

  /**
   * What is asked for, of which {@link #fault} has found nothing.
   *
   * @return null if it is none of the origin's, which alone the server can speak for
   */
  @Nullable URI target(Origin origin) {
    String text = scheme + "://" + authority + path;
    try {
      URI uri = URI.create(text);
      boolean own = uri.getRawUserInfo() == null && Origin.of(uri).equals(origin);
      return own && path != null && path.startsWith("/") ? uri : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  String method() {
    return String.valueOf(method);
  }

  HttpHeaders headers() {
    return fields.section().headers();
  }
}
