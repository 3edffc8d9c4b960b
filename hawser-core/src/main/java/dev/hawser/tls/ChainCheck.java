package dev.hawser.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a server's chain has to pass besides the platform's checks, which it has passed. */
interface ChainCheck {
  /**
   * Looks at a chain.
   *
   * @param chain as the server sent it, its own certificate first
   * @param trusted the authorities that are trusted
   * @param staples OCSP answers that came with the chain, in its order; one without is empty
   * @throws CertificateException if it does not pass
   */
  void check(
      List<X509Certificate> chain, List<X509Certificate> trusted, String host, List<byte[]> staples)
      throws CertificateException;
}
