package dev.hawser.cli;

import dev.hawser.ExchangeFailure;
import dev.hawser.TlsFailedException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Words what went wrong, in one line, with what to do in terms of this command. */
final class Errors {
  /**
   * What the library advises its caller, and how that is done here; the first that is found counts.
   */
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          Map.entry("raise tcp.connectTimeout", "raise --connect-timeout"),
          Map.entry("raise dns.timeout", "raise --connect-timeout"),
          Map.entry("raise tls.handshakeTimeout", "raise --tls-timeout"),
          Map.entry("what the trust manager of sslContext waits for", "what slows it down"),
          Map.entry("raise exchange.headTimeout", "set a longer --timeout"),
          Map.entry("raise exchange.bodyIdleTimeout", "set a longer --timeout"),
          Map.entry(
              "Give the right trust store with sslContext",
              "Trust its authority with --cacert FILE, or anyone with --insecure"));

  private Errors() {}

  /** The failure of an exchange, where it may be wrapped. */
  static @Nullable ExchangeFailure failure(Throwable error) {
    for (Throwable each = error; each != null; each = each.getCause()) {
      if (each instanceof ExchangeFailure failure) {
        return failure;
      }
    }
    return null;
  }

  /** What failures of one kind have in common: no figures of the single case. */
  static String kind(Throwable error) {
    ExchangeFailure failure = failure(error);
    return failure == null
        ? oneLine(error)
        : printable(failure.details().problem() + " while " + failure.details().phase().doing());
  }

  static String oneLine(Throwable error) {
    ExchangeFailure failure = failure(error);
    String message = failure == null ? error.getMessage() : inOurTerms(failure);
    String text = message == null || message.isBlank() ? error.getClass().getSimpleName() : message;
    return printable(text);
  }

  /** The library's advice, in the terms of this command. */
  static String advice(String text) {
    String advice = printable(text);
    for (Map.Entry<String, String> each : ADVICE.entrySet()) {
      advice = advice.replace(each.getKey(), each.getValue());
    }
    return advice;
  }

  private static String inOurTerms(ExchangeFailure failure) {
    String message = advice(failure.getMessage());
    String problem = failure.details().problem();
    if (problem.startsWith("the request's timeout") && failure.details().advice().isEmpty()) {
      message += ". Raise --timeout";
    }
    return failure instanceof TlsFailedException tls ? message + ofTls(tls.reason()) : message;
  }

  private static String ofTls(TlsFailedException.Reason reason) {
    return switch (reason) {
      case EXPIRED, NOT_YET_VALID, WRONG_HOST, WEAK_ALGORITHM, REVOKED, CERTIFICATE_REFUSED ->
          ". --insecure goes on without a look at it";
      case CLIENT_CERTIFICATE_REQUIRED -> ". Here: --cert FILE --key FILE";
      default -> "";
    };
  }

  /** On one line, and without what could control a terminal. */
  static String printable(String text) {
    return text.replaceAll("\\s*[\\r\\n]+\\s*", " ").replaceAll("\\p{Cntrl}", "?");
  }
}
