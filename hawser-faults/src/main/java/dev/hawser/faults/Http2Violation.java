package dev.hawser.faults;

import java.io.IOException;

/** What a client did that HTTP/2 forbids; ends the connection. */
final class Http2Violation extends IOException {
  private static final long serialVersionUID = 1L;

  private final Http2Error error;
  private final String what;

  Http2Violation(Http2Error error, String what) {
    super(error + ": " + what);
    this.error = error;
    this.what = what;
  }

  Http2Error error() {
    return error;
  }

  String what() {
    return what;
  }
}
