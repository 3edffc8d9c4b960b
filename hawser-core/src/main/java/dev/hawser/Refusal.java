package dev.hawser;

/**
 * What has refused a call, so that nothing was sent.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="refused"}
 */
public sealed interface Refusal {
  /**
   * The host's circuit breaker ({@link BreakerOptions}).
   *
   * @param reason why it is open
   */
  record BreakerOpen(String reason) implements Refusal {}

  /**
   * The host's limit of requests at once ({@link LimitOptions}).
   *
   * @param limit how many there may be
   * @param inFlight how many there were
   * @param waiting how many waited for one of them to end
   * @param priority the refused one's
   */
  record LimitReached(int limit, int inFlight, int waiting, Priority priority) implements Refusal {}
}
