package dev.hawser.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames that wait for the writer, which takes all that has gathered at once: many requests, one
 * system call. Guarded by the connection's lock.
 *
 * <p>What is taken together is a batch; batches are counted, so that a stream can tell whether its
 * frames are still here.
 */
final class Outgoing {
  private static final byte[] NONE = new byte[0];
  private static final int INITIAL = 1024;
  private static final int KEPT_IDLE = 2048; // of an array, while no stream is open

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private byte[] bytes = NONE;
  private byte[] spare = NONE;
  private byte[] taken = NONE; // the writer's
  private int length;
  private long batch = 1;
  private boolean last; // nothing comes after what is here
  private boolean writerWaits;

  /** How many bytes wait. */
  int length() {
    return length;
  }

  /** The number of the batch that is being gathered. */
  long batch() {
    return batch;
  }

  // ---- the writer's side

  /** Takes what has gathered; the array belongs to the writer until {@link #giveBack}. */
  ByteBuffer take() {
    ByteBuffer all = ByteBuffer.wrap(bytes, 0, length);
    taken = bytes;
    bytes = spare;
    spare = NONE;
    length = 0;
    batch++;
    return all;
  }

  /** The writer is done with what it has taken. */
  void giveBack(boolean idle) {
    if (!idle || taken.length <= KEPT_IDLE) {
      spare = taken;
    }
    taken = NONE;
    if (idle && length == 0 && bytes.length > KEPT_IDLE) {
      bytes = NONE;
    }
  }

  void writerWaits() {
    writerWaits = true;
  }

  /** Whether the writer is to be woken; once. To be asked after frames were added. */
  boolean wakesWriter() {
    boolean waits = writerWaits;
    writerWaits = false;
    return waits;
  }

  /** Nothing is added any more. */
  void end() {
    last = true;
  }

  boolean ended() {
    return last;
  }

  // ---- frames

  void preface(byte[] settings) {
    ensure(PREFACE.length);
    put(PREFACE, 0, PREFACE.length);
    settings(settings);
  }

  /** A field block, in as many frames as it takes. */
  void headers(int stream, Block block, boolean end, int maxFrameSize) {
    int total = block.length();
    int at = Math.min(total, maxFrameSize);
    int flags = (end ? Frames.END_STREAM : 0) | (at == total ? Frames.END_HEADERS : 0);
    head(at, Frames.HEADERS, flags, stream);
    put(block.bytes(), 0, at);
    while (at < total) {
      int count = Math.min(total - at, maxFrameSize);
      int lastOne = at + count == total ? Frames.END_HEADERS : 0;
      head(count, Frames.CONTINUATION, lastOne, stream);
      put(block.bytes(), at, count);
      at += count;
    }
  }

  /** The next {@code count} bytes of the source. */
  void data(int stream, ByteBuffer source, int count, boolean end) {
    head(count, Frames.DATA, end ? Frames.END_STREAM : 0, stream);
    source.get(bytes, length, count);
    length += count;
  }

  void reset(int stream, ErrorCode code) {
    head(4, Frames.RST_STREAM, 0, stream);
    int32(code.code());
  }

  void settings(byte[] payload) {
    head(payload.length, Frames.SETTINGS, 0, 0);
    put(payload, 0, payload.length);
  }

  void settingsAck() {
    head(0, Frames.SETTINGS, Frames.ACK, 0);
  }

  void ping(long payload, boolean ack) {
    head(8, Frames.PING, ack ? Frames.ACK : 0, 0);
    int32((int) (payload >>> 32));
    int32((int) payload);
  }

  void windowUpdate(int stream, int increment) {
    head(4, Frames.WINDOW_UPDATE, 0, stream);
    int32(increment);
  }

  void goAway(int lastStream, ErrorCode code, String debug) {
    byte[] data = debug.getBytes(StandardCharsets.US_ASCII);
    head(8 + data.length, Frames.GOAWAY, 0, 0);
    int32(lastStream);
    int32(code.code());
    put(data, 0, data.length);
  }

  private void head(int payload, int type, int flags, int stream) {
    ensure(Frames.HEAD + payload);
    byte[] to = bytes;
    int at = length;
    to[at] = (byte) (payload >>> 16);
    to[at + 1] = (byte) (payload >>> 8);
    to[at + 2] = (byte) payload;
    to[at + 3] = (byte) type;
    to[at + 4] = (byte) flags;
    length = at + 5;
    int32(stream);
  }

  private void int32(int value) {
    byte[] to = bytes;
    int at = length;
    to[at] = (byte) (value >>> 24);
    to[at + 1] = (byte) (value >>> 16);
    to[at + 2] = (byte) (value >>> 8);
    to[at + 3] = (byte) value;
    length = at + 4;
  }

  private void put(byte[] source, int from, int count) {
    System.arraycopy(source, from, bytes, length, count);
    length += count;
  }

  private void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, Math.max(INITIAL, bytes.length * 2)));
    }
  }
}
