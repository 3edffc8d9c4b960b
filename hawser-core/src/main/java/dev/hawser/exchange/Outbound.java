package dev.hawser.exchange;

import dev.hawser.connect.Via;
import dev.hawser.policy.Proxies;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpRequest;
import org.jspecify.annotations.Nullable;

/** From a caller's request to what goes over the wire. */
final class Outbound {
  private Outbound() {}

  /** With what the client adds. */
  static Request of(Engine engine, HttpRequest request, @Nullable Via via) throws IOException {
    return new Request(
        request.method(),
        request.uri(),
        Proxies.onwards(request.headers(), via),
        engine.cookies().forRequest(request.uri(), request.headers()),
        request.bodyPublisher().orElse(null),
        request.expectContinue(),
        via != null && via.way() == Via.Way.FORWARD
            ? Request.Form.ABSOLUTE
            : Request.Form.ORIGIN);
  }
}
