package dev.hawser;

import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.tls.ChainWitness;
import dev.hawser.tls.TlsLibrary;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A client's contexts, made as the library makes its own: so that the same test shakes hands with
 * the JDK's engine and, in the run with Conscrypt on the class path, with that.
 */
final class OwnContext {
  private static final char[] NO_PASSWORD = new char[0];

  private OwnContext() {}

  /** Whether the JDK's engine is the one that shakes hands. */
  static boolean isTheJdks() {
    return of().getProvider().getName().equals("SunJSSE");
  }

  /** Trusts the authority. */
  static SSLContext trusting(TestAuthority root) {
    return of(null, ChainWitness.beside(managers(root)));
  }

  /** Trusts the authority, and shows the identity. */
  static SSLContext trusting(TestAuthority root, TestIdentity identity) {
    return of(keys(identity), ChainWitness.beside(managers(root)));
  }

  /** With these trust managers. */
  static SSLContext of(TrustManager... trust) {
    return of(null, trust);
  }

  private static SSLContext of(KeyManager @Nullable [] keys, TrustManager[] trust) {
    try {
      return TlsLibrary.of(TlsOptions.Provider.AUTO).newContext(keys, trust);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static TrustManager[] managers(TestAuthority root) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("root", root.certificate());
      var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory.getTrustManagers();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static KeyManager[] keys(TestIdentity identity) {
    try {
      KeyStore store = KeyStore.getInstance("JKS");
      store.load(null, null);
      store.setKeyEntry(
          "identity",
          identity.key(),
          NO_PASSWORD,
          identity.chain().toArray(X509Certificate[]::new));
      var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory.getKeyManagers();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
