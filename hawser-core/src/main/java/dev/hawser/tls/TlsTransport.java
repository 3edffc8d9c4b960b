package dev.hawser.tls;

import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS by an {@link SSLEngine}, in blocking style. The engine's record buffers are given back with
 * the rest while the connection is idle, unless they hold part of a record.
 */
public final class TlsTransport extends Transport {
  /** The connection ended in the handshake. */
  static final class CutException extends SSLException {
    private static final long serialVersionUID = 1;

    CutException() {
      super("the server closed the connection during the TLS handshake");
    }
  }

  private static final int READS_A_LOOK = 8;

  /** The least that encryption adds to a record's content: the tag of an AEAD. */
  private static final int LEAST_OVERHEAD = 16;

  private static final int RECORD_HEADER = 5;
  private static final int MOST_CONTENT = 16 * 1024; // of a record (RFC 8446 5.1)

  /**
   * Records in a row without data: session tickets, and rarely new keys, which each side computes.
   * A server that goes on so wants this side to compute, not to read. (Go allows 16, BoringSSL 32,
   * without the tickets.)
   */
  private static final int MOST_EMPTY = 256;

  private final SSLEngine engine;
  private final TlsLibrary library;
  private final Handshake handshake;
  private final Runnable ticketCame;
  private final int packetSize;

  /**
   * Keeps records in order when the reader has to answer (KeyUpdate) while the writer writes. Held
   * across a socket write, as the socket's own lock is; a deadline closes the socket and so frees
   * it.
   */
  private final ReentrantLock writing = new ReentrantLock();

  private @Nullable ByteBuffer received; // reader: records not yet unwrapped, ready to be read from
  private @Nullable ByteBuffer
      plaintext; // reader: what did not fit the caller's buffer, ready to be read from
  private @Nullable ByteBuffer outgoing; // guarded by writing
  private boolean released; // guarded by writing
  private boolean closeNotify; // reader
  private volatile @Nullable IOException fault; // by the reader: what a look found, often an alert
  private boolean open; // reader: the handshake is over
  private boolean identified; // reader: this side has shown a certificate
  private @Nullable SSLSession
      agreed; // reader: what the handshake has come to, from ServerHello on
  private int empty; // reader: records in a row without data

  /**
   * Makes a transport whose handshake has not begun.
   *
   * @param ticketCame is told of records after the handshake that carry no data: session tickets
   *     (TLS 1.3), and rarely something else
   */
  public TlsTransport(
      SocketChannel channel,
      Watchdog watchdog,
      Buffers buffers,
      SSLEngine engine,
      Handshake handshake,
      Runnable ticketCame)
      throws IOException {
    super(channel, watchdog, buffers);
    this.engine = engine;
    this.library = TlsLibrary.of(engine);
    this.handshake = handshake;
    this.ticketCame = ticketCame;
    this.packetSize = engine.getSession().getPacketBufferSize();
    library.prepare(engine);
  }

