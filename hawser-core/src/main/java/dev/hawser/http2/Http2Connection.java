package dev.hawser.http2;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeOptions;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.http2.Http2Stream.State;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Multiplexed;
import dev.hawser.wire.NotProcessedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113): many exchanges over one transport.
 *
 * <p>Callers append their frames to {@link Outgoing} under one short lock, and a {@link Writer} sends
 * what has gathered: one system call for many requests. A {@link Reader} takes the peer's frames
 * apart and gives each stream its own. Nobody does I/O under the lock.
 *
 * <pre>
 *   OPEN ──── GOAWAY, ids used up, shutDown ───▶ RETIRED ──── the last stream ends ───▶ CLOSED
 *     └────── the peer closes, breaks the protocol, or is silent for too long ────────────▲
 * </pre>
 */
public final class Http2Connection implements Multiplexed {
  private enum Lifecycle {
    OPEN,
    RETIRED,
    CLOSED
  }

  /** Requests that a writer who is stuck has not taken: beyond it there are no more. */
  private static final int MOST_WAITING = 1024 * 1024;

  /** How long the last frames may take to go out before the socket is closed all the same. */
  private static final long FAREWELL = 1_000_000_000;

  private final Transport transport;
  private final Http2Options options;
  private final ExchangeOptions exchangeOptions;
  private final Ticker ticker;
  private final Watchdog watchdog;
  private final Buffers buffers;
  private final WindowSizer sizer;
  private final Deadlines deadlines;
  private final Writer writer;
  private final Reader reader;

  /** Guards all below it. Held for moments, never across I/O or a call of the watcher's. */
  final Object lock = new Object();

  final Outgoing out = new Outgoing();
  final Sending sending = new Sending(out);
  final StreamTable streams = new StreamTable();
  final Resets resets = new Resets();
  final PeerSettings peer = new PeerSettings();
  private final HpackEncoder encoder = new HpackEncoder();
  private final Block block = new Block();
  private Lifecycle state = Lifecycle.OPEN;
  private long nextId; // beyond 2^31-1 when all are used
  private @Nullable CloseReason reason; // why it is no longer open
  private String lastWords = ""; // of the peer's GOAWAY
  private @Nullable ErrorCode faulty; // what the peer was told that ended it; not NO_ERROR
  private String problem = ""; // and why
  private @Nullable Watcher watcher;

  private volatile RequestFields.@Nullable Authority authority; // the last one; any thread

  private Http2Connection(
      Transport transport,
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker,
      int firstId)
      throws IOException {
    this.transport = transport;
    this.options = options;
    this.exchangeOptions = exchangeOptions;
    this.watchdog = watchdog;
    this.buffers = buffers;
    this.ticker = ticker;
    this.nextId = firstId;
    this.sizer = new WindowSizer(options.initialWindow(), options.maxWindow());
    this.deadlines = new Deadlines(this, transport, watchdog, options, ticker);
    this.writer = new Writer(this, transport);
    this.reader = new Reader(this, transport, options, buffers, sizer, deadlines, ticker);
  }

  /**
   * Begins HTTP/2 on a transport, by ALPN or prior knowledge. Does not wait for the peer. Exchanges
   * may begin at once.
   */
  public static Http2Connection open(
      Transport transport,
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker)
      throws IOException {
    return open(transport, options, exchangeOptions, watchdog, buffers, ticker, 1);
  }

  /** The same; for tests, with another first stream. */
  static Http2Connection open(
      Transport transport,
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker,
      int firstId)
      throws IOException {
    var connection =
        new Http2Connection(
            transport, options, exchangeOptions, watchdog, buffers, ticker, firstId);
    connection.start();
    return connection;
  }

  /** An HTTP/1.1 connection that has become one of HTTP/2, and what its first request became. */
  public record Upgraded(Http2Connection connection, Exchange exchange) {}

  /**
   * Begins HTTP/2 after a 101 (RFC 7540 3.2). The request that asked for it is stream 1, which is
   * sent; its exchange has but the response to come.
   *
   * @param transport with all that came after the 101 in its input
   */
  public static Upgraded upgrade(
      Transport transport,
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker,
      long deadline,
      Exchange.Progress progress)
      throws IOException {
    var connection =
        new Http2Connection(transport, options, exchangeOptions, watchdog, buffers, ticker, 3);
    var stream = connection.newStream();
    synchronized (connection.lock) {
      stream.opened(1, 0);
      stream.state = State.HALF_CLOSED_LOCAL;
      connection.streams.add(stream);
    }
    connection.start();
    return new Upgraded(
        connection, new Http2Exchange(connection, stream, exchangeOptions, deadline, progress));
  }

