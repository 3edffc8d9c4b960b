package dev.hawser.faults;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A frame as it is on the wire (RFC 9113 section 4). Nothing is checked: a script may send what no
 * server may.
 *
 * {@snippet :
 * peer.send(new Http2Frame(Http2Frame.PING, 0, 1, new byte[7]));     // wrong stream, wrong length
 * peer.send(Http2Frame.windowUpdate(0, Integer.MAX_VALUE));
 * }
 *
 * @param type one of the constants here, or any other of 8 bits
 * @param flags the constants here, or any other of 8 bits
 * @param stream 0 for the connection
 * @param payload with padding and priority, if the flags say so
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are bytes; nobody compares two of these
public record Http2Frame(int type, int flags, int stream, byte[] payload) {
  /** Type: a part of a body. */
  public static final int DATA = 0;

  /** Type: the begin, or all, of a header block. */
  public static final int HEADERS = 1;

  /** Type: deprecated priorities. */
  public static final int PRIORITY = 2;

  /** Type: a stream's early end. */
  public static final int RST_STREAM = 3;

  /** Type: settings, or their acknowledgement. */
  public static final int SETTINGS = 4;

  /** Type: a request whose answer the server is going to push. */
  public static final int PUSH_PROMISE = 5;

  /** Type: a question whether the other side is there, or the answer. */
  public static final int PING = 6;

  /** Type: the begin of the connection's end. */
  public static final int GOAWAY = 7;

  /** Type: more room for DATA. */
  public static final int WINDOW_UPDATE = 8;

  /** Type: more of a header block. */
  public static final int CONTINUATION = 9;

  /** Flag of DATA and HEADERS: nothing follows on this stream. */
  public static final int END_STREAM = 0x1;

  /** Flag of SETTINGS and PING. */
  public static final int ACK = 0x1;

  /** Flag of HEADERS, PUSH_PROMISE, CONTINUATION: the header block is complete. */
  public static final int END_HEADERS = 0x4;

  /** Flag of DATA, HEADERS, PUSH_PROMISE: the first byte is the length of the padding. */
  public static final int PADDED = 0x8;

  /** Flag of HEADERS: five bytes of priority are before the block. */
  public static final int WITH_PRIORITY = 0x20;

  static final int HEAD = 9;
  private static final int STREAM_BITS = 0x7fffffff;

  private static final List<String> TYPES =
      List.of(
          "DATA",
          "HEADERS",
          "PRIORITY",
          "RST_STREAM",
          "SETTINGS",
          "PUSH_PROMISE",
          "PING",
          "GOAWAY",
          "WINDOW_UPDATE",
          "CONTINUATION");

  // The frames that scripts send

  /** DATA. */
  public static Http2Frame data(int stream, int flags, byte[] bytes) {
    return new Http2Frame(DATA, flags, stream, bytes);
  }

  /** HEADERS with a block that is compressed already, or meant to be broken. */
  public static Http2Frame headers(int stream, int flags, byte[] block) {
    return new Http2Frame(HEADERS, flags, stream, block);
  }

  /** CONTINUATION. */
  public static Http2Frame continuation(int stream, int flags, byte[] block) {
    return new Http2Frame(CONTINUATION, flags, stream, block);
  }

  /** PRIORITY: this stream depends on that one. */
  public static Http2Frame priority(int stream, int on) {
    return new Http2Frame(
        PRIORITY, 0, stream, ByteBuffer.allocate(5).putInt(on).put((byte) 15).array());
  }

  /** RST_STREAM with any code. */
  public static Http2Frame reset(int stream, long code) {
    return new Http2Frame(RST_STREAM, 0, stream, ints(code));
  }

  /** SETTINGS. */
  public static Http2Frame settings(Http2Settings settings) {
    return new Http2Frame(SETTINGS, 0, 0, settings.payload());
  }

  /** The acknowledgement of SETTINGS. */
  public static Http2Frame settingsAck() {
    return new Http2Frame(SETTINGS, ACK, 0, new byte[0]);
  }

  /** PUSH_PROMISE of that stream, with a block that is compressed already. */
  public static Http2Frame pushPromise(int stream, int promised, byte[] block) {
    byte[] payload =
        ByteBuffer.allocate(Integer.BYTES + block.length).putInt(promised).put(block).array();
    return new Http2Frame(PUSH_PROMISE, END_HEADERS, stream, payload);
  }

  /** PING. */
  public static Http2Frame ping(long opaque) {
    return new Http2Frame(PING, 0, 0, ByteBuffer.allocate(Long.BYTES).putLong(opaque).array());
  }

