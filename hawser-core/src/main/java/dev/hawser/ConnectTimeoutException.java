package dev.hawser;

import java.net.http.HttpConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * No connection was made in time: the phase says whether name, TCP or TLS was slow. The time is
 * that of the phase's option, of the client's {@code connectTimeout}, or the request's own. This
 * request was not sent; the one before it was, if this one follows a redirect or repeats it.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="types"}
 */
public final class ConnectTimeoutException extends HttpConnectTimeoutException
    implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param cause what lies beneath, if anything
   */
  public ConnectTimeoutException(Details details, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }
}