  /** Does the whole handshake. */
  public SSLSession handshake() throws IOException {
    return handshake.run(this, this::shakeHandsOrSayWhyNot);
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
      passOverWhatNobodyReads();
      ByteBuffer records = received();
      while (true) {
        SSLEngineResult result = unwrapAside(records);
        boolean more =
            result.getStatus() == Status.BUFFER_UNDERFLOW
                ? fill(records)
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

  /** The engine does not unwrap while it has something to wrap. */
  private void passOverWhatNobodyReads() throws IOException {
    writing.lock();
    try {
      Status status = Status.OK;
      while (status == Status.OK && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        status = engine.wrap(ByteBuffer.allocate(0), outgoing().clear()).getStatus();
      }
    } finally {
      writing.unlock();
    }
  }

  private SSLSession shakeHands() throws IOException {
    engine.beginHandshake();
    ByteBuffer empty = ByteBuffer.allocate(0);
    while (true) {
      SSLSession session = engine.getHandshakeSession();
      if (session != null && (!library.computesInPlace() || handshake.hello().answered())) {
        agreed = session;
        identified |= session.getLocalCertificates() != null; // Conscrypt forgets it at a failure
      }
      switch (engine.getHandshakeStatus()) {
        case NEED_TASK -> runTasks();
        case NEED_WRAP -> wrap(new ByteBuffer[] {empty});
        case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
          if (unwrap(plaintext()) < 0) {
            throw new CutException();
          }
        }
        case FINISHED, NOT_HANDSHAKING -> {
          open = true;
          if (library.computesInPlace()) { // it says so while its Finished is still to be sent
            wrap(new ByteBuffer[] {empty});
          }
          SSLSession made = engine.getSession();
          identified |= made.getLocalCertificates() != null;
          return made;
        }
      }
    }
  }

  /** What the handshake has come to so far; null before the ServerHello. */
  @Nullable SSLSession agreed() {
    return agreed;
  }

  /** What the server's first records say. */
  ServerHelloWitness hello() {
    return handshake.hello();
  }

  /** Whether the server's certificates have come, as far as is known. */
  boolean certificatesCame() {
    return handshake.checked() || agreed != null && hasCertificates(agreed);
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
    return identified;
  }

  /** Whether the handshake took too long because this side computed, not while it waited. */
  boolean overran() {
    return handshake.overran();
  }

  /**
   * {@inheritDoc} In TLS 1.3 a server looks at the client's certificate when the client is done
   * with the handshake.
   */
  @Override
  public @Nullable StageFailure explain(IOException e) {
    return Alerts.afterHandshake(e, identified);
  }

  /** The bytes that came instead of a TLS record; for the explanation of a failed handshake. */
  public byte[] receivedSoFar() {
    ByteBuffer records = received;
    if (records == null) {
      return new byte[0];
    }
    byte[] copy = new byte[records.remaining()];
    records.duplicate().get(copy);
    return copy;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    while (true) {
      ByteBuffer left = plaintext;
      if (left != null && left.hasRemaining()) {
        int count = Math.min(left.remaining(), target.remaining());
        target.put(left.slice(left.position(), count));
        left.position(left.position() + count);
        return count;
      }
      int count = unwrap(target);
      if (count != 0) {
        return count;
      }
    }
  }

  /**
   * Unwraps one record: returns its bytes, 0 for a record without data or one that went to
   * plaintext, -1 at the end.
   */
  private int unwrap(ByteBuffer target) throws IOException {
    ByteBuffer records = received();
    while (true) {
      boolean aside = mayOverflow(records, target);
      SSLEngineResult result = aside ? unwrapAside(records) : unwrap(records, target);
      if (result.getStatus() == Status.BUFFER_OVERFLOW && !aside) {
        aside = true;
        result = unwrapAside(records);
      }
      switch (result.getStatus()) {
        // Aside too: engines look at the room for a record before they look whether it is whole.
        case BUFFER_UNDERFLOW -> {
          if (!fill(records)) {
            return -1;
          }
        }
        case BUFFER_OVERFLOW -> throw new SSLException("a TLS record with too much data");
        case CLOSED -> {
          closeNotify = true;
          return -1;
        }
        case OK -> {
          afterUnwrap(result);
          return aside ? 0 : result.bytesProduced();
        }
      }
    }
  }

  /** Into a buffer of our own, from which the next reads come. */
  private SSLEngineResult unwrapAside(ByteBuffer records) throws IOException {
    ByteBuffer plain = plaintext();
    plain.clear();
    try {
      return unwrap(records, plain);
    } finally {
      plain.flip();
    }
  }

  private SSLEngineResult unwrap(ByteBuffer records, ByteBuffer target) throws IOException {
    return open || !library.computesInPlace()
        ? engine.unwrap(records, target)
        : handshake.compute(this, () -> engine.unwrap(records, target));
  }

  /** Conscrypt fills a target that is too small, and keeps the rest where nobody sees it. */
  private boolean mayOverflow(ByteBuffer records, ByteBuffer target) {
    if (!library.computesInPlace() || records.remaining() < RECORD_HEADER) {
      return false;
    }
    int content = Short.toUnsignedInt(records.getShort(records.position() + 3)) - LEAST_OVERHEAD;
    return content > target.remaining();
  }

  /**
   * Answers a KeyUpdate, or does a step of a renegotiation (TLS 1.2), which is several records: the
   * server may wait for the last of them, so none is left for later.
   */
  private void afterUnwrap(SSLEngineResult result) throws IOException {
    noticeTicket(result);
    HandshakeStatus status = result.getHandshakeStatus();
    while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
      if (status == HandshakeStatus.NEED_TASK) {
        runTasks();
      } else if (wrap(new ByteBuffer[] {ByteBuffer.allocate(0)}) == Status.CLOSED) {
        return;
      }
      status = engine.getHandshakeStatus();
    }
  }

