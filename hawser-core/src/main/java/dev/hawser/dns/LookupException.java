package dev.hawser.dns;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A look-up failed: nothing was learned about the name. Has no stack trace: it is cached. */
final class LookupException extends IOException {
  private static final long serialVersionUID = 1;

  private final boolean silence;

  LookupException(String message, boolean silence, @Nullable Throwable cause) {
    super(message, cause);
    this.silence = silence;
  }

  /** Whether no server answered at all, so that another resolver may know more. */
  boolean silence() {
    return silence;
  }

  @Override
  public Throwable fillInStackTrace() {
    return this;
  }
}
