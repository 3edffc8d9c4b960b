package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.connect.Via;
import dev.hawser.policy.Guard;
import dev.hawser.policy.Login;
import dev.hawser.policy.Proxies;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a caller's request to what goes over the wire. */
final class Outbound {
  private Outbound() {}

  /**
   * With what the client adds.
   *
   * @param login null: there is no authenticator
   */
  static Request of(
      Engine engine, HttpRequest request, Origin origin, @Nullable Via via, @Nullable Login login)
      throws IOException {
    Map<String, List<String>> extra = cookiesAndPasswords(engine, request, origin, via, login);
    Map<String, List<String>> accepted = engine.decoding().fields(request);
    return new Request(
        request.method(),
        request.uri(),
        Proxies.onwards(request.headers(), via),
        accepted.isEmpty() ? extra : with(extra, accepted),
        request.bodyPublisher().orElse(null),
        request.expectContinue(),
        Via.forwarding(via) != null ? Request.Form.ABSOLUTE : Request.Form.ORIGIN);
  }

  /**
   * The opening handshake of a WebSocket. It asks for no coding: who refuses it answers with a few
   * words, and they are for people.
   *
   * @param handshake its own fields
   * @param via direct, or by a tunnel
   */
  static Request opening(
      Engine engine,
      HttpRequest request,
      Origin origin,
      @Nullable Via via,
      @Nullable Login login,
      Map<String, List<String>> handshake)
      throws IOException {
    return new Request(
        request.method(),
        request.uri(),
        Proxies.onwards(request.headers(), via),
        with(handshake, cookiesAndPasswords(engine, request, origin, via, login)),
        null,
        false);
  }

  private static Map<String, List<String>> cookiesAndPasswords(
      Engine engine, HttpRequest request, Origin origin, @Nullable Via via, @Nullable Login login)
      throws IOException {
    Map<String, List<String>> extra = engine.cookies().forRequest(request.uri(), request.headers());
    if (login != null) {
      extra = with(extra, request, Guard.server(request, origin), login);
      Via forwarding = Via.forwarding(via);
      if (forwarding != null) {
        extra = with(extra, request, Guard.proxy(request, forwarding), login);
      }
    }
    return extra;
  }

  private static Map<String, List<String>> with(
      Map<String, List<String>> fields, HttpRequest request, Guard guard, Login login) {
    String credentials = byCaller(request, guard) ? null : login.authorization(guard);
    return credentials == null ? fields : with(fields, Map.of(guard.field(), List.of(credentials)));
  }

  private static Map<String, List<String>> with(
      Map<String, List<String>> fields, Map<String, List<String>> others) {
    var all = new LinkedHashMap<>(fields);
    all.putAll(others);
    return all;
  }

  /** Whether the caller authenticates himself, so that it is no business of ours. */
  static boolean byCaller(HttpRequest request, Guard guard) {
    return request.headers().map().containsKey(guard.field());
  }
}
