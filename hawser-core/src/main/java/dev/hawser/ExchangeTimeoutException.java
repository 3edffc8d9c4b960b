package dev.hawser;

import java.net.http.HttpTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A deadline passed: the request's own, or one of {@link ExchangeOptions} or {@link PoolOptions};
 * the message names which. In the phase {@link Phase#QUEUE} this request was not sent.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="types"}
 */
public final class ExchangeTimeoutException extends HttpTimeoutException
    implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param cause what lies beneath, if anything
   */
  public ExchangeTimeoutException(Details details, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }
}
