package dev.hawser.http2;

import dev.hawser.Http2Options;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.wire.MalformedResponseException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the peer's frames and gives each to whom it concerns. Those who wait for a stream are woken
 * when all that one read has brought is in place: a small response is mostly there as a whole then.
 */
final class Reader implements Runnable {
  /** A peer may open two windows for each of our DATA frames, and some do so twice. */
  private static final int UPDATES_EACH = 4;

  private final Http2Connection connection;
  private final WindowSizer sizer;
  private final Deadlines deadlines;
  private final Ticker ticker;
  private final FrameInput input;
  private final Moderation moderation = new Moderation();
  private final Floods floods;
  private final ResponseFrames responses;
  private final Thread thread;
  private boolean begun; // the peer's first SETTINGS have come
  private long now;

  Reader(
      Http2Connection connection,
      Transport transport,
      Http2Options options,
      Buffers buffers,
      WindowSizer sizer,
      Deadlines deadlines,
      Ticker ticker)
      throws IOException {
    this.connection = connection;
    this.sizer = sizer;
    this.deadlines = deadlines;
    this.ticker = ticker;
    this.floods = new Floods(ticker);
    this.input = new FrameInput(transport, buffers);
    this.responses = new ResponseFrames(connection, options, sizer, input, floods);
    input.takeOver(transport.input());
    this.thread = Thread.ofVirtual().name("hawser-h2-read").unstarted(this);
  }

  Thread thread() {
    return thread;
  }

  @Override
  public void run() {
    try {
      read();
    } catch (ConnectionError e) {
      connection.fail(e.code(), String.valueOf(e.getMessage()));
    } catch (HpackException e) {
      connection.fail(
          ErrorCode.COMPRESSION_ERROR,
          "a header section that cannot be decoded: " + e.getMessage());
    } catch (IOException e) {
      connection.lost(e);
    } catch (RuntimeException | Error e) {
      connection.fail(ErrorCode.INTERNAL_ERROR, "reading failed: " + e);
      throw e;
    } finally {
      responses.wakeStirred();
      input.release();
      connection.threadEnded();
    }
  }

  private void read() throws IOException {
    now = ticker.nanos();
    while (true) {
      while (next()) {
        frame();
      }
      int woken = responses.wakeStirred();
      if (woken > 0 || connection.open() > 0) {
        letOthersRun();
      }
      int open = connection.open();
      moderation.afterRead(input.brought(), woken, now, open);
      if (!input.fill(open == 0)) {
        throw new EOFException("closed by the server");
      }
      now = ticker.nanos();
      deadlines.received(now);
    }
  }

