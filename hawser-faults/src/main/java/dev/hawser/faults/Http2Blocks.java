package dev.hawser.faults;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts header blocks together, which nothing may interrupt. Used by the reader only. */
final class Http2Blocks {
  /** What HEADERS and the CONTINUATIONs behind it say. */
  record Block(int stream, List<Http2Field> fields, boolean endsStream) {}

  private final Hpack hpack;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private int stream; // 0 outside of a block
  private boolean endsStream;

  Http2Blocks(Hpack hpack) {
    this.hpack = hpack;
  }

  /** Whether a frame of any type has a place here. */
  void check(Http2Frame frame) throws Http2Violation {
    boolean continues = frame.type() == Http2Frame.CONTINUATION && frame.stream() == stream;
    if (stream != 0 && !continues) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame + " within a header block");
    }
  }

  /** Takes HEADERS or CONTINUATION; returns the block that it completes. */
  @Nullable Block take(Http2Frame frame) throws Http2Violation {
    if (frame.type() == Http2Frame.HEADERS) {
      stream = frame.stream();
      endsStream = frame.endsStream();
    } else if (stream == 0) {
      throw new Http2Violation(Http2Error.PROTOCOL_ERROR, frame + " continues nothing");
    }
    block.writeBytes(frame.content());
    if (!frame.has(Http2Frame.END_HEADERS)) {
      return null;
    }
    var whole = new Block(stream, decode(), endsStream);
    stream = 0;
    return whole;
  }

  private List<Http2Field> decode() throws Http2Violation {
    try {
      return hpack.decode(block.toByteArray());
    } catch (IllegalStateException e) {
      throw new Http2Violation(Http2Error.COMPRESSION_ERROR, String.valueOf(e.getMessage()));
    } finally {
      block.reset();
    }
  }
}
