package dev.hawser.tls;

import dev.hawser.TlsFailedException.Reason;
import dev.hawser.io.StageFailure;
import dev.hawser.io.TlsFacts;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** What a server means by an alert (RFC 8446 section 6.2), and what it means in practice. */
final class Alerts {
  /** As JSSE and BoringSSL word it. */
  private static final Pattern RECEIVED =
      Pattern.compile("Received fatal alert: (\\w+)|:(?:SSLV3|TLSV1)_ALERT_([A-Z_]+)");

  /** What servers say of a client's certificate, or of its absence. */
  private static final List<String> OF_CERTIFICATES =
      List.of(
          "certificate_required",
          "bad_certificate",
          "unsupported_certificate",
          "certificate_revoked",
          "certificate_expired",
          "certificate_unknown",
          "unknown_ca",
          "access_denied",
          "decrypt_error");

  private Alerts() {}

  /** The alert's name; null when it was none. */
  static @Nullable String received(Throwable e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      Matcher alert = RECEIVED.matcher(String.valueOf(cause.getMessage()));
      if (alert.find()) {
        return alert.group(1) != null ? alert.group(1) : alert.group(2).toLowerCase(Locale.ROOT);
      }
    }
    return null;
  }

  /**
   * An alert in the handshake.
   *
   * @param negotiation tells how far it had come
   */
  static StageFailure explain(
      String alert, SSLEngine engine, Negotiation negotiation, Exception e) {
    SSLSession agreed = negotiation.agreed();
    if (agreed != null && (alert.equals("handshake_failure") || OF_CERTIFICATES.contains(alert))) {
      return ofCertificate(
          alert, negotiation.identified(), e); // handshake_failure: OpenSSL's, in TLS 1.2
    }
    // JSSE's servers answer a ClientHello of TLS 1.3 so that has no group in common with them.
    boolean noGroup = agreed == null && alert.equals("unexpected_message");
    return switch (noGroup ? "handshake_failure" : alert) {
      case "protocol_version" ->
          because(
              Reason.VERSION_MISMATCH,
              "the server accepts no version of TLS that this side speaks: " + versions(engine),
              "Have the server speak TLS 1.2 or 1.3, or allow what it speaks by sslParameters",
              alert,
              e);
      case "handshake_failure", "insufficient_security" ->
          because(
              Reason.NO_COMMON_SUITE,
              "the server accepts no cipher suite, group or signature scheme that this side offers:"
                  + " "
                  + suites(engine),
              "Compare with what the server is set to accept; sslParameters says what is offered",
              alert,
              e);
      case "no_application_protocol" ->
          because(
              Reason.NO_COMMON_PROTOCOL,
              "the server speaks nothing that this side offers by ALPN: " + protocols(engine),
              "Have the server accept one of them on this port",
              alert,
              e);
      case "unrecognized_name" ->
          because(
              Reason.UNRECOGNISED_NAME,
              "the server knows no host named " + engine.getPeerHost(),
              "Check the name, and that the server is set up for it (SNI)",
              alert,
              e);
      default ->
          because(Reason.OTHER, "the server gave up the handshake", "Its log says more", alert, e);
    };
  }

  private static String protocols(SSLEngine engine) {
    return String.join(", ", engine.getSSLParameters().getApplicationProtocols());
  }

  /** What went wrong after the client's part of the handshake; null when it was not about that. */
  static @Nullable StageFailure afterHandshake(IOException e, boolean shown) {
    if (e instanceof Records.RenegotiationException) {
      return StageFailure.tls(
          TlsFacts.of(Reason.OTHER),
          String.valueOf(e.getMessage()),
          "Have the server ask for what it needs in the first handshake, or set tls.provider to"
              + " JDK",
          e);
    }
    String alert = received(e);
    return alert == null || !OF_CERTIFICATES.contains(alert)
        ? null
        : ofCertificate(alert, shown, e);
  }

  private static StageFailure ofCertificate(String alert, boolean shown, Exception e) {
    return !shown
        ? because(
            Reason.CLIENT_CERTIFICATE_REQUIRED,
            "the server wants a client certificate, and none was shown",
            "Give sslContext a key manager with one of an authority that the server accepts",
            alert,
            e)
        : because(
            Reason.CLIENT_CERTIFICATE_REFUSED,
            "the server refused the client certificate",
            "Check its dates, its intermediates, and that the server trusts its authority; the"
                + " server's log says more",
            alert,
            e);
  }

  /** The newest first, in whatever order the library has them. */
  static String versions(SSLEngine engine) {
    return Arrays.stream(engine.getEnabledProtocols())
        .sorted(Comparator.reverseOrder())
        .collect(Collectors.joining(", "));
  }

  private static String suites(SSLEngine engine) {
    String[] suites = engine.getEnabledCipherSuites();
    return suites.length <= 4
        ? String.join(", ", suites)
        : String.join(", ", Arrays.copyOf(suites, 3)) + " and " + (suites.length - 3) + " more";
  }

  private static StageFailure because(
      Reason reason, String problem, String advice, String alert, Exception e) {
    return StageFailure.tls(TlsFacts.of(reason), problem + " (alert " + alert + ")", advice, e);
  }
}
