package dev.hawser;

import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/** The TLS handshake failed. */
public final class TlsFailedException extends SSLHandshakeException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** Made by the client. */
  public TlsFailedException(Details details, @Nullable Throwable cause) {
    super(Failures.message(details));
    this.details = details;
    initCause(cause);
  }

  @Override
  public Details details() {
    return details;
  }
}
