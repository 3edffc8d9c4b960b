package dev.hawser.tls;

import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Transport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * TLS records between an {@link SSLEngine} and a socket, in blocking style. One thread reads and
 * one writes at a time.
 */
final class Records {
  /** The server began another handshake where the library cannot do one. */
  static final class RenegotiationException extends SSLException {
    private static final long serialVersionUID = 1;

    RenegotiationException(@Nullable SSLException e) {
      super(
          "the server began another TLS handshake (renegotiation) among data, which BoringSSL does"
              + " not do",
          e);
    }
  }

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

  private static final int READS_A_LOOK = 8;

  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  private final Transport transport;
  private final SocketChannel channel;
  private final SSLEngine engine;
  private final TlsLibrary library;
  private final Handshake handshake;
  private final Runnable ticketCame;
  private final int packetSize;
  private final RecordBuffers buffers;

  /**
   * Keeps records in order when the reader has to answer (KeyUpdate) while the writer writes. Held
   * across a socket write, as the socket's own lock is; a deadline closes the socket and so frees
   * it.
   */
  private final ReentrantLock writing = new ReentrantLock();

  /**
   * Held by the reader while it has the buffers in its hands: who closes a connection that somebody
   * reads cannot have them used by others.
   */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile boolean closeNotify; // by the reader
  private volatile @Nullable SSLException fault; // by who meets it first
  private volatile boolean open; // by the reader: the handshake is over
  private int empty; // reader: records in a row without data
  private boolean again; // reader: the server has begun another handshake

  /**
   * Of a connection on which nothing has been said.
   *
   * @param ticketCame is told of records after the handshake that carry no data
   */
  Records(
      Transport transport,
      SocketChannel channel,
      SSLEngine engine,
      Handshake handshake,
      Buffers budget,
      Runnable ticketCame) {
    this.transport = transport;
    this.channel = channel;
    this.engine = engine;
    this.library = TlsLibrary.of(engine);
    this.handshake = handshake;
    this.ticketCame = ticketCame;
    this.packetSize = engine.getSession().getPacketBufferSize();
    this.buffers = new RecordBuffers(budget, library, packetSize);
    library.prepare(engine);
  }

  /** The handshake is over: from here on records are data. */
  void opened() {
    open = true;
  }

  /** What was received and is no record yet, if there is any. For the reader. */
  @Nullable ByteBuffer receivedLeft() {
    return buffers.receivedLeft();
  }

  /** Where what comes next is received. For the reader. */
  ByteBuffer received() throws IOException {
    return buffers.received();
  }

  /** Whether the server has said that it ends the connection. */
  boolean closeNotify() {
    return closeNotify;
  }

  /** What went wrong where nobody could be told; often an alert. */
  @Nullable SSLException fault() {
    return fault;
  }

  /** Reads data, at least one byte; -1 at the end. */
  int read(ByteBuffer target) throws IOException {
    reading.lock();
    try {
      while (true) {
        ByteBuffer left = buffers.plaintextLeft();
        if (left != null) {
          int count = Math.min(left.remaining(), target.remaining());
          target.put(left.slice(left.position(), count));
          left.position(left.position() + count);
          return count;
        }
        int count = unwrap(target);
        if (count != 0) {
          return count < 0 ? count : count + unwrapReceived(target);
        }
      }
    } finally {
      reading.unlock();
    }
  }

  /** Receives and unwraps one record that has no data for anyone, as in a handshake. */
  int unwrap() throws IOException {
    reading.lock();
    try {
      return unwrap(buffers.plaintext());
    } finally {
      reading.unlock();
    }
  }

