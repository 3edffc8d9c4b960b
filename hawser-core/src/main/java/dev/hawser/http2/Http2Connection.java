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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection (RFC 9113): many exchanges over one transport.
 *
 * <p>Callers append their frames to {@link Outgoing} under one short lock, and a {@link Writer}
 * sends what has gathered: one system call for many requests. A {@link Reader} takes the peer's
 * frames apart and gives each stream its own. Nobody does I/O under the lock.
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
  private final Streams streams;
  private final Writer writer;
  private final Reader reader;

  /** Guards all below it. Held for moments, never across I/O or a call of the watcher's. */
  final Object lock = new Object();

  final Outgoing out = new Outgoing();
  final PeerSettings peer = new PeerSettings();
  private Lifecycle state = Lifecycle.OPEN;
  private @Nullable CloseReason reason; // why it is no longer open
  private String lastWords = ""; // of the peer's GOAWAY
  private @Nullable ErrorCode faulty; // what the peer was told that ended it; not NO_ERROR
  private String problem = ""; // and why
  private @Nullable Watcher watcher;
  private int running = 2; // the reader and the writer

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
    this.sizer = new WindowSizer(options.initialWindow(), options.maxWindow());
    this.deadlines = new Deadlines(this, transport, watchdog, options, ticker);
    this.streams = new Streams(this, out, peer, sizer, deadlines, firstId);
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
   * @param origin that request's
   * @param toHead whether it was a HEAD
   */
  public static Upgraded upgrade(
      Transport transport,
      Http2Options options,
      ExchangeOptions exchangeOptions,
      Watchdog watchdog,
      Buffers buffers,
      Ticker ticker,
      Origin origin,
      boolean toHead,
      long deadline,
      Exchange.Progress progress)
      throws IOException {
    var connection =
        new Http2Connection(transport, options, exchangeOptions, watchdog, buffers, ticker, 3);
    var stream = connection.newStream();
    stream.toHead = toHead;
    stream.pushTaker = Http2Stream.PushTaker.of(origin, progress);
    synchronized (connection.lock) {
      if (stream.pushTaker != null) {
        connection.streams.pushes.allow(); // as the peer knows by the request that asked
      }
      stream.opened(1, 0);
      stream.state = State.HALF_CLOSED_LOCAL;
      connection.streams.table.add(stream);
    }
    connection.start();
    return new Upgraded(
        connection, new Http2Exchange(connection, stream, exchangeOptions, deadline, progress));
  }

  /**
   * The value of the {@code HTTP2-Settings} header with which an upgrade is asked for.
   *
   * @param pushes whether the request's caller takes pushes
   */
  public static String upgradeSettings(Http2Options options, boolean pushes) {
    return PeerSettings.oursAsHeader(options, pushes);
  }

  private void start() {
    transport.deadline(Ticker.NEVER);
    synchronized (lock) {
      out.preface(PeerSettings.ours(options, streams.pushes.allowed()));
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
    boolean known;
    Lifecycle now;
    CloseReason why;
    synchronized (lock) {
      watcher = newWatcher;
      capacity = capacity();
      known = peer.known();
      now = state;
      why = reason;
    }
    if (known) {
      newWatcher.capacity(capacity);
    }
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

  /** One of either side's. */
  Http2Stream newStream() {
    return new Http2Stream(options.initialWindow(), buffers);
  }

  /** What comes on a stream of the peer's. */
  Exchange pushed(Http2Stream stream, Exchange.Progress progress) {
    return new Http2Exchange(this, stream, exchangeOptions, Ticker.NEVER, progress);
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

  /** The writer has failed. Why, the reader learns: the peer may have said it before it hung up. */
  void unwritable() {
    transport.deadline(Ticker.after(ticker.nanos(), FAREWELL));
  }

  /** Whether the writer has begun with the stream's first frame. */
  boolean sentAnything(Http2Stream stream) {
    return stream.firstBatch() <= writer.begun();
  }

  /** Whether another exchange may begin. */
  public boolean isOpen() {
    synchronized (lock) {
      return state == Lifecycle.OPEN;
    }
  }

  // ---- for the reader, and the streams

  Streams streams() {
    return streams;
  }

  /** Under the lock: whether another stream may be opened. */
  void checkTakes() throws IOException {
    if (faulty != null) {
      throw Failures.ofConnection(faulty, problem, null); // another one would be no better
    }
    if (state != Lifecycle.OPEN) {
      String why = reason == null ? "" : reason.text();
      throw new NotProcessedException(
          "the connection takes no more requests: " + why + lastWords, false);
    }
  }

  /**
   * The reader may be about to tell the pool; who has been refused asks it again at once, and would
   * get this connection as often as he may ask.
   */
  void tellIfRetired() {
    Watcher told;
    CloseReason why;
    synchronized (lock) {
      told = watcher;
      why = reason;
    }
    if (told != null && why != null) {
      told.retired(why);
    }
  }

  void wakeWriter() {
    writer.wake();
  }

  void noticed(long deadline) {
    watchdog.noticed(deadline);
  }

  /** How many streams are open. */
  int open() {
    synchronized (lock) {
      return streams.table.size();
    }
  }

  /** Takes SETTINGS, and acknowledges them. */
  void settings(byte[] bytes, int from, int length) throws ConnectionError {
    int capacity;
    Watcher told;
    synchronized (lock) {
      int before = peer.initialWindow();
      peer.read(bytes, from, length);
      streams.settingsChanged(before);
      out.settingsAck();
      capacity = capacity();
      told = watcher;
    }
    flush();
    if (told != null) {
      told.capacity(capacity);
    }
  }

  /** The peer goes away: streams above the last it has taken were not processed. */
  void goneAway(int lastId, int code, String debug) {
    String words = ErrorCode.describe(code) + (debug.isEmpty() ? "" : ", \"" + debug + '"');
    boolean http1 = ErrorCode.HTTP_1_1_REQUIRED.is(code);
    CloseReason why = http1 ? CloseReason.HTTP_1_1_REQUIRED : CloseReason.GOAWAY;
    var unprocessed = new ArrayList<Http2Stream>();
    Watcher told;
    synchronized (lock) {
      lastWords = " (GOAWAY: " + words + ')';
      streams.table.forEach(
          stream -> {
            if (!stream.isPushed() && Integer.compareUnsigned(stream.id(), lastId) > 0) {
              unprocessed.add(stream);
            }
          });
      unprocessed.forEach(streams::close);
      told = retired(why);
    }
    // First the pool: whoever fails here asks it at once for a connection, and must not get this.
    if (told != null) {
      told.retired(why);
    }
    for (Http2Stream stream : unprocessed) {
      stream.fail(new NotProcessedException("the server went away: " + words, http1));
    }
    closeIfOver();
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

  /** The last of the two takes the transport's buffers along, which TLS has some of its own. */
  void threadEnded() {
    boolean last;
    synchronized (lock) {
      running--;
      last = running == 0;
    }
    if (last) {
      transport.close();
      transport.releaseBuffers();
    }
  }

  /** Takes no other exchange, and closes when those it has are over. */
  void retire(CloseReason why) {
    Watcher told;
    synchronized (lock) {
      told = retired(why);
    }
    if (told != null) {
      told.retired(why);
    }
    closeIfOver();
  }

  /** Under the lock; returns whom to tell, if it is news. */
  private @Nullable Watcher retired(CloseReason why) {
    if (state != Lifecycle.OPEN) {
      return null;
    }
    state = Lifecycle.RETIRED;
    reason = why;
    return watcher;
  }

  void closeIfOver() {
    CloseReason why;
    synchronized (lock) {
      if (state != Lifecycle.RETIRED || streams.table.size() > 0 || reason == null) {
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
      why = streams.table.size() == 0 ? CloseReason.CLOSED_BY_PEER : CloseReason.EXCHANGE_FAILED;
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
      streams.table.forEach(open::add);
      open.forEach(streams::close);
      if (code != null) {
        out.goAway(streams.pushes.last(), code, words);
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