  /** GOAWAY with any code. */
  public static Http2Frame goAway(int lastStream, long code, String debug) {
    byte[] text = debug.getBytes(StandardCharsets.UTF_8);
    byte[] payload =
        ByteBuffer.allocate(2 * Integer.BYTES + text.length)
            .put(ints(lastStream, code))
            .put(text)
            .array();
    return new Http2Frame(GOAWAY, 0, 0, payload);
  }

  /** WINDOW_UPDATE. */
  public static Http2Frame windowUpdate(int stream, long increment) {
    return new Http2Frame(WINDOW_UPDATE, 0, stream, ints(increment));
  }

  private static byte[] ints(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES);
    for (long value : values) {
      bytes.putInt((int) value);
    }
    return bytes.array();
  }

  // On the wire

  /** Reads the next frame. */
  static Http2Frame read(InputStream in) throws IOException {
    var data = new DataInputStream(in);
    int first = data.read();
    if (first < 0) {
      throw new EOFException("the client closed");
    }
    int length = first << 16 | data.readUnsignedShort();
    int type = data.readUnsignedByte();
    int flags = data.readUnsignedByte();
    int stream = data.readInt() & STREAM_BITS;
    byte[] payload = new byte[length];
    data.readFully(payload);
    return new Http2Frame(type, flags, stream, payload);
  }

  /** The whole frame as it goes over the wire. */
  public byte[] bytes() {
    return bytes(payload.length);
  }

  /** The frame with another length in its head, up to 24 bits. */
  public byte[] bytes(int announced) {
    return ByteBuffer.allocate(HEAD + payload.length)
        .put((byte) (announced >> 16))
        .putShort((short) announced)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  // What it says

  /** Whether a flag is set. */
  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** Whether it ends the client's half of its stream. */
  boolean endsStream() {
    return (type == DATA || type == HEADERS) && has(END_STREAM);
  }

  /** Four bytes of the payload as a number: a code, an increment, a last stream. */
  long number(int offset) {
    return offset + Integer.BYTES <= payload.length
        ? ByteBuffer.wrap(payload).getInt(offset) & 0xffffffffL
        : 0;
  }

  /** The payload without padding, priority and the promised stream. */
  byte[] content() {
    int padding = (type == DATA || type == HEADERS) && has(PADDED) ? payload[0] & 0xff : -1;
    int start = (padding >= 0 ? 1 : 0) + (type == HEADERS && has(WITH_PRIORITY) ? 5 : 0);
    int length = payload.length - start - Math.max(0, padding);
    byte[] content = new byte[Math.max(0, length)];
    System.arraycopy(payload, start, content, 0, content.length);
    return content;
  }

  /** As a transcript shows it: {@code DATA 1 end-stream 5 bytes}. */
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    words.add(type < TYPES.size() ? TYPES.get(type) : String.format(Locale.ROOT, "0x%02x", type));
    words.add(Integer.toString(stream));
    addFlags(words);
    String what = what();
    if (!what.isEmpty()) {
      words.add(what);
    }
    return String.join(" ", words);
  }

  private void addFlags(List<String> words) {
    switch (type) {
      case SETTINGS, PING -> addFlag(words, ACK, "ack");
      case DATA, HEADERS, PUSH_PROMISE, CONTINUATION -> {
        if (type == DATA || type == HEADERS) {
          addFlag(words, END_STREAM, "end-stream");
        }
        addFlag(words, END_HEADERS, "end-headers");
        addFlag(words, PADDED, "padded");
      }
      default -> {}
    }
  }

  private void addFlag(List<String> words, int flag, String word) {
    if (has(flag)) {
      words.add(word);
    }
  }

  private String what() {
    return switch (type) {
      case HEADERS, CONTINUATION -> "";
      case RST_STREAM -> Http2Error.name(number(0));
      case SETTINGS ->
          payload.length % 6 == 0
              ? Http2Settings.parse(payload).toString()
              : payload.length + " bytes";
      case PUSH_PROMISE -> "of " + number(0);
      case GOAWAY -> goAwayText();
      case WINDOW_UPDATE -> "+" + number(0);
      case PING, PRIORITY -> "";
      default -> payload.length + " bytes";
    };
  }

  private String goAwayText() {
    int debug = Math.min(payload.length, 2 * Integer.BYTES);
    String text = new String(payload, debug, payload.length - debug, StandardCharsets.UTF_8);
    return Http2Error.name(number(Integer.BYTES))
        + " last "
        + number(0)
        + (text.isEmpty() ? "" : " \"" + text + "\"");
  }
}
