package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.Phase;
import dev.hawser.connect.Via;
import dev.hawser.io.StageFailure;
import dev.hawser.policy.Guard;
import dev.hawser.policy.Login;
import dev.hawser.policy.Redirects;
import dev.hawser.policy.Requests;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a call does after a response: mostly nothing, else it gives a password, follows a redirect
 * or tries again.
 */
final class Sequel {
  private final Engine engine;
  private final long call;
  private final @Nullable Login login; // null: there is no authenticator
  private final @Nullable Retries retries; // null: none are wanted
  private int redirects;
  private boolean retrying;

  Sequel(Engine engine, long call, @Nullable Login login, @Nullable Retries retries) {
    this.engine = engine;
    this.call = call;
    this.login = login;
    this.retries = retries;
  }

  /** The request that follows; empty if the response is the caller's. */
  Optional<HttpRequest> after(Hop hop) throws IOException {
    if (engine.cookies().wanted()) {
      engine.cookies().fromResponse(hop.request().uri(), hop.head().headers());
    }
    if (login != null && authenticates(hop, login)) {
      return Optional.of(hop.request());
    }
    if (retries != null && retries.after(hop, safety(hop))) {
      retrying = true;
      return Optional.of(hop.request());
    }
    int status = hop.head().statusCode();
    if (redirects >= engine.options().maxRedirects()
        || !Redirects.concerns(engine.redirect(), status)) {
      return Optional.empty();
    }
    Optional<HttpRequest> next = redirected(hop, status);
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

  /** Waits before what follows, if it is the same again; returns for how long it did. */
  long pause() throws InterruptedException {
    if (!retrying || retries == null) {
      return 0;
    }
    retrying = false;
    return retries.pause();
  }

  private static Retries.Safety safety(Hop hop) {
    return Retries.safety(
        hop.exchange().repeatable(), Request.idempotent(hop.request().method()), false, null);
  }

  /** Whether the same request is to be sent again, with a password. */
  private static boolean authenticates(Hop hop, Login login) throws StageFailure {
    Via forwarding = Via.forwarding(hop.via());
    int status = hop.head().statusCode();
    if (forwarding != null && status != 407) {
      login.accepted(Guard.proxy(hop.request(), forwarding));
    }
    Guard server = Guard.server(hop.request(), hop.origin());
    if (status != 401 && status != 407) {
      login.accepted(server);
    }
    // A server's own 407 would have the proxy's password.
    Guard guard =
        status == 401
            ? server
            : status == 407 && forwarding != null ? Guard.proxy(hop.request(), forwarding) : null;
    if (guard == null || Outbound.byCaller(hop.request(), guard) || !hop.exchange().repeatable()) {
      return false;
    }
    try {
      return login.answers(guard, hop.head().headers());
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

  private Optional<HttpRequest> redirected(Hop hop, int status) throws StageFailure {
    try {
      return Redirects.next(engine.redirect(), hop.request(), status, hop.head().headers());
    } catch (ProtocolException e) {
      throw StageFailure.of(Phase.FIRST_BYTE, String.valueOf(e.getMessage()), "", e);
    }
  }
}