  private void noticeTicket(SSLEngineResult result) throws SSLException {
    boolean whole =
        result.getStatus() == Status.OK && result.bytesConsumed() > 0; // no close_notify
    if (result.bytesProduced() > 0) {
      empty = 0;
    } else if (open && whole) {
      if (++empty > MOST_EMPTY) {
        throw new SSLException(
            "the server sent more than " + MOST_EMPTY + " TLS records without data in a row");
      }
      ticketCame.run();
    }
  }

  private boolean fill(ByteBuffer records) throws IOException {
    records.compact();
    int before = records.position();
    try {
      if (!records.hasRemaining()) { // JSSE would take more than RFC 8446 section 5.2 allows
        throw new SSLException("the server sent a record of more than " + packetSize + " bytes");
      }
      return channel.read(records) >= 0;
    } finally {
      records.flip();
      if (!open) {
        handshake.heard(records.slice(before, records.limit() - before));
      }
    }
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    if (source.hasRemaining()) {
      wrap(new ByteBuffer[] {source});
    }
  }

  @Override
  public void write(ByteBuffer[] sources) throws IOException {
    wrap(sources);
  }

  /**
   * Wraps and writes until the sources are empty; at least one record, which may be a handshake
   * message.
   */
  private Status wrap(ByteBuffer[] sources) throws IOException {
    writing.lock();
    try {
      ByteBuffer records = outgoing();
      do {
        records.clear();
        SSLEngineResult result =
            library.computesInPlace()
                ? wrapGathered(sources, records)
                : engine.wrap(sources, records);
        records.flip();
        while (records.hasRemaining()) {
          channel.write(records);
        }
        if (result.getStatus() == Status.CLOSED) {
          if (remaining(sources) > 0) {
            throw new SSLException("the TLS connection is closed", fault);
          }
          return Status.CLOSED;
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        }
      } while (remaining(sources) > 0);
      return Status.OK;
    } finally {
      writing.unlock();
    }
  }

  /** One buffer outside the heap: of several, Conscrypt makes one itself, and keeps it for ever. */
  private SSLEngineResult wrapGathered(ByteBuffer[] sources, ByteBuffer records)
      throws IOException {
    ByteBuffer gathered = library.newBuffer(packetSize).limit(MOST_CONTENT);
    try {
      for (ByteBuffer source : sources) {
        int count = Math.min(source.remaining(), gathered.remaining());
        gathered.put(source.slice(source.position(), count));
        source.position(source.position() + count);
      }
      SSLEngineResult result = engine.wrap(gathered.flip(), records);
      if (gathered.hasRemaining() && result.getStatus() == Status.OK) {
        throw new SSLException("a record took only a part of what fits into it");
      }
      return result;
    } finally {
      library.recycle(gathered);
    }
  }

  private static long remaining(ByteBuffer[] sources) {
    long sum = 0;
    for (ByteBuffer source : sources) {
      sum += source.remaining();
    }
    return sum;
  }

  /**
   * What the handshake computes is bounded by itself and not part of its deadline, which is about
   * the server; later tasks are for keys alone, and short.
   */
  private void runTasks() throws IOException {
    if (open) {
      runDelegated();
    } else {
      boolean ignored = handshake.compute(this, this::runDelegated);
    }
  }

