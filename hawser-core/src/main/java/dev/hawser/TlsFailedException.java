package dev.hawser;

import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The TLS handshake failed: the message says what was wrong with the certificate, or with what the
 * server sent instead. With TLS 1.3 a server that wants a client certificate says so after the
 * handshake, which is an {@link ExchangeException}.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="types"}
 */
public final class TlsFailedException extends SSLHandshakeException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param cause what lies beneath, if anything
   */
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
