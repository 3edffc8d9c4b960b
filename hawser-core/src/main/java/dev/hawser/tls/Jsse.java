package dev.hawser.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/** The JDK's own, and whatever provider looks like it. */
final class Jsse implements TlsLibrary {
  static final Jsse INSTANCE = new Jsse();

  private Jsse() {}

  @Override
  public SSLContext newContext() throws GeneralSecurityException {
    return SSLContext.getInstance("TLS");
  }

  @Override
  public boolean computesInPlace() {
    return false;
  }

  @Override
  public void execute(Runnable handshake) {
    var _ = Thread.ofVirtual().name("hawser-handshake").start(handshake);
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
