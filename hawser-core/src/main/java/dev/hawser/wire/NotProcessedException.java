package dev.hawser.wire;

import java.io.IOException;

/**
 * The server has not looked at the request, and says so (RFC 9113 sections 6.8 and 8.7): it may be
 * sent again, whatever its method.
 */
public final class NotProcessedException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean http1Required;

  /**
   * Says why.
   *
   * @param http1Required whether it is to be sent over HTTP/1.1 (HTTP_1_1_REQUIRED)
   */
  public NotProcessedException(String message, boolean http1Required) {
    super(message);
    this.http1Required = http1Required;
  }

  /** Whether the server wants it over HTTP/1.1. */
  public boolean http1Required() {
    return http1Required;
  }
}
