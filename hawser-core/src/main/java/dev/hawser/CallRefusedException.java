package dev.hawser;

import java.io.IOException;
import java.time.Duration;

/**
 * The client has not sent the request, to spare a host that is in trouble: its circuit breaker is
 * open ({@link BreakerOptions}). Nothing was sent.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="refused"}
 */
public final class CallRefusedException extends IOException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** For how long yet. */
  private final Duration retryAfter;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param retryAfter for how long yet calls are refused
   */
  public CallRefusedException(Details details, Duration retryAfter) {
    super(Failures.message(details));
    this.details = details;
    this.retryAfter = retryAfter;
  }

  @Override
  public Details details() {
    return details;
  }

  /** {@return for how long yet calls to this host are refused} */
  public Duration retryAfter() {
    return retryAfter;
  }
}
