package dev.hawser.tls;

import dev.hawser.TlsOptions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether a chain that is trusted has a public key that is pinned for its host (as in RFC 7469). It
 * is looked for on the path from the server's certificate to a trusted authority, not among what
 * the server sent: anyone can send a copy of the pinned certificate besides.
 */
final class PinCheck implements ChainCheck {
  /** None of the keys on the path is pinned. */
  static final class MismatchException extends CertificateException {
    private static final long serialVersionUID = 1;

    MismatchException(Set<String> found) {
      super(String.join(", ", found));
    }
  }

  private final List<TlsOptions.Pins> pins;
  private final boolean trustAnyone;

  PinCheck(TlsOptions options) {
    this.pins = options.pins();
    this.trustAnyone = options.trustAnyone();
  }

  @Override
  public void check(
      List<X509Certificate> chain, List<X509Certificate> trusted, String host, List<byte[]> staples)
      throws CertificateException {
    Set<String> wanted =
        pins.stream()
            .filter(each -> matches(each.host(), host.toLowerCase(Locale.ROOT)))
            .flatMap(each -> each.pins().stream())
            .collect(Collectors.toSet());
    if (wanted.isEmpty()) {
      return;
    }
    var found = new LinkedHashSet<String>();
    // Where anyone is trusted, that the server has the first key is all that is known.
    for (X509Certificate each :
        trustAnyone ? chain.subList(0, 1) : TrustedPath.of(chain, trusted)) {
      String pin = pin(each);
      if (wanted.contains(pin)) {
        return;
      }
      found.add(pin);
    }
    throw new MismatchException(found);
  }

  /** A star is one label, as in a certificate (RFC 9525 section 6.3). */
  private static boolean matches(String pattern, String host) {
    return pattern.startsWith("*.")
        ? host.indexOf('.') > 0 && host.substring(host.indexOf('.')).equals(pattern.substring(1))
        : host.equals(pattern);
  }

  /** The digest of a certificate's SubjectPublicKeyInfo. */
  static String pin(X509Certificate certificate) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(certificate.getPublicKey().getEncoded());
      return "sha256/" + Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
