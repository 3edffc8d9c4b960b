package dev.hawser.faults;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Makes {@link SSLContext}s, each with a session cache of its own. */
final class Contexts {
  private static final char[] NO_PASSWORD = new char[0];

  private Contexts() {}

  static SSLContext of(@Nullable TestIdentity identity, List<X509Certificate> trusted) {
    try {
      KeyManager @Nullable [] keys = identity == null ? null : keys(identity);
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusting(trusted));
      var context = SSLContext.getInstance("TLS");
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyManager[] keys(TestIdentity identity)
      throws GeneralSecurityException, IOException {
    KeyStore store = empty("JKS"); // PKCS12 refuses a chain that is out of order
    store.setKeyEntry(
        "identity", identity.key(), NO_PASSWORD, identity.chain().toArray(X509Certificate[]::new));
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore trusting(List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = empty("PKCS12");
    for (X509Certificate certificate : trusted) {
      store.setCertificateEntry("trusted-" + store.size(), certificate);
    }
    return store;
  }

  private static KeyStore empty(String type) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(type);
    store.load(null, null);
    return store;
  }
}
