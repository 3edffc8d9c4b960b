package dev.hawser.http2;

import dev.hawser.Http2Options;
import dev.hawser.wire.MalformedResponseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The frames that make up responses: DATA, HEADERS and CONTINUATION. Holds them against RFC 9113
 * 8.1 and gives each stream its own. The fields of a promised request come in the same way. Reader
 * only.
 */
final class ResponseFrames {
  /** The payload of a PING that measures the path. */
  static final long MEASURE = 0x4861_7773_6572_0002L;

  private final Http2Connection connection;
  private final Http2Options options;
  private final WindowSizer sizer;
  private final FrameInput input;
  private final Floods floods;
  private final FieldBlocks blocks;
  private final PromiseFrames promises;
  private final List<Http2Stream> stirred = new ArrayList<>();
  private final int connectionWindow;
  private int allowed; // what the peer may still send in all

  ResponseFrames(
      Http2Connection connection,
      Http2Options options,
      WindowSizer sizer,
      FrameInput input,
      Floods floods) {
    this.connection = connection;
    this.options = options;
    this.sizer = sizer;
    this.input = input;
    this.floods = floods;
    this.promises = new PromiseFrames(connection, floods);
    this.blocks = new FieldBlocks(options.maxHeaderListSize());
    this.connectionWindow = Math.max(options.maxWindow(), Frames.DEFAULT_WINDOW);
    this.allowed = connectionWindow;
  }

  /** Whether a header section has begun, so that no other frame may come. */
  boolean withinHeaders() {
    return blocks.underWay();
  }

  // ---- bodies

  void data(long now) throws IOException {
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
    if (stream.isPushed() && stream.head() == null && stream.interims == 0) {
      throw new ConnectionError(
          ErrorCode.PROTOCOL_ERROR, "DATA on a stream that it has only promised");
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

  void headers(long now) throws IOException {
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
      if (connection.streams().isIdle(input.stream())) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "HEADERS on a stream that is not open");
      }
    }
    blocks.begin(input.stream(), input.has(Frames.END_STREAM));
    block(from, count, now);
  }

  void pushPromise(long now) throws IOException {
    onStream("PUSH_PROMISE");
    int from = input.payload();
    int count = input.length();
    if (input.has(Frames.PADDED)) {
      int padding = count == 0 ? 0 : input.array()[from] & 0xff;
      from++;
      count -= 1 + padding;
    }
    if (count < Integer.BYTES) {
      throw new ConnectionError(
          ErrorCode.FRAME_SIZE_ERROR, "a PUSH_PROMISE of " + input.length() + " bytes");
    }
    int promised = Frames.int31(input.array(), from);
    promises.check(input.stream(), promised);
    blocks.beginPromise(input.stream(), promised);
    block(from + Integer.BYTES, count - Integer.BYTES, now);
  }

  void continuation(long now) throws IOException {
    if (!blocks.underWay() || blocks.stream() != input.stream()) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "a CONTINUATION of no header section");
    }
    block(input.payload(), input.length(), now);
  }

  private void block(int from, int count, long now) throws IOException {
    if (!input.has(Frames.END_HEADERS)) {
      blocks.gather(input.array(), from, count);
      return;
    }
    if (blocks.promised() != 0) {
      boolean fits = blocks.decodePromise(input, from, count);
      promises.complete(blocks.stream(), blocks.promised(), blocks.promise(), fits);
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
    section(stream, trailers, now);
  }

  /** A server that has not heard of a reset sends a head; more of them are a flood. */
  private void late(int id) throws ConnectionError {
    boolean expected;
    synchronized (connection.lock) {
      expected = connection.streams().resets(id).expectsHead(id);
    }
    if (!expected) {
      floods.count("HEADERS on a closed stream");
    }
  }

  private void section(Http2Stream stream, boolean trailers, long now) {
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
            stream, "more than http2.maxInterim=" + options.maxInterim() + " interim responses");
        return;
      }
    }
    if (stream.isPushed()) {
      connection.streams().begun(stream);
      promises.kept(status);
    }
    stream.head(new Http2Head(section), now);
    if (status >= 300) {
      connection.streams().unwanted(stream); // as in HTTP/1.1: the server does not want the rest
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
    connection.streams().ended(stream);
    stream.end(trailers);
  }

  // ---- errors of a stream

  private void malformed(Http2Stream stream, String fault) {
    fail(stream, ErrorCode.PROTOCOL_ERROR, new MalformedResponseException(fault));
  }

  /** The peer has broken the rules on a stream, and is told before the caller, who would cancel. */
  void fail(Http2Stream stream, ErrorCode code, IOException failure) {
    connection.streams().reset(stream, code);
    stream.fail(failure);
  }

  // ---- where a frame may be

  void onStream(String type) throws ConnectionError {
    if (input.stream() == 0) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, type + " on stream 0");
    }
  }

  private @Nullable Http2Stream find(String type) throws ConnectionError {
    return find(input.stream(), type);
  }

  /**
   * The stream if the peer may still send on it; null if this side has reset it. Anything else is
   * an error (RFC 9113 5.1).
   */
  private @Nullable Http2Stream find(int id, String type) throws ConnectionError {
    synchronized (connection.lock) {
      Http2Stream stream = connection.streams().table.find(id);
      if (stream != null && stream.state != Http2Stream.State.HALF_CLOSED_REMOTE) {
        return stream;
      }
      if (connection.streams().isIdle(id)) {
        throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, type + " on a stream that is not open");
      }
      if (stream == null && connection.streams().resets(id).mayHave(id)) {
        return null;
      }
    }
    throw new ConnectionError(ErrorCode.STREAM_CLOSED, type + " on a stream that it has ended");
  }

  // ---- waking

  private void stir(Http2Stream stream) {
    if (!stream.stirred) {
      stream.stirred = true;
      stirred.add(stream);
    }
  }

  /** Those for whom something has come; returns how many. */
  int wakeStirred() {
    int count = stirred.size();
    for (int i = 0; i < stirred.size(); i++) {
      Http2Stream stream = stirred.get(i);
      stream.stirred = false;
      stream.wake();
    }
    stirred.clear();
    return count;
  }
}
