package dev.hawser.websocket;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Decodes a text message as its bytes come: a character may be split over parts and fragments (RFC
 * 6455 5.6). One thread.
 */
final class Utf8 {
  private static final byte[] NOTHING = {};

  private final CharsetDecoder decoder =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private byte[] begun = NOTHING; // of a character whose end has not come

  /**
   * Decodes the next bytes.
   *
   * @param last whether the message ends with them
   */
  String decode(byte[] bytes, int count, boolean last) throws Violation {
    if (begun.length == 0 && isAscii(bytes, count)) {
      return new String(bytes, 0, count, StandardCharsets.US_ASCII);
    }
    ByteBuffer in = withBegun(bytes, count);
    var out = CharBuffer.allocate(in.remaining()); // never more than one char a byte
    decoder.reset();
    CoderResult result = decoder.decode(in, out, last);
    if (result.isError()) {
      throw Violation.data("text that is not UTF-8");
    }
    begun = in.hasRemaining() ? new byte[in.remaining()] : NOTHING;
    in.get(begun);
    return out.flip().toString();
  }

  private ByteBuffer withBegun(byte[] bytes, int count) {
    if (begun.length == 0) {
      return ByteBuffer.wrap(bytes, 0, count);
    }
    byte[] joined = Arrays.copyOf(begun, begun.length + count);
    System.arraycopy(bytes, 0, joined, begun.length, count);
    return ByteBuffer.wrap(joined);
  }

  private static boolean isAscii(byte[] bytes, int count) {
    int all = 0;
    for (int i = 0; i < count; i++) {
      all |= bytes[i];
    }
    return all >= 0;
  }
}
