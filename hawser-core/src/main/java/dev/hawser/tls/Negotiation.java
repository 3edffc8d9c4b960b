package dev.hawser.tls;

import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * The handshake as its engine steers it, record by record, and what is known of it so far: for the
 * explanation of one that fails.
 */
final class Negotiation {
  /** The connection ended in the handshake. */
  static final class CutException extends SSLException {
    private static final long serialVersionUID = 1;

    CutException() {
      super("the server closed the connection during the TLS handshake");
    }
  }

  private final SSLEngine engine;
  private final Records records;
  private final Handshake handshake;
  private final TlsLibrary library;

  // By the handshake's thread.
  private volatile boolean identified; // this side has shown a certificate
  private volatile @Nullable SSLSession agreed; // what it has come to, from ServerHello on

  Negotiation(SSLEngine engine, Records records, Handshake handshake) {
    this.engine = engine;
    this.records = records;
    this.handshake = handshake;
    this.library = TlsLibrary.of(engine);
  }

  /** Does the whole handshake. */
  SSLSession run(Transport transport) throws IOException {
    if (library.computesInPlace()) {
      greet();
    }
    return handshake.run(transport, this::shakeHandsOrSayWhyNot);
  }

  /** Until the server answers, which it may never do, no thread of the library's is taken. */
  private void greet() throws IOException {
    engine.beginHandshake();
    records.wrapHandshake();
    if (!records.fill(records.received())) {
      throw new CutException();
    }
  }

  private SSLSession shakeHandsOrSayWhyNot() throws IOException {
    try {
      return shakeHands();
    } catch (SSLException e) {
      throw e;
    } catch (IOException e) {
      SSLException alert = lastWords();
      if (alert == null) {
        throw e;
      }
      alert.addSuppressed(e);
      throw alert;
    }
  }

  /**
   * The alert of a server that refuses and closes: who is still writing then finds a broken pipe
   * before it comes to read. Null: there is none.
   */
  private @Nullable SSLException lastWords() {
    try {
      records.wrapToNobody();
      ByteBuffer received = records.received();
      while (true) {
        SSLEngineResult result = records.unwrapAside(received);
        boolean more =
            result.getStatus() == Status.BUFFER_UNDERFLOW
                ? records.fill(received)
                : result.getStatus() == Status.OK && result.bytesConsumed() > 0;
        if (!more) {
          return null;
        }
      }
    } catch (SSLException alert) {
      return alert;
    } catch (IOException e) {
      return null;
    }
  }

  private SSLSession shakeHands() throws IOException {
    if (!library.computesInPlace()) {
      engine.beginHandshake();
    }
    while (true) {
      SSLSession session = engine.getHandshakeSession();
      if (session != null && (!library.computesInPlace() || handshake.hello().answered())) {
        agreed = session;
        notice(session);
      }
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> records.runTasks();
        case NEED_WRAP -> records.wrapHandshake();
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (records.unwrap() < 0) {
            throw new CutException();
          }
        }
        case FINISHED, NOT_HANDSHAKING -> {
          records.opened();
          if (library.computesInPlace()) { // it says so while its Finished is still to be sent
            records.wrapHandshake();
          }
          SSLSession made = engine.getSession();
          notice(made);
          return made;
        }
      }
    }
  }

  /** Conscrypt forgets it at a failure. */
  private void notice(SSLSession session) {
    if (session.getLocalCertificates() != null) {
      identified = true;
    }
  }

  /** What the handshake has come to so far; null before the ServerHello. */
  @Nullable SSLSession agreed() {
    return agreed;
  }

  /** Whether the server's certificates have come, as far as is known. */
  boolean certificatesCame() {
    SSLSession session = agreed;
    return handshake.checked() || session != null && hasCertificates(session);
  }

  private static boolean hasCertificates(SSLSession session) {
    try {
      return session.getPeerCertificates().length > 0;
    } catch (SSLPeerUnverifiedException e) {
      return false;
    }
  }

  /** Whether this side has shown a certificate. */
  boolean identified() {
    SSLSession session = agreed;
    return identified || session != null && session.getLocalCertificates() != null;
  }

  /** What the server's first records say. */
  ServerHelloWitness hello() {
    return handshake.hello();
  }

  /** Whether the handshake took too long because this side computed, not while it waited. */
  boolean overran() {
    return handshake.overran();
  }
}
