package dev.hawser;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An exchange failed: the peer broke the protocol or the connection, the request's body could not
 * be had from its publisher, the line for a connection or the memory budget was full, or the client
 * was closed.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="types"}
 */
public final class ExchangeException extends IOException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param cause what lies beneath, if anything
   */
  public ExchangeException(Details details, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }
}
