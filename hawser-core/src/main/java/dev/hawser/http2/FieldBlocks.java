package dev.hawser.http2;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts field blocks together from HEADERS and CONTINUATION, and decodes them: mostly one frame,
 * from where it was read. Reader only.
 */
final class FieldBlocks {
  private static final byte[] NONE = new byte[0];

  /** More frames for one section are a flood, however little is in them. */
  private static final int MOST_FRAMES = 64;

  private final HpackDecoder decoder;
  private final FieldRules rules = new FieldRules();
  private final PromiseRules promiseRules = new PromiseRules();
  private final int most; // bytes of a block; a larger one cannot be but over the section's limit

  private int stream; // 0: none is under way
  private boolean endsStream;
  private int promised; // the stream whose request it is; 0: it is a response's
  private byte[] gathered = NONE;
  private int length;
  private int frames;

  FieldBlocks(int maxHeaderListSize) {
    decoder = new HpackDecoder(4096, maxHeaderListSize);
    most = Math.max(Frames.LEAST_MAX_SIZE, 2 * maxHeaderListSize);
  }

  boolean underWay() {
    return stream != 0 && frames > 0;
  }

  /** Of the section under way, or decoded last. */
  int stream() {
    return stream;
  }

  boolean endsStream() {
    return endsStream;
  }

  /** The stream that a PUSH_PROMISE is about; 0: the section is a response's. */
  int promised() {
    return promised;
  }

  void begin(int onStream, boolean ends) {
    begin(onStream, ends, 0);
  }

  /** A request's section begins that is promised on one stream for another. */
  void beginPromise(int onStream, int ofStream) {
    begin(onStream, false, ofStream);
  }

  private void begin(int onStream, boolean ends, int ofStream) {
    stream = onStream;
    endsStream = ends;
    promised = ofStream;
    length = 0;
    frames = 0;
  }

  /** A part of the block, which another frame follows. */
  void gather(byte[] bytes, int from, int count) throws ConnectionError {
    frames++;
    if (length + count > most || frames > MOST_FRAMES) {
      throw new ConnectionError(
          ErrorCode.ENHANCE_YOUR_CALM,
          "a header section of more than %d bytes in %d frames".formatted(length, frames));
    }
    if (gathered.length < length + count) {
      gathered = Arrays.copyOf(gathered, Math.max(length + count, 2 * gathered.length));
    }
    System.arraycopy(bytes, from, gathered, length, count);
    length += count;
  }

  /** The block ends; false if the section is over the limit. */
  boolean decode(FrameInput input, int from, int count, boolean trailers)
      throws HpackException, ConnectionError {
    rules.begin(trailers);
    return decode(input, from, count, rules);
  }

  /** The same for a promised request. */
  boolean decodePromise(FrameInput input, int from, int count)
      throws HpackException, ConnectionError {
    promiseRules.begin();
    return decode(input, from, count, promiseRules);
  }

  private boolean decode(FrameInput input, int from, int count, HpackDecoder.Sink sink)
      throws HpackException, ConnectionError {
    if (frames == 0) {
      return decoder.decode(input.view(from, count), sink);
    }
    gather(input.array(), from, count);
    ByteBuffer whole = ByteBuffer.wrap(gathered, 0, length);
    gathered = NONE;
    frames = 0;
    return decoder.decode(whole, sink);
  }

  PromiseRules promise() {
    return promiseRules;
  }

  @Nullable String fault() {
    return rules.fault();
  }

  FieldSection section() {
    return rules.section();
  }
}
