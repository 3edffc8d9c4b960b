package dev.hawser.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/** The JDK's own, and whatever provider looks like it. */
final class Jsse implements TlsLibrary {
  static final Jsse INSTANCE = new Jsse();

  static final Executor VIRTUAL =
      handshake -> Thread.ofVirtual().name("hawser-handshake").start(handshake);

  private Jsse() {}

  @Override
  public SSLContext newContext(KeyManager @Nullable [] own, TrustManager[] judges)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own, judges, null);
    return context;
  }

  @Override
  public boolean computesInPlace() {
    return false;
  }

  @Override
  public Executor threads(SSLContext context) {
    return VIRTUAL;
  }

  @Override
  public void prepare(SSLEngine engine) {}

  @Override
  public void dispose(SSLEngine engine) {}

  /** On the heap: its ciphers are compiled to work on arrays. */
  @Override
  public ByteBuffer newBuffer(int size) {
    return ByteBuffer.allocate(size);
  }

  @Override
  public void recycle(ByteBuffer buffer) {}
}
