package dev.hawser.http2;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/** A response's head. Any thread. */
record Http2Head(FieldSection fields) implements HttpResponse.ResponseInfo {
  @Override
  public int statusCode() {
    return fields.status();
  }

  /** Without {@code :status}. */
  @Override
  public HttpHeaders headers() {
    return fields.headers();
  }

  @Override
  public HttpClient.Version version() {
    return HttpClient.Version.HTTP_2;
  }
}