  /**
   * So that responses gather: with 64 callers on one core a request costs 16 µs without this, and
   * half of that with it.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  private static void letOthersRun() {
    Thread.yield();
  }

  private boolean next() throws ConnectionError {
    if (begun) {
      return input.next();
    }
    byte[] start = input.start();
    if (start.length >= 5 && start[0] == 'H' && start[1] == 'T' && start[2] == 'T') {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR,
          '"'
              + Shown.text(new String(start, StandardCharsets.ISO_8859_1))
              + "\": it speaks HTTP/1.1");
    }
    if (!input.next()) {
      return false;
    }
    if (input.type() == Frames.GOAWAY) {
      return true; // as of Jetty that is being stopped; RFC 9113 3.4 wants SETTINGS before it
    }
    if (input.type() != Frames.SETTINGS || input.has(Frames.ACK)) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "no SETTINGS first: it speaks another protocol");
    }
    begun = true;
    return true;
  }

  private void frame() throws IOException {
    if (responses.withinHeaders() && input.type() != Frames.CONTINUATION) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "another frame within a header section");
    }
    switch (input.type()) {
      case Frames.DATA -> responses.data(now);
      case Frames.HEADERS -> responses.headers(now);
      case Frames.CONTINUATION -> responses.continuation(now);
      case Frames.RST_STREAM -> reset();
      case Frames.SETTINGS -> settings();
      case Frames.PING -> ping();
      case Frames.GOAWAY -> goAway();
      case Frames.WINDOW_UPDATE -> windowUpdate();
      case Frames.PRIORITY -> {
        responses.onStream("PRIORITY");
        floods.count("PRIORITY frames"); // nothing that a client would go by
        if (input.length() != 5) {
          resetOnly(input.stream(), ErrorCode.FRAME_SIZE_ERROR);
        }
      }
      case Frames.PUSH_PROMISE -> responses.pushPromise(now);
      default -> floods.count("frames of unknown types"); // RFC 9113 5.5: ignored
    }
  }

  // ---- the rest

  private void reset() throws ConnectionError {
    responses.onStream("RST_STREAM");
    size(4, "RST_STREAM");
    int code = Frames.int32(input.array(), input.payload());
    Http2Stream stream = findAny("RST_STREAM");
    if (stream == null) {
      floods.count("RST_STREAM frames");
      return;
    }
    connection.streams().resetByPeer(stream);
    stream.fail(Failures.ofReset(code));
  }

  private void settings() throws ConnectionError {
    onConnection("SETTINGS");
    if (input.has(Frames.ACK)) {
      size(0, "an acknowledgement of SETTINGS");
      deadlines.acknowledged();
      floods.count("acknowledgements of SETTINGS");
      return;
    }
    floods.count("SETTINGS frames");
    connection.settings(input.array(), input.payload(), input.length());
  }

  private void ping() throws ConnectionError {
    onConnection("PING");
    size(8, "PING");
    long payload = Frames.int64(input.array(), input.payload());
    if (input.has(Frames.ACK)) {
      if (payload == ResponseFrames.MEASURE) {
        sizer.answered(now);
      } else {
        floods.count("answers to PING");
      }
      return;
    }
    floods.count("PING frames");
    synchronized (connection.lock) {
      connection.out.ping(payload, true);
    }
    connection.flush();
  }

  private void goAway() throws ConnectionError {
    onConnection("GOAWAY");
    floods.count("GOAWAY frames");
    if (input.length() < 8) {
      throw new ConnectionError(
          ErrorCode.FRAME_SIZE_ERROR, "a GOAWAY of " + input.length() + " bytes");
    }
    int from = input.payload();
    int debug = Math.min(input.length() - 8, 256);
    connection.goneAway(
        Frames.int31(input.array(), from),
        Frames.int32(input.array(), from + 4),
        Shown.text(new String(input.array(), from + 8, debug, StandardCharsets.UTF_8)));
  }

  private void windowUpdate() throws ConnectionError {
    size(4, "WINDOW_UPDATE");
    synchronized (connection.lock) {
      floods.expect(UPDATES_EACH * connection.streams().sending.takeFrames());
    }
    floods.count("WINDOW_UPDATE frames");
    int increment = Frames.int31(input.array(), input.payload());
    if (input.stream() == 0) {
      boolean good;
      synchronized (connection.lock) {
        good = increment > 0 && connection.streams().sending.enlarge(increment);
      }
      if (!good) {
        throw overflow(increment);
      }
      return;
    }
    Http2Stream stream = findAny("WINDOW_UPDATE");
    if (stream == null) {
      return;
    }
    boolean good;
    synchronized (connection.lock) {
      good = increment > 0 && connection.streams().sending.enlarge(stream, increment);
    }
    if (!good) {
      ConnectionError error = overflow(increment);
      responses.fail(stream, error.code(), new MalformedResponseException(error.getMessage() + ""));
    }
  }

  private static ConnectionError overflow(int increment) {
    return increment == 0
        ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a WINDOW_UPDATE by nothing")
        : new ConnectionError(
            ErrorCode.FLOW_CONTROL_ERROR, "a WINDOW_UPDATE that makes a window larger than 2^31-1");
  }

  private void resetOnly(int id, ErrorCode code) {
    Http2Stream stream = connection.streams().find(id);
    if (stream != null) {
      responses.fail(stream, code, new MalformedResponseException("a frame of a wrong size"));
    }
  }

  // ---- where a frame may be

  private void onConnection(String type) throws ConnectionError {
    if (input.stream() != 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, type + " on stream " + input.stream());
    }
  }

  private void size(int wanted, String type) throws ConnectionError {
    if (input.length() != wanted) {
      throw new ConnectionError(
          ErrorCode.FRAME_SIZE_ERROR, type + " of " + input.length() + " bytes");
    }
  }

  /** The stream; null if it is closed: these frames may come late. */
  private @Nullable Http2Stream findAny(String type) throws ConnectionError {
    synchronized (connection.lock) {
      if (connection.streams().isIdle(input.stream())) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, type + " on a stream that is not open");
      }
      return connection.streams().table.find(input.stream());
    }
  }
}