  /** The value of the {@code HTTP2-Settings} header with which an upgrade is asked for. */
  public static String upgradeSettings(Http2Options options) {
    return PeerSettings.oursAsHeader(options);
  }

  private void start() {
    transport.deadline(Ticker.NEVER);
    synchronized (lock) {
      out.preface(PeerSettings.ours(options));
      // Of the connection's window nobody can take more than the windows of all streams: it only
      // must not be what slows them down.
      int more = options.maxWindow() - Frames.DEFAULT_WINDOW;
      if (more > 0) {
        out.windowUpdate(0, more);
      }
      deadlines.start();
    }
    writer.thread().start();
    reader.thread().start();
  }

  // ---- Multiplexed

  @Override
  public void watch(Watcher newWatcher) {
    int capacity;
    Lifecycle now;
    CloseReason why;
    synchronized (lock) {
      watcher = newWatcher;
      capacity = capacity();
      now = state;
      why = reason;
    }
    newWatcher.capacity(capacity);
    if (why != null && now == Lifecycle.RETIRED) {
      newWatcher.retired(why);
    } else if (why != null) {
      newWatcher.closed(why);
    }
  }

  @Override
  public int capacity() {
    synchronized (lock) {
      return Math.min(peer.maxConcurrentStreams(), options.maxConcurrentStreams());
    }
  }

  @Override
  public Exchange exchange(long deadline, Exchange.Progress progress) {
    return new Http2Exchange(this, newStream(), exchangeOptions, deadline, progress);
  }

  private Http2Stream newStream() {
    return new Http2Stream(options.initialWindow(), buffers);
  }

  @Override
  public void shutDown() {
    retire(CloseReason.DRAINED);
  }

  // ---- for exchanges

  Ticker ticker() {
    return ticker;
  }

  RequestFields.Authority authority(Origin origin) {
    RequestFields.Authority known = authority;
    if (known == null || !known.origin().equals(origin)) {
      known = RequestFields.Authority.of(origin);
      authority = known;
    }
    return known;
  }

  /** Sets when a stream ends by itself. */
  void deadline(Http2Stream stream, long deadline) {
    stream.deadline(deadline);
    if (stream.id() != 0) { // else the watchdog would not find it yet
      watchdog.noticed(deadline);
    }
  }

  /**
   * Opens a stream and sends its fields.
   *
   * @param end whether there is no body
   * @param body the whole body, to go out with the fields if it can; it is consumed then
   */
  void open(Http2Stream stream, RequestFields fields, boolean end, @Nullable ByteBuffer body)
      throws IOException {
    boolean wakes;
    boolean usedUp;
    synchronized (lock) {
      checkOpen(stream);
      stream.opened((int) nextId, out.batch());
      stream.sendWindow = peer.initialWindow();
      block.clear();
      fields.encode(encoder, block);
      boolean whole = body != null && sending.fits(stream, body.remaining(), peer.maxFrameSize());
      out.headers(stream.id(), block, end, peer.maxFrameSize());
      if (body != null && whole) {
        sending.whole(stream, body);
      }
      stream.state = end || whole ? State.HALF_CLOSED_LOCAL : State.OPEN;
      if (streams.size() == 0) {
        deadlines.busy();
      }
      streams.add(stream);
      nextId += 2;
      usedUp = nextId > Integer.MAX_VALUE;
      wakes = out.wakesWriter();
    }
    if (wakes) {
      writer.wake();
    }
    watchdog.noticed(stream.deadline());
    if (usedUp) {
      retire(CloseReason.NOT_PERSISTENT);
    }
  }

  /** Under the lock. */
  private void checkOpen(Http2Stream stream) throws IOException {
    if (stream.state != State.IDLE) {
      throw new IOException("cancelled");
    }
    if (faulty != null) {
      throw Failures.ofConnection(faulty, problem, null); // another one would be no better
    }
    if (state != Lifecycle.OPEN) {
      String why = reason == null ? "" : reason.text();
      throw new NotProcessedException(
          "the connection takes no more requests: " + why + lastWords, false);
    }
    if (streams.size() >= peer.maxConcurrentStreams()) {
      throw new NotProcessedException(
          "the server allows %d requests at once".formatted(peer.maxConcurrentStreams()), false);
    }
    if (out.length() > MOST_WAITING) {
      throw new NotProcessedException("the server does not read", false);
    }
  }