  private boolean runDelegated() {
    boolean any = false;
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
      any = true;
    }
    return any;
  }

  @Override
  public boolean pending() {
    return leftovers() != Liveness.ALIVE;
  }

  /**
   * Session tickets may come at any time on an idle connection; only application data is
   * unsolicited.
   */
  @Override
  public Liveness probe() {
    try {
      for (int reads = 0; reads < READS_A_LOOK; reads++) {
        Liveness left = leftovers();
        if (left != Liveness.ALIVE) {
          return left;
        }
        ByteBuffer records = received();
        records.compact();
        Liveness found = PlainTransport.probe(channel, records);
        records.flip();
        if (found != Liveness.UNSOLICITED) {
          return found;
        }
      }
      return Liveness.CLOSED; // an idle peer that never stops sending is no peer to keep
    } catch (Buffers.BudgetExceededException e) {
      return Liveness.ALIVE; // no memory to look with
    } catch (IOException e) {
      return Liveness.CLOSED;
    }
  }

  /**
   * Unwraps what has been received. Neither reads nor writes: a peer must not be able to hold the
   * thread that looks after idle connections, so one that wants an answer (KeyUpdate) is closed.
   */
  private Liveness leftovers() {
    if (plaintext != null && plaintext.hasRemaining()) {
      return Liveness.UNSOLICITED;
    }
    ByteBuffer records = received;
    try {
      while (records != null && records.hasRemaining()) {
        SSLEngineResult result = unwrapAside(records);
        if (result.bytesProduced() > 0) {
          return Liveness.UNSOLICITED;
        }
        noticeTicket(result);
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
          return Liveness.ALIVE;
        }
        if (result.getStatus() != Status.OK
            || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
          return Liveness.CLOSED;
        }
      }
      return Liveness.ALIVE;
    } catch (IOException e) {
      fault = e;
      return Liveness.CLOSED;
    }
  }

  @Override
  public boolean endedCleanly() {
    return closeNotify;
  }

  @Override
  public void releaseBuffers() {
    super.releaseBuffers();
    boolean all = !isOpen();
    ByteBuffer records = received;
    if (records != null && (all || !records.hasRemaining())) {
      received = null;
      free(records, !all);
    }
    ByteBuffer plain = plaintext;
    if (plain != null && (all || !plain.hasRemaining())) {
      plaintext = null;
      free(plain, !all);
    }
    writing.lock();
    try {
      boolean last = all && !released;
      released = all;
      ByteBuffer sent = outgoing;
      if (sent != null) {
        outgoing = null;
        free(sent, !handshake.leftBehind());
      }
      if (last && !handshake.leftBehind()) {
        library.dispose(engine);
      }
    } finally {
      writing.unlock();
    }
  }

  /**
   * Takes a buffer out of the budget.
   *
   * @param unused whether it is certain that no thread uses it, so that another connection can;
   *     after a close, a reader may be about to notice
   */
  private void free(ByteBuffer buffer, boolean unused) {
    buffers.unreserve(packetSize);
    if (unused) {
      library.recycle(buffer);
    }
  }

  private ByteBuffer received() throws IOException {
    ByteBuffer records = received;
    if (records == null) {
      records = newBuffer();
      received = records;
    }
    return records;
  }

  private ByteBuffer plaintext() throws IOException {
    ByteBuffer plain = plaintext;
    if (plain == null) {
      plain = newBuffer();
      plaintext = plain;
    }
    return plain;
  }

  private ByteBuffer outgoing() throws IOException {
    if (released) {
      throw new ClosedChannelException(); // a sender that comes late must not take what nobody
      // would give back
    }
    ByteBuffer records = outgoing;
    if (records == null) {
      records = newBuffer();
      outgoing = records;
    }
    return records;
  }

  /** Empty, ready to be read from. */
  private ByteBuffer newBuffer() throws IOException {
    buffers.reserve(packetSize);
    return library.newBuffer(packetSize).limit(0);
  }
}
