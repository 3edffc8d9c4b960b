package dev.hawser.io;

import dev.hawser.ExchangeEvent;
import dev.hawser.ExchangeListener;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Tells the client's listeners. Callers ask {@link #wanted} first, so that no event is made for
 * nobody.
 */
public final class Events {
  private static final System.Logger LOG = System.getLogger("dev.hawser");

  private final ExchangeListener[] listeners;
  private final AtomicBoolean complained = new AtomicBoolean();

  public Events(List<ExchangeListener> listeners) {
    this.listeners = listeners.toArray(ExchangeListener[]::new);
  }

  /** Whether anybody listens. */
  public boolean wanted() {
    return listeners.length > 0;
  }

  /** Tells every listener; survives what they throw. */
  public void tell(ExchangeEvent event) {
    for (ExchangeListener listener : listeners) {
      try {
        listener.on(event);
      } catch (RuntimeException | Error e) {
        if (complained.compareAndSet(false, true)) {
          LOG.log(System.Logger.Level.WARNING, "an ExchangeListener threw; this is logged once", e);
        }
      }
    }
  }
}
