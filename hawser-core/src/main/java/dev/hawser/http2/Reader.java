package dev.hawser.http2;

import dev.hawser.Http2Options;
import dev.hawser.io.Buffers;
import dev.hawser.io.Ticker;
import dev.hawser.io.Transport;
import dev.hawser.wire.MalformedResponseException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the peer's frames and gives each to whom it concerns. Those who wait for a stream are woken
 * when all that one read has brought is in place: a small response is mostly there as a whole then.
 */
final class Reader implements Runnable {
  /** The payload of a PING that measures the path. */
  private static final long MEASURE = 0x4861_7773_6572_0002L;

  /** A peer may open two windows for each of our DATA frames, and some do so twice. */
  private static final int UPDATES_EACH = 4;

  private final Http2Connection connection;
  private final Http2Options options;
  private final WindowSizer sizer;
  private final Deadlines deadlines;
  private final Ticker ticker;
  private final FrameInput input;
  private final Floods floods;
  private final FieldBlocks blocks;
  private final List<Http2Stream> stirred = new ArrayList<>();
  private final Thread thread;
  private final int connectionWindow;
  private int allowed; // what the peer may still send in all
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
    this.options = options;
    this.sizer = sizer;
    this.deadlines = deadlines;
    this.ticker = ticker;
    this.floods = new Floods(ticker);
    this.blocks = new FieldBlocks(options.maxHeaderListSize());
    this.connectionWindow = Math.max(options.maxWindow(), Frames.DEFAULT_WINDOW);
    this.allowed = connectionWindow;
    this.input = new FrameInput(transport, buffers);
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
          ErrorCode.COMPRESSION_ERROR, "a header section that cannot be decoded: " + e.getMessage());
    } catch (IOException e) {
      connection.lost(e);
    } catch (RuntimeException | Error e) {
      connection.fail(ErrorCode.INTERNAL_ERROR, "reading failed: " + e);
      throw e;
    } finally {
      wakeStirred();
      input.release();
    }
  }

  private void read() throws IOException {
    now = ticker.nanos();
    while (true) {
      while (next()) {
        frame();
      }
      wakeStirred();
      boolean idle = connection.idle();
      if (!idle) {
        letOthersRun();
      }
      if (!input.fill(idle)) {
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
          '"' + Shown.text(new String(start, StandardCharsets.ISO_8859_1)) + "\": it speaks HTTP/1.1");
    }
    if (!input.next()) {
      return false;
    }
    if (input.type() != Frames.SETTINGS || input.has(Frames.ACK)) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "no SETTINGS first: it speaks another protocol");
    }
    begun = true;
    return true;
  }

  private void frame() throws IOException {
    if (blocks.underWay() && input.type() != Frames.CONTINUATION) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "another frame within a header section");
    }
    switch (input.type()) {
      case Frames.DATA -> data();
      case Frames.HEADERS -> headers();
      case Frames.CONTINUATION -> continuation();
      case Frames.RST_STREAM -> reset();
      case Frames.SETTINGS -> settings();
      case Frames.PING -> ping();
      case Frames.GOAWAY -> goAway();
      case Frames.WINDOW_UPDATE -> windowUpdate();
      case Frames.PRIORITY -> {
        onStream("PRIORITY");
        floods.count("PRIORITY frames"); // nothing that a client would go by
        if (input.length() != 5) {
          resetOnly(input.stream(), ErrorCode.FRAME_SIZE_ERROR);
        }
      }
      case Frames.PUSH_PROMISE ->
          throw new ConnectionError(
              ErrorCode.PROTOCOL_ERROR, "a PUSH_PROMISE, though push is switched off");
      default -> floods.count("frames of unknown types"); // RFC 9113 5.5: ignored
    }
  }

  // ---- bodies

  private void data() throws IOException {
    onStream("DATA");
    int length = input.length();
    account(length);
    int from = input.payload();
    int count = length;
    if (input.has(Frames.PADDED)) {
      int padding = length == 0 ? 0 : input.array()[from] & 0xff;
      if (length < 1 + padding) {
        throw new ConnectionError(
            ErrorCode.PROTOCOL_ERROR, "padding as long as the frame, or longer");
      }
      from++;
      count -= 1 + padding;
    }
    boolean ends = input.has(Frames.END_STREAM);
    if (count == 0 && !ends) {
      floods.count("DATA frames without data");
    }
    Http2Stream stream = find("DATA");
    if (stream == null) {
      return;
    }
    String fault = dataFault(stream, count);
    if (fault != null) {
      malformed(stream, fault);
      return;
    }
    if (!stream.data(count == 0 ? null : copy(from, count), length)) {
      fail(
          stream,
          ErrorCode.FLOW_CONTROL_ERROR,
          new MalformedResponseException("more of a body than it was allowed to"));
      return;
    }
    if (sizer.received(length, stream.received, now)) {
      synchronized (connection.lock) {
        connection.out.ping(MEASURE, false);
      }
      connection.flush();
    }
    if (ends) {
      end(stream, null);
    }
    stir(stream);
  }

  /** Checks, and counts. */
  private @Nullable String dataFault(Http2Stream stream, int count) {
    Http2Head head = stream.head();
    if (head == null) {
      return "DATA before HEADERS";
    }
    stream.received += count;
    if (count > 0 && hasNoBody(stream, head)) {
      return "a body where there must be none";
    }
    long length = head.fields().contentLength();
    if (length >= 0 && stream.received > length && !hasNoBody(stream, head)) {
      return "more than the %d bytes that content-length says".formatted(length);
    }
    return null;
  }

  private static boolean hasNoBody(Http2Stream stream, Http2Head head) {
    int status = head.statusCode();
    return stream.toHead || status == 204 || status == 304;
  }

  private ByteBuffer copy(int from, int count) {
    return ByteBuffer.wrap(Arrays.copyOfRange(input.array(), from, from + count));
  }

  /**
   * The connection's window opens again as soon as bytes are here, wherever they go: a stream that
   * nobody reads takes nothing of it.
   */
  private void account(int length) throws ConnectionError {
    if (length > allowed) {
      throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR, "more than the connection's window allows");
    }
    allowed -= length;
    if (allowed < connectionWindow / 2) {
      synchronized (connection.lock) {
        connection.out.windowUpdate(0, connectionWindow - allowed);
      }
      connection.flush();
      allowed = connectionWindow;
    }
  }

  // ---- heads

  private void headers() throws IOException {
    onStream("HEADERS");
    int from = input.payload();
    int count = input.length();
    int padding = 0;
    if (input.has(Frames.PADDED)) {
      padding = count == 0 ? 0 : input.array()[from] & 0xff;
      from++;
      count -= 1 + padding;
    }
    if (input.has(Frames.WITH_PRIORITY)) {
      from += 5;
      count -= 5;
    }
    if (count < 0) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "padding as long as the frame, or longer");
    }
    synchronized (connection.lock) {
      if (connection.isIdle(input.stream())) {
        throw new ConnectionError(
            ErrorCode.PROTOCOL_ERROR, "HEADERS on a stream that is not open");
      }
    }
    blocks.begin(input.stream(), input.has(Frames.END_STREAM));
    block(from, count);
  }

  private void continuation() throws IOException {
    if (!blocks.underWay() || blocks.stream() != input.stream()) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "a CONTINUATION of no header section");
    }
    block(input.payload(), input.length());
  }

  private void block(int from, int count) throws IOException {
    if (!input.has(Frames.END_HEADERS)) {
      blocks.gather(input.array(), from, count);
      return;
    }
    Http2Stream stream = find(blocks.stream(), "HEADERS");
    boolean trailers = stream != null && stream.head() != null;
    boolean fits = blocks.decode(input, from, count, trailers);
    if (stream == null) { // decoded all the same, for the table's sake
      late(blocks.stream());
      return;
    }
    if (!fits) {
      fail(
          stream,
          ErrorCode.CANCEL,
          new MalformedResponseException(
              "a header section of more than http2.maxHeaderListSize="
                  + options.maxHeaderListSize()
                  + " bytes"));
      return;
    }
    section(stream, trailers);
  }

  /** A server that has not heard of a reset sends a head; more of them are a flood. */
  private void late(int id) throws ConnectionError {
    boolean expected;
    synchronized (connection.lock) {
      expected = connection.resets.expectsHead(id);
    }
    if (!expected) {
      floods.count("HEADERS on a closed stream");
    }
  }

  private void section(Http2Stream stream, boolean trailers) {
    String fault = blocks.fault();
    if (fault != null) {
      malformed(stream, fault);
      return;
    }
    FieldSection section = blocks.section();
    boolean ends = blocks.endsStream();
    if (trailers) {
      if (ends) {
        end(stream, section);
        stir(stream);
      } else {
        malformed(stream, "trailers that do not end the stream");
      }
      return;
    }
    int status = section.status();
    if (status < 200) {
      if (ends) {
        malformed(stream, "an interim response that ends the stream");
        return;
      }
      if (++stream.interims > options.maxInterim()) {
        malformed(
            stream,
            "more than http2.maxInterim=" + options.maxInterim() + " interim responses");
        return;
      }
    }
    stream.head(new Http2Head(section), now);
    if (status >= 300) {
      connection.unwanted(stream); // as in HTTP/1.1: the server does not want the rest
    }
    if (ends) {
      end(stream, null);
    }
    stir(stream);
  }

  private void end(Http2Stream stream, @Nullable FieldSection trailers) {
    Http2Head head = stream.head();
    if (head != null && !hasNoBody(stream, head)) {
      long length = head.fields().contentLength();
      if (length >= 0 && stream.received != length) {
        malformed(
            stream,
            "%d bytes of a body where content-length says %d".formatted(stream.received, length));
        return;
      }
    }
    connection.ended(stream);
    stream.end(trailers);
  }

  // ---- the rest

  private void reset() throws ConnectionError {
    onStream("RST_STREAM");
    size(4, "RST_STREAM");
    int code = Frames.int32(input.array(), input.payload());
    Http2Stream stream = findAny("RST_STREAM");
    if (stream == null) {
      floods.count("RST_STREAM frames");
      return;
    }
    connection.resetByPeer(stream);
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
      if (payload == MEASURE) {
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
      floods.expect(UPDATES_EACH * connection.sending.takeFrames());
    }
    floods.count("WINDOW_UPDATE frames");
    int increment = Frames.int31(input.array(), input.payload());
    if (input.stream() == 0) {
      boolean good;
      synchronized (connection.lock) {
        good = increment > 0 && connection.sending.enlarge(increment);
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
      good = increment > 0 && connection.sending.enlarge(stream, increment);
    }
    if (!good) {
      ConnectionError error = overflow(increment);
      fail(stream, error.code(), new MalformedResponseException(error.getMessage() + ""));
    }
  }

  private static ConnectionError overflow(int increment) {
    return increment == 0
        ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a WINDOW_UPDATE by nothing")
        : new ConnectionError(
            ErrorCode.FLOW_CONTROL_ERROR, "a WINDOW_UPDATE that makes a window larger than 2^31-1");
  }

  // ---- errors of a stream

  private void malformed(Http2Stream stream, String fault) {
    fail(stream, ErrorCode.PROTOCOL_ERROR, new MalformedResponseException(fault));
  }

  private void fail(Http2Stream stream, ErrorCode code, IOException failure) {
    stream.fail(failure);
    connection.reset(stream, code);
  }

  private void resetOnly(int id, ErrorCode code) {
    Http2Stream stream = connection.find(id);
    if (stream != null) {
      fail(stream, code, new MalformedResponseException("a frame of a wrong size"));
    }
  }

  // ---- where a frame may be

  private void onStream(String type) throws ConnectionError {
    if (input.stream() == 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, type + " on stream 0");
    }
  }

  private void onConnection(String type) throws ConnectionError {
    if (input.stream() != 0) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, type + " on stream " + input.stream());
    }
  }

  private void size(int wanted, String type) throws ConnectionError {
    if (input.length() != wanted) {
      throw new ConnectionError(
          ErrorCode.FRAME_SIZE_ERROR, type + " of " + input.length() + " bytes");
    }
  }

  private @Nullable Http2Stream find(String type) throws ConnectionError {
    return find(input.stream(), type);
  }

  /**
   * The stream if the peer may still send on it; null if this side has reset it. Anything else is an
   * error (RFC 9113 5.1).
   */
  private @Nullable Http2Stream find(int id, String type) throws ConnectionError {
    synchronized (connection.lock) {
      Http2Stream stream = connection.streams.find(id);
      if (stream != null && stream.state != Http2Stream.State.HALF_CLOSED_REMOTE) {
        return stream;
      }
      if (connection.isIdle(id)) {
        throw new ConnectionError(
            ErrorCode.PROTOCOL_ERROR, type + " on a stream that is not open");
      }
      if (stream == null && connection.resets.mayHave(id)) {
        return null;
      }
    }
    throw new ConnectionError(ErrorCode.STREAM_CLOSED, type + " on a stream that it has ended");
  }

  /** The stream; null if it is closed: these frames may come late. */
  private @Nullable Http2Stream findAny(String type) throws ConnectionError {
    synchronized (connection.lock) {
      if (connection.isIdle(input.stream())) {
        throw new ConnectionError(
            ErrorCode.PROTOCOL_ERROR, type + " on a stream that is not open");
      }
      return connection.streams.find(input.stream());
    }
  }

  // ---- waking

  private void stir(Http2Stream stream) {
    if (!stream.stirred) {
      stream.stirred = true;
      stirred.add(stream);
    }
  }

  private void wakeStirred() {
    for (int i = 0; i < stirred.size(); i++) {
      Http2Stream stream = stirred.get(i);
      stream.stirred = false;
      stream.wake();
    }
    stirred.clear();
  }
}