  /**
   * Receives and unwraps one record: returns its bytes, 0 for a record without data or one of which
   * something is left among the plaintext, -1 at the end.
   */
  private int unwrap(ByteBuffer target) throws IOException {
    ByteBuffer records = buffers.received();
    while (true) {
      boolean aside = mayOverflow(records, target);
      SSLEngineResult result = aside ? unwrapAside(records) : unwrap(records, target);
      if (result.getStatus() == Status.BUFFER_OVERFLOW) {
        // JSSE looks at the room for a record before it looks whether all of it is there.
        aside = true;
        result = unwrapAside(records);
      }
      switch (result.getStatus()) {
        case BUFFER_UNDERFLOW -> {
          if (!fill(records)) {
            return -1;
          }
        }
        case BUFFER_OVERFLOW -> throw new SSLException("a record larger than TLS allows");
        case CLOSED -> {
          SSLException why = fault;
          if (why != null) { // a look has met an alert, and the engine is closed ever since
            throw new SSLException(why.getMessage(), why);
          }
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

  /**
   * Unwraps what else has been received, as far as it is whole and fits: who waits for many small
   * records is woken once. What is wrong with it is met by the next read.
   *
   * @return how many bytes it was
   */
  private int unwrapReceived(ByteBuffer target) throws IOException {
    int before = target.position();
    try {
      ByteBuffer records = buffers.received();
      while (holdsRecord(records, target.remaining())) {
        SSLEngineResult result = unwrap(records, target);
        if (result.getStatus() != Status.OK) {
          break;
        }
        afterUnwrap(result);
      }
    } catch (SSLException e) {
      fault = e;
    }
    return target.position() - before;
  }

  /** Whether the first record is there as a whole, with no more content than so much. */
  private static boolean holdsRecord(ByteBuffer records, int room) {
    if (records.remaining() < RECORD_HEADER) {
      return false;
    }
    int length = Short.toUnsignedInt(records.getShort(records.position() + 3));
    return records.remaining() >= RECORD_HEADER + length && length - LEAST_OVERHEAD <= room;
  }

  /** Into a buffer of our own, from which the next reads come. */
  SSLEngineResult unwrapAside(ByteBuffer records) throws IOException {
    ByteBuffer plain = buffers.plaintext();
    SSLEngineResult result;
    try {
      result = unwrap(records, plain.clear());
      plain.flip();
    } catch (IOException | RuntimeException e) {
      plain.limit(0); // whatever the engine has left in it
      throw e;
    }
    return result;
  }

  private SSLEngineResult unwrap(ByteBuffer records, ByteBuffer target) throws IOException {
    if (!library.computesInPlace()) {
      return engine.unwrap(records, target);
    }
    if (!open) {
      return handshake.compute(transport, () -> engine.unwrap(records, target));
    }
    try {
      return engine.unwrap(records, target);
    } catch (SSLException e) {
      throw again ? new RenegotiationException(e) : worded(e);
    }
  }

  private static SSLException worded(SSLException e) {
    String words = BoringSslWords.in(e.getMessage());
    return words == null
        ? e
        : new SSLException("BoringSSL gave up the connection, and says no more than: " + words, e);
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
    again |= open && status == HandshakeStatus.NEED_WRAP;
    while (status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP) {
      if (status == HandshakeStatus.NEED_TASK) {
        runTasks();
      } else if (wrapHandshake() == Status.CLOSED) {
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
      again = false;
    } else if (open && whole) {
      if (++empty > MOST_EMPTY) {
        throw new SSLException(
            "the server sent more than " + MOST_EMPTY + " TLS records without data in a row");
      }
      ticketCame.run();
    }
  }

  /** Receives more; false at the end. */
  boolean fill(ByteBuffer records) throws IOException {
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

  /** Looks at an idle connection, without blocking. */
  Transport.Liveness probe() {
    reading.lock();
    try {
      for (int reads = 0; reads < READS_A_LOOK; reads++) {
        Transport.Liveness left = leftovers();
        if (left != Transport.Liveness.ALIVE) {
          return left;
        }
        ByteBuffer received = received();
        received.compact();
        Transport.Liveness found = PlainTransport.probe(channel, received);
        received.flip();
        if (found != Transport.Liveness.UNSOLICITED) {
          return found;
        }
      }
      return Transport.Liveness.CLOSED; // an idle peer that never stops sending is none to keep
    } catch (Buffers.BudgetExceededException e) {
      return Transport.Liveness.ALIVE; // no memory to look with
    } catch (IOException e) {
      return Transport.Liveness.CLOSED;
    } finally {
      reading.unlock();
    }
  }

  /**
   * Unwraps what has been received, until there is data or no whole record. Neither reads nor
   * writes: a peer must not be able to hold the thread that looks after idle connections, so one
   * that wants an answer (KeyUpdate) is {@link Transport.Liveness#CLOSED}. For the reader.
   */
  Transport.Liveness leftovers() {
    reading.lock();
    try {
      if (buffers.plaintextLeft() != null) {
        return Transport.Liveness.UNSOLICITED;
      }
      for (ByteBuffer records = receivedLeft(); records != null; records = receivedLeft()) {
        SSLEngineResult result = unwrapAside(records);
        if (result.bytesProduced() > 0) {
          return Transport.Liveness.UNSOLICITED;
        }
        noticeTicket(result);
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
          runTasks();
        }
        if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
          return Transport.Liveness.ALIVE;
        }
        if (result.getStatus() != Status.OK
            || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
          return Transport.Liveness.CLOSED;
        }
      }
      return Transport.Liveness.ALIVE;
    } catch (SSLException e) {
      fault = e;
      return Transport.Liveness.CLOSED;
    } catch (IOException e) {
      return Transport.Liveness.CLOSED;
    } finally {
      reading.unlock();
    }
  }

  /** Wraps and writes a record that the handshake asks for. */
  Status wrapHandshake() throws IOException {
    return wrap(NOTHING);
  }

  /**
   * Wraps and writes until the sources are empty; at least one record, which may be a handshake
   * message.
   */
  Status wrap(ByteBuffer... sources) throws IOException {
    writing.lock();
    try {
      boolean several = !library.computesInPlace() && remaining(sources) > MOST_CONTENT;
      ByteBuffer records = buffers.outgoing(several);
      do {
        records.clear();
        SSLEngineResult result =
            library.computesInPlace() ? wrapGathered(sources, records) : wrapSome(sources, records);
        records.flip();
        while (records.hasRemaining()) {
          channel.write(records);
        }
        if (result.getStatus() == Status.CLOSED) {
          if (remaining(sources) > 0) {
            throw isClosed();
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

  /** As many records as there is room for; one alone if it is of the handshake. */
  private SSLEngineResult wrapSome(ByteBuffer[] sources, ByteBuffer records) throws IOException {
    SSLEngineResult result = engine.wrap(sources, records);
    while (result.bytesConsumed() > 0
        && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && remaining(sources) > 0
        && records.remaining() >= packetSize) {
      result = engine.wrap(sources, records);
    }
    return result;
  }

  /** One buffer outside the heap: of several, Conscrypt makes one itself, and keeps it for ever. */
  private SSLEngineResult wrapGathered(ByteBuffer[] sources, ByteBuffer records)
      throws IOException {
    if (remaining(sources) == 0) {
      return engine.wrap(NOTHING[0], records);
    }
    ByteBuffer gathered = library.newBuffer(packetSize).limit(MOST_CONTENT);
    try {
      for (ByteBuffer source : sources) {
        int count = Math.min(source.remaining(), gathered.remaining());
        gathered.put(source.slice(source.position(), count));
        source.position(source.position() + count);
      }
      SSLEngineResult result = engine.wrap(gathered.flip(), records);
      if (gathered.hasRemaining()) {
        throw result.getStatus() == Status.CLOSED ? isClosed() : cannotGoOn();
      }
      return result;
    } finally {
      library.recycle(gathered);
    }
  }

  /**
   * BoringSSL sends no data within a handshake, and this thread cannot wait for its end: nobody may
   * be reading. Who reads is told, too.
   */
  private SSLException cannotGoOn() {
    var e = new RenegotiationException(null);
    fault = e;
    transport.close();
    return e;
  }

  private SSLException isClosed() {
    return new SSLException("the TLS connection is closed", fault);
  }

  private static long remaining(ByteBuffer[] sources) {
    long sum = 0;
    for (ByteBuffer source : sources) {
      sum += source.remaining();
    }
    return sum;
  }

  /** What the engine wants to say is said to nobody: it does not unwrap before. */
  void wrapToNobody() throws IOException {
    writing.lock();
    try {
      Status status = Status.OK;
      while (status == Status.OK && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        status = engine.wrap(NOTHING[0], buffers.outgoing(false).clear()).getStatus();
      }
    } finally {
      writing.unlock();
    }
  }

  /**
   * What the handshake computes is bounded by itself and not part of its deadline, which is about
   * the server; later tasks are for keys alone, and short.
   */
  void runTasks() throws IOException {
    if (open) {
      runDelegated();
    } else {
      boolean ignored = handshake.compute(transport, this::runDelegated);
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

  /** Gives back what an idle connection does not need; all of it, once the socket is closed. */
  void release() {
    boolean connected = transport.isOpen();
    boolean left = handshake.leftBehind();
    boolean alone = reading.tryLock(); // else a reader is about to notice that it is closed
    try {
      buffers.releaseReading(connected, alone && !left);
    } finally {
      if (alone) {
        reading.unlock();
      }
    }
    writing.lock();
    try {
      if (buffers.releaseWriting(connected, !left) && !left) {
        library.dispose(engine);
      }
    } finally {
      writing.unlock();
    }
  }
}
