package dev.hawser.tls;

import dev.hawser.Origin;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.io.StageFailure;
import dev.hawser.io.TlsFacts;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/**
 * Why a server's certificate was refused, from what the check threw and, where a {@link
 * ChainWitness} saw it, the chain that the server sent.
 */
final class Refusal {
  private static final int NAMES_SHOWN = 5;
  private static final int NAME_SHOWN = 100;

  private static final String TRUST = "Give the right trust store with sslContext";

  private final Origin origin;
  private final Instant now = Instant.now(); // JSSE judges by the same clock
  private List<X509Certificate> chain = List.of(); // empty: not seen
  private List<X509Certificate> trusted = List.of();
  private @Nullable CertPathValidatorException invalid;
  private boolean noPath;
  private @Nullable Throwable innermost; // it has the facts, not just that a check failed

  private Refusal(Exception e, Origin origin) {
    this.origin = origin;
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case CertPathValidatorException path -> {
          invalid = path;
          innermost = path;
        }
        case CertPathBuilderException none -> {
          noPath = true;
          innermost = none;
        }
        case ChainWitness.RefusedException seen -> {
          chain = seen.chain();
          trusted = seen.trusted();
        }
        case CertificateException other -> innermost = other;
        default -> {}
      }
    }
    if (chain.isEmpty() && invalid != null && invalid.getCertPath() != null) {
      for (var certificate : invalid.getCertPath().getCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain = new ArrayList<>(chain);
          chain.add(x509);
        }
      }
    }
  }

  /** Null: this is not about a certificate. */
  static @Nullable StageFailure explain(Exception e, Origin origin) {
    var refusal = new Refusal(e, origin);
    Throwable innermost = refusal.innermost;
    return innermost == null ? null : refusal.because(innermost, e);
  }

  private StageFailure because(Throwable why, Exception e) {
    String message = String.valueOf(why.getMessage());
    CertPathValidatorException.Reason reason = invalid == null ? null : invalid.getReason();
    if (why instanceof PinCheck.MismatchException) {
      return refused(
          Reason.PIN_MISMATCH,
          "it is trusted, but none of its keys is pinned; they are " + message,
          "If the server's key or authority was changed on purpose, pin the new one (tls.pins);"
              + " else somebody else answers in its place",
          e);
    }
    if (why instanceof StapleCheck.MissingException) {
      return refused(
          Reason.NO_STAPLE,
          "it must come with a good OCSP answer, and " + message,
          "Have the server staple (and renew) it, or the certificate issued without must-staple;"
              + " or tls.stapling asks for too much",
          e);
    }
    if (reason == BasicReason.EXPIRED || why instanceof CertificateExpiredException) {
      return expired(message, e);
    }
    if (reason == BasicReason.NOT_YET_VALID || why instanceof CertificateNotYetValidException) {
      return notYetValid(message, e);
    }
    if (reason == BasicReason.REVOKED) {
      return refused(Reason.REVOKED, "it is revoked: " + message, "Replace it on the server", e);
    }
    if (reason == BasicReason.ALGORITHM_CONSTRAINED) {
      return refused(
          Reason.WEAK_ALGORITHM,
          "a key or signature is too weak: " + message,
          "Have it issued with RSA of 2048 bits or P-256, and SHA-256; what is refused stands in"
              + " jdk.certpath.disabledAlgorithms",
          e);
    }
    boolean sameName = reason == BasicReason.INVALID_SIGNATURE && issuerIsTrusted();
    if (noPath || sameName || reason == PKIXReason.NO_TRUST_ANCHOR) {
      return untrusted(e);
    }
    if (message.startsWith("No subject alternative") || message.startsWith("No name matching")) {
      return wrongHost(message, e);
    }
    return refused(Reason.CERTIFICATE_REFUSED, message, "Mend the server's certificate", e);
  }

  private StageFailure expired(String message, Exception e) {
    X509Certificate faulty = faulty();
    Instant end = faulty == null ? now : faulty.getNotAfter().toInstant();
    return refused(
        Reason.EXPIRED,
        faulty == null
            ? "expired: " + message
            : whose(faulty) + " expired on " + end + ", " + ago(end),
        "Renew it on the server, and reload the server; or this machine's clock is wrong: it says "
            + now,
        e);
  }

  private StageFailure notYetValid(String message, Exception e) {
    X509Certificate faulty = faulty();
    return refused(
        Reason.NOT_YET_VALID,
        faulty == null
            ? "not yet valid: " + message
            : whose(faulty) + " is not valid before " + faulty.getNotBefore().toInstant(),
        "This machine's clock, which says " + now + ", or that of the authority is wrong",
        e);
  }

  private StageFailure wrongHost(String message, Exception e) {
    String found =
        chain.isEmpty() ? message : "it is for " + names(chain.getFirst()) + ", not for this host";
    return refused(
        Reason.WRONG_HOST,
        found,
        "Use a name that it is for, or have it issued for this one (subjectAltName)",
        e);
  }

  private StageFailure untrusted(Exception e) {
    if (chain.isEmpty()) {
      return refused(
          Reason.UNKNOWN_AUTHORITY,
          "no authority in the trust store has issued it, or the server does not send the"
              + " intermediate certificates",
          "Have the server send its whole chain, or trust its authority. " + TRUST,
          e);
    }
    X509Certificate leaf = chain.getFirst();
    X509Certificate top = top();
    String issuer = name(top.getIssuerX500Principal());
    if (ownIssuer(leaf)) {
      return refused(
          Reason.SELF_SIGNED,
          "it is self-signed (" + name(leaf.getSubjectX500Principal()) + ")",
          "Have an authority issue one, or trust this one. " + TRUST,
          e);
    }
    if (issuerIsTrusted() && !signedByAnImpostor(top)) { // no path for another reason than trust
      X509Certificate late = outOfDate();
      String why = "no valid path leads from it to " + issuer;
      return late == null
          ? refused(Reason.CERTIFICATE_REFUSED, why, "Mend the server's chain", e)
          : now.isBefore(late.getNotBefore().toInstant()) ? notYetValid(why, e) : expired(why, e);
    }
    if (issuerIsTrusted()) {
      return refused(
          Reason.UNKNOWN_AUTHORITY,
          "its authority calls itself " + issuer + " as one that is trusted, but has another key",
          "That authority's key was replaced, or this is an impostor. " + TRUST,
          e);
    }
    if (top.equals(leaf)) {
      return refused(
          Reason.MISSING_INTERMEDIATE,
          "the server sent no certificate of its issuer "
              + issuer
              + ", which is not trusted itself",
          "Have the server send the intermediate certificate of "
              + issuer
              + "; or, if that is the authority at the top, trust it. "
              + TRUST,
          e);
    }
    return refused(
        Reason.UNKNOWN_AUTHORITY,
        "its authority " + issuer + " is not in the trust store",
        TRUST,
        e);
  }

  private StageFailure refused(Reason reason, String what, String advice, Exception e) {
    return StageFailure.tls(
        new TlsFacts(reason, chain),
        "the certificate of " + origin.host() + " was refused: " + what,
        advice,
        e);
  }

  /** Which certificate it was; null when that is not known. */
  private @Nullable X509Certificate faulty() {
    CertPathValidatorException path = invalid;
    if (path != null && path.getCertPath() != null && path.getIndex() >= 0) {
      return (X509Certificate) path.getCertPath().getCertificates().get(path.getIndex());
    }
    return outOfDate();
  }

  private @Nullable X509Certificate outOfDate() {
    for (X509Certificate each : chain) {
      if (now.isBefore(each.getNotBefore().toInstant())
          || now.isAfter(each.getNotAfter().toInstant())) {
        return each;
      }
    }
    return null;
  }

  private String whose(X509Certificate faulty) {
    return faulty.equals(chain.getFirst())
        ? "it"
        : "that of its issuer " + name(faulty.getSubjectX500Principal());
  }

  private String ago(Instant then) {
    Duration past = Duration.between(then, now);
    return past.toDays() > 1 ? past.toDays() + " days ago" : past.toHours() + " hours ago";
  }

  /** The end of the path that the chain makes, which may be in any order. */
  private X509Certificate top() {
    X509Certificate top = chain.getFirst();
    var left = new ArrayList<>(chain);
    while (left.remove(top) && !ownIssuer(top)) {
      X500Principal issuer = top.getIssuerX500Principal();
      for (X509Certificate each : left) {
        if (each.getSubjectX500Principal().equals(issuer)) {
          top = each;
          break;
        }
      }
    }
    return top;
  }

  private boolean issuerIsTrusted() {
    if (chain.isEmpty()) {
      return false;
    }
    X500Principal issuer = top().getIssuerX500Principal();
    return trusted.stream().anyMatch(each -> each.getSubjectX500Principal().equals(issuer));
  }

  /** Whether its issuer has another key than those trusted under this name. */
  private boolean signedByAnImpostor(X509Certificate top) {
    for (X509Certificate each : trusted) {
      try {
        if (each.getSubjectX500Principal().equals(top.getIssuerX500Principal())) {
          top.verify(each.getPublicKey());
          return false;
        }
      } catch (GeneralSecurityException e) {
        // Another may have signed it.
      }
    }
    return true;
  }

  private static boolean ownIssuer(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static String names(X509Certificate certificate) {
    var names = new ArrayList<String>();
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives != null) {
        for (List<?> each : alternatives) { // DNS names are 2, addresses 7 (RFC 5280 4.2.1.6)
          if (each.get(0).equals(2) || each.get(0).equals(7)) {
            names.add(printable(String.valueOf(each.get(1))));
          }
        }
      }
    } catch (CertificateParsingException e) {
      return "names that cannot be read";
    }
    if (names.isEmpty()) {
      return "no name or address, only " + name(certificate.getSubjectX500Principal());
    }
    String shown = String.join(", ", names.subList(0, Math.min(names.size(), NAMES_SHOWN)));
    int more = names.size() - NAMES_SHOWN;
    return more > 0 ? shown + " and " + more + " more" : shown;
  }

  private static String name(X500Principal principal) {
    return printable(principal.getName());
  }

  /** What a stranger wrote, fit for a line of a log. */
  private static String printable(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() > NAME_SHOWN ? line.substring(0, NAME_SHOWN) + "…" : line;
  }
}
