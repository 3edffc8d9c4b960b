package dev.hawser.tls;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The JDK's default context, with a {@link ChainWitness} where that is possible: so that who sets
 * nothing is told what is wrong with a certificate.
 */
public final class DefaultContext {
  private DefaultContext() {}

  /** One for the process, as the JDK's own is: its clients share sessions. */
  private static final class Holder {
    static final SSLContext WITNESSED = witnessed();
  }

  /**
   * What connections use in place of {@link SSLContext#getDefault()}: the same trust. A default
   * that the application has set is used as it is, and so is the JDK's with a key store.
   */
  public static SSLContext inPlaceOf(SSLContext jdk) {
    boolean untouched =
        jdk.getProtocol().equals("Default")
            && System.getProperty("javax.net.ssl.keyStore", "").isEmpty();
    return untouched ? Holder.WITNESSED : jdk;
  }

  private static SSLContext witnessed() {
    try {
      var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init((KeyStore) null); // the JDK's, or what javax.net.ssl.trustStore says
      var context = SSLContext.getInstance("TLS");
      context.init(null, ChainWitness.beside(trust.getTrustManagers()), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JVM's trust store", e);
    }
  }
}
