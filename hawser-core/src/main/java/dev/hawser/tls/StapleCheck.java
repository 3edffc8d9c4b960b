package dev.hawser.tls;

import dev.hawser.TlsOptions.Stapling;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Looks at the OCSP answer that comes with a certificate (RFC 6066 section 8). Nobody is asked: a
 * handshake does not wait for a third party.
 */
final class StapleCheck implements ChainCheck {
  /** There is no answer that holds, and there must be. */
  static final class MissingException extends CertificateException {
    private static final long serialVersionUID = 1;

    MissingException(String message) {
      super(message);
    }
  }

  /** The TLS feature extension of RFC 7633. */
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

  /** In it, DER of the INTEGER 5: status_request. */
  private static final byte[] STATUS_REQUEST = {2, 1, 5};

  private final boolean required;

  StapleCheck(Stapling policy) {
    this.required = policy == Stapling.REQUIRED;
  }

  @Override
  public void check(
      List<X509Certificate> chain, List<X509Certificate> trusted, String host, List<byte[]> staples)
      throws CertificateException {
    boolean must = required || demandsStaple(chain.getFirst());
    if (staples.isEmpty() || staples.getFirst().length == 0) {
      if (must) {
        throw new MissingException("there is none");
      }
      return;
    }
    try {
      check(TrustedPath.of(chain, trusted), staples.getFirst());
    } catch (CertPathValidatorException e) {
      if (e.getReason() == BasicReason.REVOKED) {
        throw new CertificateException("revoked", e);
      }
      if (must) {
        throw new MissingException("the one that came does not hold: " + e.getMessage());
      }
      // As if there were none: servers staple old answers while their responder is down.
    } catch (GeneralSecurityException e) {
      throw new CertificateException("the OCSP answer cannot be checked: " + e.getMessage(), e);
    }
  }

  private static void check(List<X509Certificate> path, byte[] staple)
      throws GeneralSecurityException {
    if (path.size() < 2 || path.get(0).equals(path.get(1))) {
      return; // trusted itself: nobody is above it who could revoke it
    }
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    checker.setOcspResponses(Map.of(path.getFirst(), staple));
    checker.setOptions(EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK));
    var parameters = new PKIXParameters(Set.of(new TrustAnchor(path.get(1), null)));
    parameters.addCertPathChecker(checker);
    Object ignored =
        validator.validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(path.getFirst())),
            parameters);
  }

  private static boolean demandsStaple(X509Certificate certificate) {
    byte[] features = certificate.getExtensionValue(TLS_FEATURE);
    if (features == null) {
      return false;
    }
    for (int i = 0; i + STATUS_REQUEST.length <= features.length; i++) {
      if (Arrays.equals(features, i, i + 3, STATUS_REQUEST, 0, 3)) {
        return true;
      }
    }
    return false;
  }
}
