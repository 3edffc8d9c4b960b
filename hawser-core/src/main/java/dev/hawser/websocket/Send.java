package dev.hawser.websocket;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One thing to be sent: a part of a message, or a control frame. Its payload is taken in fragments,
 * between which others may go.
 */
abstract sealed class Send {
  private final int opcode;
  private final @Nullable SendFuture<WebSocket> future;

  /**
   * Describes a send.
   *
   * @param future of the caller; null for what is sent of our own accord
   */
  private Send(int opcode, @Nullable SendFuture<WebSocket> future) {
    this.opcode = opcode;
    this.future = future;
  }

  final int opcode() {
    return opcode;
  }

  final @Nullable SendFuture<WebSocket> future() {
    return future;
  }

  final boolean control() {
    return Opcode.isControl(opcode);
  }

  /** Whether it ends its message. */
  abstract boolean last();

  /** How many bytes are left, at most. */
  abstract long size();

  /** The next fragment. There is one, be it empty; then while {@link #size} is positive. */
  abstract ByteBuffer next();

  /** Text, encoded as it is sent. */
  static final class Text extends Send {
    private static final int FRAGMENT = 64 * 1024; // chars

    private final CharSequence text;
    private final boolean last;
    private int position;

    Text(CharSequence text, boolean last, SendFuture<WebSocket> future) {
      super(Opcode.TEXT, future);
      this.text = text;
      this.last = last;
    }

    @Override
    boolean last() {
      return last;
    }

    @Override
    long size() {
      return 3L * (text.length() - position);
    }

    @Override
    ByteBuffer next() {
      int end = Math.min(text.length(), position + FRAGMENT);
      if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
        end--;
      }
      String fragment = text.subSequence(position, end).toString();
      position = end;
      return ByteBuffer.wrap(fragment.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Bytes of the caller's buffer, which is used up as they are sent. */
  static final class Binary extends Send {
    private static final int FRAGMENT = 1024 * 1024; // a pong need not wait for more

    private final ByteBuffer data;
    private final boolean last;

    Binary(ByteBuffer data, boolean last, SendFuture<WebSocket> future) {
      super(Opcode.BINARY, future);
      this.data = data;
      this.last = last;
    }

    @Override
    boolean last() {
      return last;
    }

    @Override
    long size() {
      return data.remaining();
    }

    @Override
    ByteBuffer next() {
      int count = Math.min(data.remaining(), FRAGMENT);
      ByteBuffer fragment = data.slice(data.position(), count);
      data.position(data.position() + count);
      return fragment;
    }
  }

  /** A control frame. */
  static final class Control extends Send {
    private final ByteBuffer payload;

    Control(int opcode, ByteBuffer payload, @Nullable SendFuture<WebSocket> future) {
      super(opcode, future);
      this.payload = payload;
    }

    @Override
    boolean last() {
      return true;
    }

    @Override
    long size() {
      return payload.remaining();
    }

    @Override
    ByteBuffer next() {
      return payload;
    }
  }
}
