package dev.hawser.tls;

import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.io.StageFailure;
import dev.hawser.io.TlsFacts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** Why a handshake failed: the likely cause with the facts found, and what to change. */
final class Explanation {
  /** As JSSE and Conscrypt word it. */
  private static final Pattern NOT_TLS =
      Pattern.compile(
          "(?:Unsupported or u|U)nrecognized SSL message|Unable to parse TLS packet header"
              + "|:WRONG_VERSION_NUMBER");

  /** JSSE's names: TLS10, TLS11. */
  private static final Pattern SELECTED =
      Pattern.compile(
          "(?:server selected protocol version|Unsupported protocol version:)"
              + " (?:TLS(\\d)(\\d)|(\\S+))");

  private final Origin origin;
  private final SSLEngine engine;
  private final Negotiation negotiation;

  Explanation(Origin origin, SSLEngine engine, Negotiation negotiation) {
    this.origin = origin;
    this.engine = engine;
    this.negotiation = negotiation;
  }

  /** The deadline has passed: says during which part. */
  StageFailure timeout(Duration spent) {
    Part part = negotiation.overran() ? Part.CHECK : Part.awaited(negotiation);
    return StageFailure.timeout(
        Phase.TLS,
        "the handshake did not end in " + spent.toMillis() + " ms: " + part.doing,
        part.advice
            + (part == Part.CHECK
                ? ", or raise tls.validationTimeout"
                : ", or raise tls.handshakeTimeout"));
  }

  /** Something else has gone wrong; {@code received} is what came and was no TLS record. */
  StageFailure of(Exception e, byte[] received) {
    String start =
        new String(received, 0, Math.min(received.length, 16), StandardCharsets.ISO_8859_1);
    String message = String.valueOf(e.getMessage());
    if (start.startsWith("HTTP/") || start.startsWith("<")) {
      return because(
          Reason.PLAIN_HTTP,
          "the server speaks plain HTTP here",
          "Use http:// or the server's TLS port",
          e);
    }
    if (NOT_TLS.matcher(message).find()) {
      return because(
          Reason.NOT_TLS,
          "the server does not speak TLS here",
          "Use http:// or the server's TLS port",
          e);
    }
    StageFailure refused = Refusal.explain(e, origin);
    if (refused != null) {
      return refused;
    }
    String alert = Alerts.received(e);
    if (alert != null) {
      return Alerts.explain(alert, engine, negotiation, e);
    }
    Matcher selected = SELECTED.matcher(message);
    if (selected.find()) {
      String version =
          selected.group(1) == null
              ? selected.group(3)
              : "TLS " + selected.group(1) + "." + selected.group(2);
      return versionMismatch(version, e);
    }
    if (message.contains(":UNSUPPORTED_PROTOCOL")) { // BoringSSL's
      return versionMismatch(negotiation.hello().version().orElse("a version that is too old"), e);
    }
    if (message.contains("certificate chain length")) { // JSSE's own limit, before any check
      return because(
          Reason.CERTIFICATE_REFUSED,
          "the certificates of " + origin.host() + " are too many: " + message,
          "Have the server send only those between its own and the root, or raise the JDK's"
              + " jdk.tls.client.maxInboundCertificateChainLength",
          e);
    }
    if (e instanceof RuntimeException || message.startsWith("No appropriate protocol")) {
      return because(
          Reason.CONFIGURATION,
          message,
          "What sslContext and sslParameters ask for cannot be had: mend protocols and cipher"
              + " suites",
          e);
    }
    // An alert of our own has a reason; one that could not be read or written has none.
    if (e instanceof Negotiation.CutException || !(e instanceof SSLException)) {
      return because(
          Reason.CLOSED,
          message + ", " + Part.awaited(negotiation).doing,
          "The server, or something between, wants no such connection and does not say why: check"
              + " that it speaks TLS on this port, and its log",
          e);
    }
    String words = BoringSslWords.in(message);
    String cause =
        "The server, or something between that looks into TLS, breaks the protocol: look at its"
            + " version and log";
    return words == null
        ? because(Reason.OTHER, message, cause, e)
        : because(
            Reason.OTHER,
            "BoringSSL gave up the handshake, and says no more than: " + words,
            cause + "; the JDK's TLS may say more of it (tls.provider JDK)",
            e);
  }

  private StageFailure versionMismatch(String version, Exception e) {
    return because(
        Reason.VERSION_MISMATCH,
        "the server speaks " + version + ", this side " + Alerts.versions(engine),
        "Have the server speak TLS 1.2 or 1.3; sslParameters can allow what the JDK supports",
        e);
  }

  private static StageFailure because(Reason reason, String problem, String advice, Exception e) {
    return StageFailure.tls(TlsFacts.of(reason), problem, advice, e);
  }

  /** The parts of a handshake in which it can be stuck. */
  private enum Part {
    HELLO(
        "waiting for the ServerHello",
        "The server accepts connections and does not answer TLS: check that it speaks TLS on this"
            + " port"),
    CERTIFICATE(
        "waiting for the server's certificate",
        "The ServerHello came: look at the server's load, and whether large packets are dropped on"
            + " the way (MTU)"),
    CHECK(
        "checking the server's certificate",
        "This side was too slow: look at its load, and at what the trust manager of sslContext"
            + " waits for"),
    FINISHED(
        "waiting for the server's Finished",
        "The server has the client's part, or should: look at its load and at the network");

    final String doing;
    final String advice;

    Part(String doing, String advice) {
      this.doing = doing;
      this.advice = advice;
    }

    static Part awaited(Negotiation negotiation) {
      return negotiation.agreed() == null
          ? HELLO
          : negotiation.certificatesCame() ? FINISHED : CERTIFICATE;
    }
  }
}
