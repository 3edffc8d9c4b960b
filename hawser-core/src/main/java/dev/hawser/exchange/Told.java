package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.io.Events;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Promise;
import org.jspecify.annotations.Nullable;

/**
 * Tells of a call what goes over the wire. A connection that carries several exchanges holds on to
 * this, and so it must not lead to the call: by its handler a response that nobody reads could
 * still be reached, and {@link Leaks} would not find it.
 */
record Told(Events events, long number, Pushes.@Nullable Taker pushes)
    implements Exchange.Progress {
  @Override
  public void requestSent() {
    if (events.wanted()) {
      events.tell(new ExchangeEvent.RequestSent(number));
    }
  }

  @Override
  public void interim(int status) {
    if (events.wanted()) {
      events.tell(new ExchangeEvent.Interim(number, status));
    }
  }

  @Override
  public boolean takesPushes() {
    return pushes != null;
  }

  @Override
  public void promised(Promise promise) {
    if (pushes == null) {
      promise.refuse();
    } else {
      pushes.promised(promise);
    }
  }
}
