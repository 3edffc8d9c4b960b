package dev.hawser.http2;

import java.io.IOException;

/** A field block that cannot be decoded: from here on the two tables are out of step. */
public final class HpackException extends IOException {
  private static final long serialVersionUID = 1;

  HpackException(String message) {
    super(message);
  }
}
