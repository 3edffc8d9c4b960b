package dev.hawser.tls;

import dev.hawser.TlsOptions;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * The JDK's default context, with a {@link ChainWitness} where that is possible: so that who sets
 * nothing is told what is wrong with a certificate.
 */
public final class DefaultContext {
  /** One for the process and library, as the JDK's own is: its clients share sessions. */
  private static final Map<TlsLibrary, SSLContext> WITNESSED = new ConcurrentHashMap<>();

  private DefaultContext() {}

  /**
   * What connections use in place of {@link SSLContext#getDefault()}: the same trust. A default
   * that the application has set is used as it is, and so is the JDK's with a key store.
   */
  public static SSLContext inPlaceOf(SSLContext jdk, TlsLibrary library) {
    boolean untouched =
        jdk.getProtocol().equals("Default")
            && System.getProperty("javax.net.ssl.keyStore", "").isEmpty();
    return untouched ? WITNESSED.computeIfAbsent(library, DefaultContext::witnessed) : jdk;
  }

  private static SSLContext witnessed(TlsLibrary library) {
    try {
      return library.newContext(
          null,
          ChainWitness.beside(
              Trust.system(),
              List.of(new NameCheck(), new StapleCheck(TlsOptions.Stapling.CHECKED))));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JVM's trust store", e);
    }
  }
}
