package dev.hawser.cli;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeFailure;
import dev.hawser.HawserResponse;
import dev.hawser.Timeline;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of one request.
 *
 * @param number counted from 1
 * @param head the response's, if it came; also when its body failed
 * @param address of the peer, once known
 * @param connection that carried it, if it had one
 * @param timeline where the time went; null for failures without one
 * @param bytes of the body that came
 * @param redirects that were followed, the first first
 * @param error why it failed; null when it did not
 */
record Exchange(
    int number,
    @Nullable Head head,
    @Nullable InetSocketAddress address,
    @Nullable ConnectionInfo connection,
    @Nullable Timeline timeline,
    long bytes,
    List<Redirect> redirects,
    @Nullable IOException error) {
  /** A response's head. */
  record Head(int status, Version version, HttpHeaders headers) {
    String protocol() {
      return version == Version.HTTP_2 ? "HTTP/2" : "HTTP/1.1";
    }

    String contentType() {
      return headers.firstValue("content-type").orElse("");
    }
  }

  /** A redirect that was followed. */
  record Redirect(int status, URI to) {}

  static Exchange answered(int number, Head head, HawserResponse<Long> response) {
    ConnectionInfo connection = response.connection();
    return new Exchange(
        number,
        head,
        connection.remoteAddress(),
        connection,
        response.timeline(),
        response.body(),
        redirects(response),
        null);
  }

  static Exchange failed(int number, @Nullable Head head, long bytes, IOException error) {
    ExchangeFailure failure = Errors.failure(error);
    if (failure == null) {
      return new Exchange(number, head, null, null, null, bytes, List.of(), error);
    }
    ExchangeFailure.Details details = failure.details();
    return new Exchange(
        number,
        head,
        details.address().orElse(null),
        details.connection().orElse(null),
        details.timeline(),
        bytes,
        List.of(),
        error);
  }

  boolean reused() {
    return timeline != null && timeline.reused();
  }

  /** {@code 127.0.0.1:8080}, {@code [::1]:8080}. */
  @Nullable String addressText() {
    if (address == null) {
      return null;
    }
    String host =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static List<Redirect> redirects(HttpResponse<?> response) {
    var redirects = new ArrayList<Redirect>();
    HttpResponse<?> later = response;
    for (var each = response.previousResponse().orElse(null);
        each != null;
        each = each.previousResponse().orElse(null)) {
      redirects.addFirst(new Redirect(each.statusCode(), later.uri()));
      later = each;
    }
    return redirects;
  }
}
