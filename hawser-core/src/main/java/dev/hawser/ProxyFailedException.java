package dev.hawser;

import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The proxy was there and did not open a tunnel: it wants a password, cannot reach the server, does
 * not want to, or is no proxy. The request was not sent. A proxy that cannot be reached is a {@link
 * ConnectFailedException}, one that does not answer a {@link ConnectTimeoutException}.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="proxy"}
 */
public final class ProxyFailedException extends IOException implements ExchangeFailure {
  private static final long serialVersionUID = 1;

  private final transient Details details;

  /** Of the proxy's answer; 0: it gave none. */
  private final int status;

  /**
   * Made by the client.
   *
   * @param details the facts
   * @param status of the proxy's answer; 0 if that was none of HTTP
   * @param cause what lies beneath, if anything
   */
  public ProxyFailedException(Details details, int status, @Nullable Throwable cause) {
    super(Failures.message(details), cause);
    this.details = details;
    this.status = status;
  }

  @Override
  public Details details() {
    return details;
  }

  /** {@return the status that the proxy answered with, such as 407 or 502; empty if none} */
  public OptionalInt status() {
    return status == 0 ? OptionalInt.empty() : OptionalInt.of(status);
  }
}
