package dev.hawser.faults;

import java.io.IOException;

/** The client's fault, with the status to tell it. */
final class BadRequestException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String why;

  BadRequestException(int status, String why) {
    super(why);
    this.status = status;
    this.why = why;
  }

  int status() {
    return status;
  }

  @Override
  public String getMessage() {
    return why;
  }
}
