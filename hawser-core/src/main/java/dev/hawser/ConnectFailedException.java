package dev.hawser;

import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * No connection could be made: the name has no address, or every address refused or was
 * unreachable.
 */
public final class ConnectFailedException extends ConnectException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** Made by the client. */
  public ConnectFailedException(Details details, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }
}
