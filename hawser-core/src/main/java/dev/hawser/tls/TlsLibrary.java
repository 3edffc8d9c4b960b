package dev.hawser.tls;

import dev.hawser.TlsOptions;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** Who computes behind an {@link SSLEngine}, and what that asks of those who use one. */
public sealed interface TlsLibrary permits Jsse, BoringSsl {
  /** The engine's, whoever has made it. */
  static TlsLibrary of(SSLEngine engine) {
    return engine.getClass().getName().startsWith("org.conscrypt.")
        ? BoringSsl.INSTANCE
        : Jsse.INSTANCE;
  }

  /**
   * The one that an option asks for.
   *
   * @throws IllegalArgumentException if it cannot be had
   */
  static TlsLibrary of(TlsOptions.Provider wanted) {
    if (wanted == TlsOptions.Provider.JDK) {
      return Jsse.INSTANCE;
    }
    String problem = conscryptIsThere() ? BoringSsl.problem() : "it is not on the class path";
    if (problem.isEmpty()) {
      return BoringSsl.INSTANCE;
    }
    if (wanted == TlsOptions.Provider.CONSCRYPT) {
      throw new IllegalArgumentException(
          "tls.provider is CONSCRYPT, and Conscrypt cannot be used: "
              + problem
              + ". Add org.conscrypt:conscrypt-openjdk-uber, on a system that it has a library"
              + " for, or set tls.provider to AUTO or JDK");
    }
    return Jsse.INSTANCE;
  }

  /** Asked before a class that needs it is loaded. */
  private static boolean conscryptIsThere() {
    try {
      var _ = Class.forName("org.conscrypt.Conscrypt", false, TlsLibrary.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * A context.
   *
   * @param own what it shows of this side, if anything
   * @param judges of servers
   */
  SSLContext newContext(KeyManager @Nullable [] own, TrustManager[] judges)
      throws GeneralSecurityException;

  /** Whether it computes where it unwraps records, and not in tasks that it delegates. */
  boolean computesInPlace();

  /**
   * Gives each handshake with a context a thread of its own, of a kind that it may block: what asks
   * for certificates and checks them may wait for somebody.
   */
  Executor threads(SSLContext context);

  /** Prepares an engine for use. */
  void prepare(SSLEngine engine);

  /** Frees what an engine holds that the collector does not see. Nobody uses it any more. */
  void dispose(SSLEngine engine);

  /** A buffer for records or their content, of the kind that it likes best. */
  ByteBuffer newBuffer(int size);

  /** Takes a buffer back that nobody uses any more. */
  void recycle(ByteBuffer buffer);
}
