package dev.hawser.exchange;

import dev.hawser.ConnectionInfo;
import dev.hawser.HawserResponse;
import dev.hawser.Timeline;
import dev.hawser.policy.Requests;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Body;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The response of a call. Holds on to little: what it tells is made when asked for. */
final class ExchangeResponse<T> implements HawserResponse<T> {
  private final Call<T> call;
  private final HttpRequest request;
  private final ResponseInfo head;
  private final Connection connection;
  private final long ordinal; // of the connection
  private final long obtainedAt;
  private final Body received;
  private final @Nullable T body;
  private final @Nullable HttpResponse<T> previous;

  ExchangeResponse(Call<T> call, Hop hop, @Nullable T body, @Nullable HttpResponse<T> previous) {
    this.call = call;
    this.request = hop.request();
    this.head = hop.head();
    this.connection = hop.connection();
    this.ordinal = hop.ordinal();
    this.obtainedAt = call.now();
    this.received = hop.body();
    this.body = body;
    this.previous = previous;
  }

  @Override
  public int statusCode() {
    return head.statusCode();
  }

  @Override
  public HttpRequest request() {
    return request;
  }

  @Override
  public Optional<HttpResponse<T>> previousResponse() {
    return Optional.ofNullable(previous);
  }

  @Override
  public HttpHeaders headers() {
    return head.headers();
  }

  @Override
  @SuppressWarnings(
      "NullAway") // null where the subscriber's is, and for the responses of redirects, as in the
  // JDK
  public T body() {
    return body;
  }

  @Override
  public Optional<SSLSession> sslSession() {
    return Optional.ofNullable(connection.session());
  }

  @Override
  public URI uri() {
    return request.uri();
  }

  @Override
  public Version version() {
    return head.version();
  }

  @Override
  public Optional<String> connectionLabel() {
    return Optional.of(Long.toString(connection.id()));
  }

  @Override
  public Timeline timeline() {
    return call.timeline();
  }

  @Override
  public HttpHeaders trailers() {
    return received.trailers();
  }

  @Override
  public ConnectionInfo connection() {
    return connection.info(obtainedAt, ordinal);
  }

  @Override
  public String toString() {
    return "(" + request.method() + " " + Requests.shown(request.uri()) + ") " + statusCode();
  }
}
