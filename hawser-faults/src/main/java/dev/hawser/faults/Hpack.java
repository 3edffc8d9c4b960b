package dev.hawser.faults;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.core5.http2.hpack.HPackDecoder;
import org.apache.hc.core5.http2.hpack.HPackEncoder;
import org.apache.hc.core5.http2.hpack.HPackException;
import org.apache.hc.core5.util.ByteArrayBuffer;

/**
 * Header compression of one connection (RFC 7541) by Apache's implementation. Encoding and decoding
 * do not touch each other's state; each is used by one thread at a time.
 */
final class Hpack {
  /** What both sides begin with. */
  static final int TABLE_SIZE = 4096;

  // ASCII is Apache's word for bytes as they are.
  private final HPackEncoder encoder = new HPackEncoder(TABLE_SIZE, StandardCharsets.US_ASCII);
  private final HPackDecoder decoder;
  private boolean sizeUpdateDue;

  /** The size is the one that the other side was told, or is going to be. */
  Hpack(int decoderTableSize) {
    this.decoder = new HPackDecoder(decoderTableSize, StandardCharsets.US_ASCII);
  }

  /** What the other side has announced: its table may be smaller than ours would be. */
  void encoderTableSize(long size) {
    int wanted = (int) Math.min(size, TABLE_SIZE);
    if (wanted != encoder.getMaxTableSize()) {
      encoder.setMaxTableSize(wanted);
      sizeUpdateDue = true; // RFC 7541 4.2: at the begin of the next block
    }
  }

  byte[] encode(List<Http2Field> fields) {
    var block = new ByteArrayBuffer(256);
    if (sizeUpdateDue) {
      sizeUpdateDue = false;
      byte[] update = integer(0x20, 5, encoder.getMaxTableSize());
      block.append(update, 0, update.length);
    }
    try {
      for (Http2Field field : fields) {
        encoder.encodeHeader(block, field.name(), field.value(), false);
      }
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(e);
    }
    return block.toByteArray();
  }

  /** A client's block that cannot be decoded is a finding, not the end of a connection. */
  List<Http2Field> decode(byte[] block) {
    try {
      return decoder.decodeHeaders(ByteBuffer.wrap(block)).stream()
          .map(header -> new Http2Field(header.getName(), header.getValue()))
          .toList();
    } catch (HPackException e) {
      throw new IllegalStateException(
          "the client's header block cannot be decoded: " + e.getMessage(), e);
    }
  }

  /** An integer behind a pattern (RFC 7541 5.1), for blocks that are put together by hand. */
  static byte[] integer(int pattern, int bits, long value) {
    byte[] bytes = new byte[11];
    int most = (1 << bits) - 1;
    if (value < most) {
      return new byte[] {(byte) (pattern | value)};
    }
    int size = 0;
    bytes[size++] = (byte) (pattern | most);
    long rest = value - most;
    for (; rest >= 0x80; rest >>>= 7) {
      bytes[size++] = (byte) (rest & 0x7f | 0x80);
    }
    bytes[size++] = (byte) rest;
    return Arrays.copyOf(bytes, size);
  }
}
