package dev.hawser.tls;

import java.net.InetAddress;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;

/**
 * A host's name is one of the certificate's alternative names. The JDK, which has compared them,
 * takes a common name instead when there is none; RFC 9110 section 4.3.4 forbids that, since it is
 * free text, which name constraints do not bind.
 */
final class NameCheck implements ChainCheck {
  private static final int DNS_NAME = 2; // RFC 5280 section 4.2.1.6

  @Override
  public void check(
      List<X509Certificate> chain, List<X509Certificate> trusted, String host, List<byte[]> staples)
      throws CertificateException {
    Collection<List<?>> names = chain.getFirst().getSubjectAlternativeNames();
    boolean named =
        names != null && names.stream().anyMatch(name -> name.getFirst().equals(DNS_NAME));
    if (!named && !isAddress(host)) {
      throw new CertificateException("No name matching " + host + " found"); // as the JDK says it
    }
  }

  private static boolean isAddress(String host) {
    try {
      InetAddress ignored = InetAddress.ofLiteral(host);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
