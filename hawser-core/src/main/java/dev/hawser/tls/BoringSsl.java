package dev.hawser.tls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import org.conscrypt.AllocatedBuffer;
import org.conscrypt.BufferAllocator;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/**
 * BoringSSL, through Conscrypt, where that is on the class path. A handshake costs it half of what
 * it costs the JDK in warm code, and a small part at the start of a process, when the JDK's own is
 * interpreted.
 */
final class BoringSsl implements TlsLibrary {
  static final BoringSsl INSTANCE = new BoringSsl();

  /**
   * Conscrypt remembers ten sessions unless told, of all hosts together: a TLS 1.3 herd needs that
   * many for one.
   */
  private static final int SESSIONS = 2_000;

  /** Native memory that is kept for the next connection: 1 MiB at most. */
  private static final int KEPT = 64;

  private static final int BUFFER = 17 * 1024; // a record, with what encryption adds

  private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

  /**
   * As many as there are handshakes, kept a moment for the next ones: a new platform thread costs
   * 0.4 ms of CPU and the 0.6 MB of Eden that its TLAB leaves unused.
   */
  private final Executor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          1,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Thread.ofPlatform()
              .daemon()
              .name("hawser-handshake")
              .inheritInheritableThreadLocals(false)
              .factory());

  /** Our own contexts whose checks wait for nobody. */
  private final Set<SSLContext> prompt =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private BoringSsl() {}

  /** Loaded once; that costs some 50 ms. */
  private static final class Holder {
    static final @Nullable Provider PROVIDER;
    static final String PROBLEM;

    static {
      Provider provider = null;
      String problem = "";
      try {
        Conscrypt.checkAvailability();
        // What a context trusts is checked by the JDK.
        provider = Conscrypt.newProviderBuilder().provideTrustManager(false).build();
      } catch (LinkageError | RuntimeException e) {
        problem = e.toString();
      }
      PROVIDER = provider;
      PROBLEM = problem;
    }
  }

  /** Why it cannot be used; empty: it can. */
  static String problem() {
    return Holder.PROBLEM;
  }

  @Override
  public SSLContext newContext(KeyManager @Nullable [] own, TrustManager[] judges)
      throws GeneralSecurityException {
    Provider provider = Holder.PROVIDER;
    if (provider == null) {
      throw new GeneralSecurityException(Holder.PROBLEM);
    }
    SSLContext context = SSLContext.getInstance("TLS", provider);
    context.init(own, judges, null);
    context.getClientSessionContext().setSessionCacheSize(SESSIONS);
    if (ChainWitness.computesOnly(judges)) {
      prompt.add(context);
    }
    return context;
  }

  @Override
  public boolean computesInPlace() {
    return true;
  }

  /**
   * Trust managers and key managers are called from native code, where a virtual thread that waits
   * holds its carrier: a few of them would stop the process. Where they are known not to wait, it
   * is a virtual one all the same: two switches of threads less.
   */
  @Override
  public Executor threads(SSLContext context) {
    return prompt.contains(context) ? Jsse.VIRTUAL : threads;
  }

  /** In TLS 1.2 Conscrypt offers no tickets unless told, and OpenSSL's servers have little else. */
  @Override
  public void prepare(SSLEngine engine) {
    Conscrypt.setUseSessionTickets(engine, true);
    Conscrypt.setBufferAllocator(engine, new Allocator());
  }

  /**
   * Without this, BoringSSL's memory waits for a finalizer. What it wants to say last is lost: the
   * socket is closed.
   */
  @Override
  public void dispose(SSLEngine engine) {
    ByteBuffer scratch = newBuffer(BUFFER);
    try {
      engine.closeOutbound();
      engine.closeInbound();
      SSLEngineResult last;
      do {
        last = engine.wrap(ByteBuffer.allocate(0), scratch.clear());
      } while (last.bytesProduced() > 0);
    } catch (SSLException e) {
      // Then the finalizer frees it.
    } finally {
      recycle(scratch);
    }
  }

  /** Outside the heap, so that nothing is copied on the way in and out of native code. */
  @Override
  public ByteBuffer newBuffer(int size) {
    ByteBuffer kept = size <= BUFFER ? free.pollFirst() : null;
    return kept != null ? kept.clear() : ByteBuffer.allocateDirect(Math.max(size, BUFFER));
  }

  @Override
  public void recycle(ByteBuffer buffer) {
    if (buffer.capacity() == BUFFER && free.size() < KEPT) {
      free.addFirst(buffer);
    }
  }

  /** Where the caller's buffer is on the heap, Conscrypt copies through one of these. */
  private final class Allocator extends BufferAllocator {
    @Override
    public AllocatedBuffer allocateDirectBuffer(int capacity) {
      return new Borrowed(newBuffer(capacity).limit(capacity));
    }
  }

  private final class Borrowed extends AllocatedBuffer {
    private final ByteBuffer buffer;

    Borrowed(ByteBuffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public ByteBuffer nioBuffer() {
      return buffer;
    }

    @Override
    public AllocatedBuffer release() {
      recycle(buffer);
      return this;
    }
  }
}
