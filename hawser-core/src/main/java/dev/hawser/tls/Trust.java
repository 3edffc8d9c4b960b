package dev.hawser.tls;

import dev.hawser.TlsOptions;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Whom the options trust. */
final class Trust {
  private Trust() {}

  /** The platform's checks, against the authorities that the options name. */
  static TrustManager[] managers(TlsOptions options, List<X509Certificate> roots)
      throws IOException, GeneralSecurityException {
    if (options.trustAnyone()) {
      return new TrustManager[] {new TrustAnyone()};
    }
    if (roots.isEmpty()) {
      return system();
    }
    var authorities = new ArrayList<X509Certificate>(roots);
    if (options.systemRoots()) {
      Arrays.stream(system())
          .filter(X509TrustManager.class::isInstance)
          .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
          .forEach(authorities::add);
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (X509Certificate authority : authorities) {
      store.setCertificateEntry("authority-" + store.size(), authority);
    }
    return managers(store);
  }

  /** The JDK's own, or what {@code javax.net.ssl.trustStore} says. */
  static TrustManager[] system() throws GeneralSecurityException {
    return managers(null);
  }

  private static TrustManager[] managers(@Nullable KeyStore store) throws GeneralSecurityException {
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  /** An extended one, so that the JDK does not verify the host's name either. */
  private static final class TrustAnyone extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
