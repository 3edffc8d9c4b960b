package dev.hawser;

/**
 * Is told what happens, as it happens.
 *
 * <p>Called on the thread that does the work, possibly by many threads at once: a call's own (of
 * {@code send} the caller's, else a virtual one), the virtual one that opens a connection, or that
 * of the house-keeping. Be quick and do not block: the work waits. No lock is held, so the client
 * may be looked at. What a listener throws is logged once and otherwise ignored. Without a listener
 * no event object is made.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="listener"}
 */
@FunctionalInterface
public interface ExchangeListener {
  /**
   * Is told of one event.
   *
   * @param event what happened
   */
  void on(ExchangeEvent event);
}
