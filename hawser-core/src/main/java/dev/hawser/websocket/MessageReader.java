package dev.hawser.websocket;

import dev.hawser.WebSocketOptions;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes messages of frames, and parts of messages where they are long: checks what concerns frames
 * together (RFC 6455 5.4), decompresses, decodes text. One thread.
 */
final class MessageReader {
  /** Is given what comes, one call for each {@link #receive}. */
  interface Receiver {
    void text(String part, boolean last);

    void binary(ByteBuffer part, boolean last);

    void ping(byte[] payload);

    void pong(byte[] payload);

    void close(int code, String reason);
  }

  /** A frame up to here comes in one part; larger ones as they come. */
  private static final int PART = 64 * 1024;

  private static final int INFLATED_PART = 16 * 1024;
  private static final int RSV1 = 0x40;
  private static final byte[] NOTHING = {};

  private final FrameReader frames;
  private final WebSocketOptions options;
  private final @Nullable Inflation inflation;
  private final Utf8 utf8 = new Utf8();
  private final byte[] inflated;
  private byte[] deflated = NOTHING;

  // The message under way.
  private boolean within; // a message has begun
  private boolean text;
  private boolean compressed;
  private long size; // as far as it was delivered
  private boolean inFrame; // its present frame has not been used up
  private boolean tailGiven;

  /**
   * Makes a reader.
   *
   * @param agreed null for no compression
   */
  MessageReader(FrameReader frames, WebSocketOptions options, @Nullable Deflate agreed) {
    this.frames = frames;
    this.options = options;
    this.inflation = agreed == null ? null : new Inflation(agreed);
    this.inflated = agreed == null ? NOTHING : new byte[INFLATED_PART];
  }

  /** Frees what the reader holds. */
  void release() {
    frames.release();
    if (inflation != null) {
      inflation.end();
    }
  }

  /**
   * Waits for something to deliver and delivers it; false at the end of the stream.
   *
   * @throws Violation if the server breaks the protocol or exceeds a limit
   * @throws IOException if the stream fails, or ends in the middle of a message
   */
  boolean receive(Receiver to) throws IOException {
    while (true) {
      if (inFrame) {
        if (deliverData(to)) {
          return true;
        }
      } else if (!frames.next()) {
        if (within) {
          throw new EOFException("the server closed the connection in the middle of a message");
        }
        return false;
      } else if (Opcode.isControl(frames.opcode())) {
        deliverControl(to);
        return true;
      } else {
        beginFrame();
      }
    }
  }

  private void deliverControl(Receiver to) throws IOException {
    if (frames.reserved() != 0) {
      throw Violation.protocol("a control frame with a reserved bit set");
    }
    byte[] payload = frames.payload();
    switch (frames.opcode()) {
      case Opcode.PING -> to.ping(payload);
      case Opcode.PONG -> to.pong(payload);
      default -> deliverClose(ByteBuffer.wrap(payload), to);
    }
  }

  private static void deliverClose(ByteBuffer payload, Receiver to) throws Violation {
    if (!payload.hasRemaining()) {
      to.close(CloseCodes.NO_STATUS, "");
      return;
    }
    if (payload.remaining() == 1) {
      throw Violation.protocol("half a close code");
    }
    int code = payload.getChar();
    if (!CloseCodes.mayReceive(code)) {
      throw Violation.protocol("the close code " + code + ", which must not be sent");
    }
    String reason;
    try {
      reason = StandardCharsets.UTF_8.newDecoder().decode(payload).toString();
    } catch (CharacterCodingException e) {
      throw Violation.data("a close reason that is not UTF-8");
    }
    to.close(code, reason);
  }

  private void beginFrame() throws Violation {
    boolean continuation = frames.opcode() == Opcode.CONTINUATION;
    if (continuation != within) {
      throw Violation.protocol(
          continuation ? "a continuation of no message" : "a new message in the middle of another");
    }
    boolean mayBeCompressed = inflation != null && !continuation;
    if ((frames.reserved() & ~(mayBeCompressed ? RSV1 : 0)) != 0) {
      throw Violation.protocol("a frame with a reserved bit set");
    }
    if (!continuation) {
      within = true;
      text = frames.opcode() == Opcode.TEXT;
      compressed = frames.reserved() != 0;
      size = 0;
      tailGiven = false;
    }
    inFrame = true;
  }

  /** Delivers a part, if what has come makes one. */
  private boolean deliverData(Receiver to) throws IOException {
    return compressed && inflation != null ? deliverInflated(inflation, to) : deliverPlain(to);
  }

  private boolean deliverPlain(Receiver to) throws IOException {
    long left = frames.left();
    count(left);
    byte[] part = new byte[(int) Math.min(left, PART)];
    int count = part.length;
    if (left <= PART) {
      frames.read(part, count);
    } else {
      count = frames.readSome(part, 0, count);
      size -= left - count; // what is still to come
    }
    inFrame = frames.left() > 0;
    return deliver(part, count, !inFrame && frames.fin(), to);
  }

  private boolean deliverInflated(Inflation from, Receiver to) throws IOException {
    int filled = 0;
    boolean last = false;
    while (filled < inflated.length && inFrame) {
      int got = from.inflate(inflated, filled);
      filled += got;
      count(got);
      if (size > options.maxInflated()) {
        throw Violation.tooBig("a compressed message", "maxInflated", options.maxInflated());
      }
      if (got > 0) {
        continue;
      }
      if (frames.left() > 0) {
        giveMore(from);
      } else if (!frames.fin()) {
        inFrame = false;
      } else if (!tailGiven) {
        from.giveTail();
        tailGiven = true;
      } else {
        from.messageEnded();
        inFrame = false;
        last = true;
      }
    }
    byte[] part = text ? inflated : Arrays.copyOf(inflated, filled);
    return deliver(part, filled, last, to);
  }

  private void giveMore(Inflation to) throws IOException {
    int wanted = (int) Math.min(frames.left(), INFLATED_PART);
    if (deflated.length < wanted) {
      deflated = new byte[wanted];
    }
    to.give(deflated, frames.readSome(deflated, 0, wanted));
  }

  private void count(long more) throws Violation {
    size += more;
    if (size > options.maxMessage() || size < 0) {
      throw Violation.tooBig("a message", "maxMessage", options.maxMessage());
    }
  }

  /** Nothing is delivered of a part that is empty and not the last. */
  private boolean deliver(byte[] part, int count, boolean last, Receiver to) throws Violation {
    within = !last;
    if (text) {
      String decoded = utf8.decode(part, count, last);
      if (decoded.isEmpty() && !last) {
        return false;
      }
      to.text(decoded, last);
      return true;
    }
    if (count == 0 && !last) {
      return false;
    }
    to.binary(ByteBuffer.wrap(part, 0, count), last);
    return true;
  }
}
