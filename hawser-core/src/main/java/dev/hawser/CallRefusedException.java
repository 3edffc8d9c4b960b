package dev.hawser;

import java.io.IOException;
import java.time.Duration;

/**
 * The client has not sent the request, to spare a host that is in trouble: its circuit breaker is
 * open ({@link BreakerOptions}), or it has to bear as many requests as it can ({@link
 * LimitOptions}). Nothing was sent.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="refused"}
 */
public final class CallRefusedException extends IOException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;
  private final transient Refusal refusal;

  /** For how long yet. */
  private final Duration retryAfter;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param refusal what has refused the call
   * @param retryAfter for how long yet calls are refused
   */
  public CallRefusedException(Details details, Refusal refusal, Duration retryAfter) {
    super(Failures.message(details));
    this.details = details;
    this.refusal = refusal;
    this.retryAfter = retryAfter;
  }

  @Override
  public Details details() {
    return details;
  }

  /** {@return what has refused the call, with its figures} */
  public Refusal refusal() {
    return refusal;
  }

  /**
   * {@return for how long yet calls to this host are refused; with a limit, for how long that is
   * likely}
   */
  public Duration retryAfter() {
    return retryAfter;
  }
}