  /** Sends some of a body, at least a byte; false when the peer wants no more. Blocks. */
  boolean send(Http2Stream stream, ByteBuffer source) throws IOException {
    while (true) {
      boolean wakes;
      synchronized (lock) {
        if (stream.unwanted || !stream.state.sends()) {
          return false;
        }
        int count = sending.data(stream, source, peer.maxFrameSize());
        wakes = count > 0 && out.wakesWriter();
        if (count > 0 && !wakes) {
          return true;
        }
      }
      if (wakes) {
        writer.wake();
        return true;
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        throw new InterruptedIOException("interrupted while sending a body");
      }
    }
  }

  /** Ends a body; false when nobody wants to know. */
  boolean sendEnd(Http2Stream stream) {
    boolean ends;
    synchronized (lock) {
      ends = !stream.unwanted && stream.state.sends();
      if (ends) {
        out.data(stream.id(), ByteBuffer.allocate(0), 0, true);
        if (stream.state == State.OPEN) {
          stream.state = State.HALF_CLOSED_LOCAL;
        } else {
          close(stream);
        }
      }
    }
    flush();
    closeIfOver();
    return ends;
  }

  /** Nobody wants the stream any more, on this side: RST_STREAM if it is under way. */
  void reset(Http2Stream stream, ErrorCode code) {
    synchronized (lock) {
      if (stream.state == State.IDLE) {
        stream.state = State.CLOSED;
        return;
      }
      if (stream.state == State.CLOSED) {
        return;
      }
      if (state != Lifecycle.CLOSED) {
        out.reset(stream.id(), code);
      }
      resets.remember(stream.id());
      close(stream);
    }
    flush();
    closeIfOver();
  }

  /** Some of a response's body has been taken. */
  void consumed(Http2Stream stream) {
    int increment = stream.windowUpdate(sizer.window());
    if (increment > 0) {
      synchronized (lock) {
        if (stream.state == State.OPEN || stream.state == State.HALF_CLOSED_LOCAL) {
          out.windowUpdate(stream.id(), increment);
        }
      }
      flush();
    }
  }

  /** The writer has failed. Why, the reader learns: the peer may have said it before it hung up. */
  void unwritable() {
    transport.deadline(Ticker.after(ticker.nanos(), FAREWELL));
  }

  /** Whether the writer has begun with the stream's first frame. */
  boolean sentAnything(Http2Stream stream) {
    return stream.firstBatch() <= writer.begun();
  }

  /** Whether another exchange may begin. */
  boolean isOpen() {
    synchronized (lock) {
      return state == Lifecycle.OPEN;
    }
  }

  // ---- for the reader

  @Nullable Http2Stream find(int id) {
    synchronized (lock) {
      return streams.find(id);
    }
  }

  /** Whether the stream has not been opened, so that nothing may come on it. Under the lock. */
  boolean isIdle(int id) {
    return (id & 1) == 0 || id >= nextId;
  }

  /** Whether no stream is open. */
  boolean idle() {
    synchronized (lock) {
      return streams.size() == 0;
    }
  }

  /** The peer has ended its half. */
  void ended(Http2Stream stream) {
    synchronized (lock) {
      if (stream.state == State.HALF_CLOSED_LOCAL) {
        close(stream);
      } else if (stream.state == State.OPEN) {
        stream.state = State.HALF_CLOSED_REMOTE;
      }
    }
    closeIfOver();
  }

  /** The peer wants no more of the request's body. */
  void unwanted(Http2Stream stream) {
    synchronized (lock) {
      stream.unwanted = true;
      sending.wake(stream);
    }
  }

  /** The peer has reset the stream. */
  void resetByPeer(Http2Stream stream) {
    synchronized (lock) {
      close(stream);
    }
    closeIfOver();
  }

  /** Under the lock: it is over both ways. */
  private void close(Http2Stream stream) {
    if (stream.state != State.CLOSED) {
      stream.state = State.CLOSED;
      streams.remove(stream);
      sending.wake(stream);
    }
  }

  /** Takes SETTINGS, and acknowledges them. */
  void settings(byte[] bytes, int from, int length) throws ConnectionError {
    int capacity;
    Watcher told;
    synchronized (lock) {
      int before = peer.initialWindow();
      peer.read(bytes, from, length);
      encoder.maxTableSize(peer.headerTableSize());
      int change = peer.initialWindow() - before;
      if (change != 0) {
        resize(change);
      }
      out.settingsAck();
      capacity = capacity();
      told = watcher;
    }
    flush();
    if (told != null) {
      told.capacity(capacity);
    }
  }

