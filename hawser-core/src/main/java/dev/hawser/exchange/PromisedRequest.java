package dev.hawser.exchange;

import dev.hawser.wire.Promise;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Optional;

/** A request that a server has thought of itself, as callers see it. */
final class PromisedRequest extends HttpRequest {
  private final String method;
  private final URI uri;
  private final HttpHeaders headers;

  PromisedRequest(Promise promise) {
    this.method = promise.method();
    this.uri = promise.uri();
    this.headers = promise.headers();
  }

  @Override
  public Optional<BodyPublisher> bodyPublisher() {
    return Optional.empty();
  }

  @Override
  public String method() {
    return method;
  }

  /** {@inheritDoc} The client's own deadlines hold. */
  @Override
  public Optional<Duration> timeout() {
    return Optional.empty();
  }

  @Override
  public boolean expectContinue() {
    return false;
  }

  @Override
  public URI uri() {
    return uri;
  }

  @Override
  public Optional<Version> version() {
    return Optional.of(Version.HTTP_2);
  }

  @Override
  public HttpHeaders headers() {
    return headers;
  }

  @Override
  public String toString() {
    return uri + " " + method;
  }
}
