package dev.hawser.cli;

import dev.hawser.ExchangeFailure;
import dev.hawser.Phase;

/** Words what went wrong, in one line, with what to do in terms of this command. */
final class Errors {
  private Errors() {}

  /** The failure itself: an {@code InputStream} of the JDK throws it as the cause of another exception. */
  static Throwable root(Throwable error) {
    for (Throwable cause = error; cause != null; cause = cause.getCause()) {
      if (cause instanceof ExchangeFailure) {
        return cause;
      }
    }
    return error;
  }

  /** What failures of the same kind have in common: no figures of the single case. */
  static String kind(Throwable error) {
    return root(error) instanceof ExchangeFailure failure
        ? failure.details().problem() + " while " + failure.details().phase().doing()
        : oneLine(error);
  }

  static String oneLine(Throwable thrown) {
    Throwable error = root(thrown);
    String message = error.getMessage();
    String line = message == null || message.isBlank() ? error.getClass().getSimpleName() : message;
    if (error instanceof ExchangeFailure failure
        && failure.details().phase() == Phase.TLS
        && failure.details().problem().contains("certificate")) {
      line += " (here: --cacert FILE, or --insecure for a test)";
    }
    return line.replaceAll("\\s*[\\r\\n]+\\s*", " ");
  }
}
