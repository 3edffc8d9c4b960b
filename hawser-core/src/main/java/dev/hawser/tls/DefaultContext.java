package dev.hawser.tls;

import dev.hawser.TlsOptions;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLContext;

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
      var context = SSLContext.getInstance("TLS");
      context.init(
          null,
          ChainWitness.beside(
              Trust.system(),
              List.of(new NameCheck(), new StapleCheck(TlsOptions.Stapling.CHECKED))),
          null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JVM's trust store", e);
    }
  }
}
