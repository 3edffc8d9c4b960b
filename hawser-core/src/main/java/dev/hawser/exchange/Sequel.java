package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.Phase;
import dev.hawser.io.StageFailure;
import dev.hawser.policy.Redirects;
import dev.hawser.policy.Requests;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpRequest;
import java.util.Optional;

/** What a call does after a response: mostly nothing, else it follows a redirect. */
final class Sequel {
  private final Engine engine;
  private final long call;
  private int redirects;

  Sequel(Engine engine, long call) {
    this.engine = engine;
    this.call = call;
  }

  /** The request that follows; empty if the response is the caller's. */
  Optional<HttpRequest> after(Hop hop) throws IOException {
    if (engine.cookies().wanted()) {
      engine.cookies().fromResponse(hop.request().uri(), hop.head().headers());
    }
    int status = hop.head().statusCode();
    if (redirects >= engine.options().maxRedirects()
        || !Redirects.concerns(engine.redirect(), status)) {
      return Optional.empty();
    }
    Optional<HttpRequest> next = redirected(hop, status);
    if (next.isPresent()) {
      redirects++;
      if (engine.events().wanted()) {
        engine
            .events()
            .tell(
                new ExchangeEvent.Redirected(call, status, Requests.shown(next.get().uri())));
      }
    }
    return next;
  }

  private Optional<HttpRequest> redirected(Hop hop, int status) throws StageFailure {
    try {
      return Redirects.next(engine.redirect(), hop.request(), status, hop.head().headers());
    } catch (ProtocolException e) {
      throw StageFailure.of(Phase.FIRST_BYTE, String.valueOf(e.getMessage()), "", e);
    }
  }
}
