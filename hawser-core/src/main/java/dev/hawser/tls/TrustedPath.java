package dev.hawser.tls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The certificates from a server's own to a trusted authority's, of a chain that has been found
 * good: what is sent may be in any order, and have more.
 */
final class TrustedPath {
  private TrustedPath() {}

  static List<X509Certificate> of(List<X509Certificate> chain, List<X509Certificate> trusted)
      throws CertificateException {
    try {
      var target = new X509CertSelector();
      target.setCertificate(chain.getFirst());
      var anchors =
          trusted.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toSet());
      var parameters = new PKIXBuilderParameters(anchors, target);
      parameters.setRevocationEnabled(false);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      var built = (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
      var path = new ArrayList<X509Certificate>();
      for (Certificate each : built.getCertPath().getCertificates()) {
        path.add((X509Certificate) each);
      }
      path.add(built.getTrustAnchor().getTrustedCert());
      return path;
    } catch (GeneralSecurityException e) {
      throw new CertificateException("no path to a trusted authority: " + e.getMessage(), e);
    }
  }
}
