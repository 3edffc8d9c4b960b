package dev.hawser;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An exchange failed: the peer broke the protocol or the connection, or the client was closed. */
public final class ExchangeException extends IOException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** Made by the client. */
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
