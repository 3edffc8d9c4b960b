package dev.hawser.bench.peer;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.conscrypt.Conscrypt;

/** BoringSSL behind the JDK's interface. */
final class Conscrypts {
  private Conscrypts() {}

  /** Trusts whom the JVM trusts, checked by the JDK. */
  static SSLContext context() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS", Conscrypt.newProvider());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init((KeyStore) null);
    var jdk = (X509ExtendedTrustManager) trust.getTrustManagers()[0];
    context.init(null, new TrustManager[] {new Renamed(jdk)}, null);
    return context;
  }

  /** In TLS 1.3 a suite has no key exchange: what Conscrypt calls GENERIC, the JDK UNKNOWN. */
  private static final class Renamed extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager jdk;

    Renamed(X509ExtendedTrustManager jdk) {
      this.jdk = jdk;
    }

    private static String name(String authType) {
      return authType.equals("GENERIC") ? "UNKNOWN" : authType;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      jdk.checkServerTrusted(chain, name(authType), engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      jdk.checkServerTrusted(chain, name(authType), socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      jdk.checkServerTrusted(chain, name(authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      jdk.checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      jdk.checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      jdk.checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return jdk.getAcceptedIssuers();
    }
  }
}
