package dev.hawser.tls;

import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
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

  private final SSLEngine engine;
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
  private @Nullable SSLSession
      agreed; // reader: what the handshake has come to, from ServerHello on
  private boolean overran; // reader: this side computed for too long

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
    this.handshake = handshake;
    this.ticketCame = ticketCame;
    this.packetSize = engine.getSession().getPacketBufferSize();
  }

  /** Does the whole handshake on this thread. */
  public SSLSession handshake() throws IOException {
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
        SSLEngineResult result = engine.unwrap(records, plaintext().clear());
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
      agreed = session == null ? agreed : session;
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
          return engine.getSession();
        }
      }
    }
  }

  /** What the handshake has come to so far; null before the ServerHello. */
  @Nullable SSLSession agreed() {
    return agreed;
  }

  /** Whether the handshake took too long because this side computed, not while it waited. */
  boolean overran() {
    return overran;
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
      SSLEngineResult result = engine.unwrap(records, target);
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          if (!fill(records)) {
            return -1;
          }
        }
        case BUFFER_OVERFLOW -> {
          ByteBuffer plain = plaintext();
          plain.clear();
          result = engine.unwrap(records, plain);
          plain.flip();
          if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
            // JSSE looks at the room for a record before it looks whether all of it is there.
            if (!fill(records)) {
              return -1;
            }
          } else {
            afterUnwrap(result);
            return 0;
          }
        }
        case CLOSED -> {
          closeNotify = true;
          return -1;
        }
        case OK -> {
          afterUnwrap(result);
          return result.bytesProduced();
        }
      }
    }
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

  private void noticeTicket(SSLEngineResult result) {
    boolean whole =
        result.getStatus() == Status.OK && result.bytesConsumed() > 0; // no close_notify
    if (open && whole && result.bytesProduced() == 0) {
      ticketCame.run();
    }
  }

  private boolean fill(ByteBuffer records) throws IOException {
    records.compact();
    int before = records.position();
    try {
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
        SSLEngineResult result = engine.wrap(sources, records);
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
      for (Runnable task = engine.getDelegatedTask();
          task != null;
          task = engine.getDelegatedTask()) {
        task.run();
      }
      return;
    }
    long end = deadline();
    deadline(Ticker.NEVER);
    try {
      deadline(Ticker.after(end, Duration.ofNanos(handshake.compute(engine))));
    } catch (Handshake.OverranException e) {
      overran = true;
      throw e;
    }
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
        ByteBuffer plain = plaintext();
        plain.clear();
        SSLEngineResult result = engine.unwrap(records, plain);
        plain.flip();
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
    if (received != null && (all || !received.hasRemaining())) {
      received = null;
      buffers.unreserve(packetSize);
    }
    if (plaintext != null && (all || !plaintext.hasRemaining())) {
      plaintext = null;
      buffers.unreserve(packetSize);
    }
    writing.lock();
    try {
      released = !isOpen();
      if (outgoing != null) {
        outgoing = null;
        buffers.unreserve(packetSize);
      }
    } finally {
      writing.unlock();
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
    return ByteBuffer.allocate(packetSize).limit(0);
  }
}
