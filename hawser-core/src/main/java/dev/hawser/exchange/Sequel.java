package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.connect.Via;
import dev.hawser.io.StageFailure;
import dev.hawser.policy.Guard;
import dev.hawser.policy.Login;
import dev.hawser.policy.Redirects;
import dev.hawser.policy.Requests;
import dev.hawser.wire.Exchange;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What follows a response, of a call or of an opening handshake: mostly nothing, else a password is
 * given or a redirect followed.
 */
final class Sequel {
  private final Engine engine;
  private final long call;
  private final @Nullable Login login; // null: there is no authenticator
  private int redirects;

  Sequel(Engine engine, long call, @Nullable Login login) {
    this.engine = engine;
    this.call = call;
    this.login = login;
  }

  /**
   * The request that follows; empty if the response is the caller's.
   *
   * @param origin the request's
   * @param via the proxy that it went by
   */
  Optional<HttpRequest> after(
      HttpRequest request, Origin origin, @Nullable Via via, Exchange exchange, ResponseInfo head)
      throws IOException {
    if (engine.cookies().wanted()) {
      engine.cookies().fromResponse(request.uri(), head.headers());
    }
    if (login != null && authenticates(login, request, origin, via, exchange, head)) {
      return Optional.of(request);
    }
    int status = head.statusCode();
    if (redirects >= engine.options().maxRedirects()
        || !Redirects.concerns(engine.redirect(), status)) {
      return Optional.empty();
    }
    Optional<HttpRequest> next = redirected(request, head);
    if (next.isPresent()) {
      redirects++;
      if (login != null) {
        login.redirected();
      }
      if (engine.events().wanted()) {
        engine
            .events()
            .tell(new ExchangeEvent.Redirected(call, status, Requests.shown(next.get().uri())));
      }
    }
    return next;
  }

  /** Whether the same request is to be sent again, with a password. */
  private static boolean authenticates(
      Login login,
      HttpRequest request,
      Origin origin,
      @Nullable Via via,
      Exchange exchange,
      ResponseInfo head)
      throws StageFailure {
    Via forwarding = Via.forwarding(via);
    int status = head.statusCode();
    if (forwarding != null && status != 407) {
      login.accepted(Guard.proxy(request, forwarding));
    }
    Guard server = Guard.server(request, origin);
    if (status != 401 && status != 407) {
      login.accepted(server);
    }
    // A server's own 407 would have the proxy's password.
    Guard guard =
        status == 401
            ? server
            : status == 407 && forwarding != null ? Guard.proxy(request, forwarding) : null;
    if (guard == null || Outbound.byCaller(request, guard) || !exchange.repeatable()) {
      return false;
    }
    try {
      return login.answers(guard, head.headers());
    } catch (IOException e) {
      throw StageFailure.of(
          Phase.FIRST_BYTE,
          String.valueOf(e.getMessage()),
          "The "
              + (guard.isProxy() ? "proxy" : "server")
              + " wants another password: status "
              + status,
          e);
    }
  }

  private Optional<HttpRequest> redirected(HttpRequest request, ResponseInfo head)
      throws StageFailure {
    try {
      return Redirects.next(engine.redirect(), request, head.statusCode(), head.headers());
    } catch (ProtocolException e) {
      throw StageFailure.of(Phase.FIRST_BYTE, String.valueOf(e.getMessage()), "", e);
    }
  }
}
