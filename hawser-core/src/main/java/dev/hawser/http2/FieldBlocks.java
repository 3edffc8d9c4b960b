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
  private final int most; // bytes of a block; a larger one cannot be but over the section's limit

  private int stream; // 0: none is under way
  private boolean endsStream;
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

  void begin(int onStream, boolean ends) {
    stream = onStream;
    endsStream = ends;
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
    if (frames == 0) {
      return decoder.decode(input.view(from, count), rules);
    }
    gather(input.array(), from, count);
    ByteBuffer whole = ByteBuffer.wrap(gathered, 0, length);
    gathered = NONE;
    frames = 0;
    return decoder.decode(whole, rules);
  }

  @Nullable String fault() {
    return rules.fault();
  }

  FieldSection section() {
    return rules.section();
  }
}
