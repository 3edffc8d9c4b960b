package dev.hawser.http2;

import java.io.IOException;

/**
 * What the peer has sent ends the connection (RFC 9113 5.4.1). Has no stack trace: the message says
 * what came, and whoever waits for a stream gets an exception of its own.
 */
final class ConnectionError extends IOException {
  private static final long serialVersionUID = 1;

  private final ErrorCode code;

  /** Says what came, to follow "the server sent". */
  ConnectionError(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