  /** Under the lock. Windows may go below 0 (RFC 9113 6.9.2). */
  private void resize(int change) throws ConnectionError {
    var overflown = new ArrayList<Http2Stream>();
    streams.forEach(
        stream -> {
          if (!sending.enlarge(stream, change)) {
            overflown.add(stream);
          }
        });
    if (!overflown.isEmpty()) {
      throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "SETTINGS_INITIAL_WINDOW_SIZE that makes a window larger than 2^31-1");
    }
  }

  /** The peer goes away: streams above the last it has taken were not processed. */
  void goneAway(int lastId, int code, String debug) {
    String words = ErrorCode.describe(code) + (debug.isEmpty() ? "" : ", \"" + debug + '"');
    boolean http1 = ErrorCode.HTTP_1_1_REQUIRED.is(code);
    var unprocessed = new ArrayList<Http2Stream>();
    synchronized (lock) {
      lastWords = " (GOAWAY: " + words + ')';
      streams.forEach(
          stream -> {
            if (Integer.compareUnsigned(stream.id(), lastId) > 0) {
              unprocessed.add(stream);
            }
          });
      unprocessed.forEach(this::close);
    }
    for (Http2Stream stream : unprocessed) {
      stream.fail(new NotProcessedException("the server went away: " + words, http1));
    }
    retire(http1 ? CloseReason.HTTP_1_1_REQUIRED : CloseReason.GOAWAY);
  }

  /** Sends what has been appended. */
  void flush() {
    boolean wakes;
    synchronized (lock) {
      wakes = out.length() > 0 && out.wakesWriter();
    }
    if (wakes) {
      writer.wake();
    }
  }

  /** Its threads, which end with it. */
  List<Thread> threads() {
    return List.of(reader.thread(), writer.thread());
  }

  // ---- its end

  /** Takes no other exchange, and closes when those it has are over. */
  private void retire(CloseReason why) {
    Watcher told = null;
    synchronized (lock) {
      if (state == Lifecycle.OPEN) {
        state = Lifecycle.RETIRED;
        reason = why;
        told = watcher;
      }
    }
    if (told != null) {
      told.retired(why);
    }
    closeIfOver();
  }

  private void closeIfOver() {
    CloseReason why;
    synchronized (lock) {
      if (state != Lifecycle.RETIRED || streams.size() > 0 || reason == null) {
        return;
      }
      why = reason;
    }
    end(ErrorCode.NO_ERROR, "", why, null);
  }

  /** The peer has broken the protocol, or we cannot go on: says so, and closes. */
  void fail(ErrorCode code, String words) {
    end(code, words, CloseReason.EXCHANGE_FAILED, null);
  }

  /** The transport has ended. */
  void lost(IOException cause) {
    CloseReason why;
    synchronized (lock) {
      why = streams.size() == 0 ? CloseReason.CLOSED_BY_PEER : CloseReason.EXCHANGE_FAILED;
    }
    end(null, deadlines.explain(cause), why, cause);
  }

  /**
   * @param code what the peer is told; null when it cannot be told anything
   * @param words why streams fail
   */
  private void end(
      @Nullable ErrorCode code, String words, CloseReason why, @Nullable IOException cause) {
    List<Http2Stream> open = new ArrayList<>();
    Watcher told;
    CloseReason toldWhy;
    synchronized (lock) {
      if (state == Lifecycle.CLOSED) {
        return;
      }
      toldWhy = state == Lifecycle.RETIRED && reason != null ? reason : why;
      state = Lifecycle.CLOSED;
      reason = toldWhy;
      problem = words + lastWords;
      faulty = code == ErrorCode.NO_ERROR ? null : code;
      streams.forEach(open::add);
      open.forEach(this::close);
      if (code != null) {
        out.goAway(code, words);
      }
      out.end();
      told = watcher;
    }
    deadlines.end();
    if (code == null) {
      transport.close();
    } else {
      transport.deadline(Ticker.after(ticker.nanos(), FAREWELL));
    }
    writer.wake();
    for (Http2Stream stream : open) {
      stream.fail(Failures.ofConnection(code, problem, cause));
    }
    if (told != null) {
      told.closed(toldWhy);
    }
  }
}
