package dev.hawser.coding;

import dev.hawser.DecompressionOptions;
import dev.hawser.wire.Body;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which bodies are decoded, and what is then said of them. */
public final class Decoding {
  /** Nobody needs more; each may make a small thing large. */
  private static final int MOST_CODINGS = 2;

  private final DecompressionOptions options;

  public Decoding(DecompressionOptions options) {
    this.options = options;
  }

  /**
   * The field that asks for small bodies. Not beside a caller's own, who then decodes himself, nor
   * for a part of a body, which cannot be decoded alone.
   */
  public Map<String, List<String>> fields(HttpRequest request) {
    return isFor(request) ? Map.of("Accept-Encoding", List.of(Coding.ACCEPTED)) : Map.of();
  }

  private boolean isFor(HttpRequest request) {
    Map<String, List<String>> headers = request.headers().map();
    return options.enabled()
        && !headers.containsKey("accept-encoding")
        && !headers.containsKey("range");
  }

  /** A response whose body is decoded. */
  public record Decoded(ResponseInfo head, Body body) {}

  /** The response as the caller is to see it: as it is, or decoded. */
  public Decoded of(HttpRequest request, ResponseInfo head, Body body) {
    if (!isFor(request) || body.atEnd()) { // HEAD, 204, 304: nothing to decode
      return new Decoded(head, body);
    }
    List<Coding> codings = codings(head.headers());
    return codings.isEmpty()
        ? new Decoded(head, body)
        : new Decoded(decoded(head), new DecodedBody(body, codings, options));
  }

  /** In the order in which they were applied; none if one of them cannot be undone. */
  private static List<Coding> codings(HttpHeaders headers) {
    var codings = new ArrayList<Coding>();
    for (String value : headers.allValues("content-encoding")) {
      for (String name : value.split(",", -1)) {
        if (name.isBlank() || name.strip().equalsIgnoreCase("identity")) {
          continue;
        }
        @Nullable Coding coding = Coding.named(name.strip());
        if (coding == null || codings.size() == MOST_CODINGS) {
          return List.of();
        }
        codings.add(coding);
      }
    }
    return codings;
  }

  /** Without what was true of the encoded body only. */
  private static ResponseInfo decoded(ResponseInfo head) {
    HttpHeaders headers =
        HttpHeaders.of(
            head.headers().map(),
            (name, value) ->
                !name.equalsIgnoreCase("content-encoding")
                    && !name.equalsIgnoreCase("content-length"));
    return new ResponseInfo() {
      @Override
      public int statusCode() {
        return head.statusCode();
      }

      @Override
      public HttpHeaders headers() {
        return headers;
      }

      @Override
      public Version version() {
        return head.version();
      }
    };
  }
}
