package dev.hawser;

/**
 * Is told what happens, as it happens.
 *
 * <p>Called on the thread that does the work, possibly by many threads at once: be quick and do not
 * block. What it throws is logged once and otherwise ignored. Without a listener no event object is
 * made.
 *
 * {@snippet :
 * client = Hawser.newBuilder().listener(event -> {
 *   if (event instanceof ExchangeEvent.Completed done && done.timeline().total().toMillis() > 500) {
 *     log.warn("slow: {}", done);
 *   }
 * }).build();
 * }
 */
@FunctionalInterface
public interface ExchangeListener {
  /** Is told of one event. */
  void on(ExchangeEvent event);
}
