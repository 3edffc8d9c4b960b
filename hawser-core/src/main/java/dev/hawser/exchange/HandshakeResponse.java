package dev.hawser.exchange;

import dev.hawser.policy.Requests;
import dev.hawser.wire.Exchange;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The answer to an opening handshake that came to nothing, or elsewhere. */
record HandshakeResponse(
    HttpRequest request,
    int statusCode,
    HttpHeaders headers,
    Version version,
    String body,
    @Nullable SSLSession session,
    @Nullable HttpResponse<String> previous)
    implements HttpResponse<String> {
  private static final int MOST_BODY = 64 * 1024;

  static HandshakeResponse of(
      HttpRequest request,
      ResponseInfo head,
      String body,
      @Nullable SSLSession session,
      @Nullable HttpResponse<String> previous) {
    return new HandshakeResponse(
        request, head.statusCode(), head.headers(), head.version(), body, session, previous);
  }

  /** What there is of a body, up to a bound: it is for people, and the status is what counts. */
  static String text(Exchange exchange, ResponseInfo head) {
    BodySubscriber<String> text = BodyHandlers.ofString().apply(head); // it knows the charset
    text.onSubscribe(new Ignored());
    int received = 0;
    try {
      exchange.awaitBody();
      for (ByteBuffer part = exchange.body().next();
          part != null && received < MOST_BODY;
          part = exchange.body().next()) {
        received += part.remaining();
        text.onNext(List.of(part));
      }
    } catch (IOException e) {
      // Then that was it.
    }
    text.onComplete();
    return text.getBody().toCompletableFuture().join();
  }

  /** The subscriber takes whatever comes. */
  private static final class Ignored implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }

  @Override
  public URI uri() {
    return request.uri();
  }

  @Override
  public Optional<SSLSession> sslSession() {
    return Optional.ofNullable(session);
  }

  @Override
  public Optional<HttpResponse<String>> previousResponse() {
    return Optional.ofNullable(previous);
  }

  @Override
  public String toString() {
    return "(" + request.method() + " " + Requests.shown(request.uri()) + ") " + statusCode;
  }
}
