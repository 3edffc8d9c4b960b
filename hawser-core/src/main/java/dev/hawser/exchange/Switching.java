package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.http2.Http2Connection;
import dev.hawser.io.Transport;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Promise;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** From HTTP/1.1 to HTTP/2 within a connection, as a request asks for it (RFC 7540 3.2). */
final class Switching {
  private final Http2Connections http2;
  private final Map<String, List<String>> question;
  private final Map<String, List<String>> questionWithPushes;

  Switching(Http2Connections http2) {
    this.http2 = http2;
    this.question = question(false);
    this.questionWithPushes = question(true);
  }

  private Map<String, List<String>> question(boolean pushes) {
    return Map.of(
        "Connection", List.of("Upgrade, HTTP2-Settings"),
        "Upgrade", List.of("h2c"),
        "HTTP2-Settings", List.of(Http2Connection.upgradeSettings(http2.options(), pushes)));
  }

  /** The same request, which asks. */
  Request asking(Request request, boolean takesPushes) {
    var extra = new HashMap<>(request.extraHeaders());
    extra.putAll(takesPushes ? questionWithPushes : question);
    return new Request(
        request.method(),
        request.uri(),
        request.headers(),
        extra,
        request.body(),
        request.expectContinue(),
        request.form());
  }

  /**
   * Speaks HTTP/2 from now on; the request that asked is its first, of which the response is to
   * come.
   *
   * @param answer a 101
   * @param origin the request's
   * @param told has been told that the request was sent
   */
  Http2Connection.Upgraded after(
      ResponseInfo answer,
      Transport transport,
      Origin origin,
      Request request,
      long deadline,
      Told told)
      throws IOException {
    List<String> chosen = answer.headers().allValues("Upgrade");
    if (chosen.size() != 1 || !chosen.getFirst().equalsIgnoreCase("h2c")) {
      throw new MalformedResponseException(
          "101 Switching Protocols to " + chosen + " where h2c was asked for");
    }
    return http2.upgrade(
        transport, origin, request.method().equals("HEAD"), deadline, new AlreadySent(told));
  }

  /** For an exchange whose request is none of its own. */
  record AlreadySent(Told told) implements Exchange.Progress {
    @Override
    public void requestSent() {}

    @Override
    public void interim(int status) {
      told.interim(status);
    }

    @Override
    public boolean takesPushes() {
      return told.takesPushes();
    }

    @Override
    public void promised(Promise promise) {
      told.promised(promise);
    }
  }
}
