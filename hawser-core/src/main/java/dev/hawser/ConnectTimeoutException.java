package dev.hawser;

import java.net.http.HttpConnectTimeoutException;
import org.jspecify.annotations.Nullable;

/** No connection was made in time: the phase says whether name, TCP or TLS was slow. */
public final class ConnectTimeoutException extends HttpConnectTimeoutException
    implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** Made by the client. */
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
