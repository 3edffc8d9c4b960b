package dev.hawser.wire;

import java.io.IOException;

/**
 * The peer sent something that is not HTTP, or more of it than the limits allow; the message says
 * what and where.
 */
public final class MalformedResponseException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says what came instead, to follow "the server sent". */
  public MalformedResponseException(String message) {
    super(message);
  }
}
