package dev.hawser;

import java.net.ConnectException;
import org.jspecify.annotations.Nullable;

/**
 * No connection could be made: the name has no address, every address refused or was unreachable,
 * or this machine is short of something (file descriptors, local ports). This request was not sent;
 * the one before it was, if this one follows a redirect or repeats it.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="types"}
 */
public final class ConnectFailedException extends ConnectException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param cause what lies beneath, if anything
   */
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
