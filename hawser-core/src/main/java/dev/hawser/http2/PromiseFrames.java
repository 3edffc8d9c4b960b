package dev.hawser.http2;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * PUSH_PROMISE: holds it against RFC 9113 6.6 and 8.4, and offers what is promised to whoever sent
 * the request with which it comes. What nobody may want is refused, and its fields are decoded all
 * the same, for the table's sake. Reader only.
 */
final class PromiseFrames {
  private final Http2Connection connection;
  private final Floods floods;

  PromiseFrames(Http2Connection connection, Floods floods) {
    this.connection = connection;
    this.floods = floods;
  }

  /** One has come, on a stream for another; its fields follow. */
  void check(int stream, int promised) throws ConnectionError {
    floods.count("PUSH_PROMISE frames"); // given back for what is accepted and then comes
    synchronized (connection.lock) {
      Streams streams = connection.streams();
      if (!streams.pushes.allowed()) {
        throw error("a PUSH_PROMISE, though push is switched off");
      }
      if ((stream & 1) == 0 || streams.isIdle(stream)) {
        throw error("a PUSH_PROMISE on stream " + stream + ", which is none of a request");
      }
      Http2Stream initiating = streams.table.find(stream);
      boolean open =
          initiating == null
              ? streams.resets.mayHave(stream)
              : initiating.state != Http2Stream.State.HALF_CLOSED_REMOTE;
      if (!open) {
        throw error("a PUSH_PROMISE on a stream that it has ended");
      }
      if (!streams.pushes.promised(promised)) {
        throw error("a PUSH_PROMISE of stream " + promised);
      }
    }
  }

  private static ConnectionError error(String what) {
    return new ConnectionError(ErrorCode.PROTOCOL_ERROR, what);
  }

  /**
   * The fields have been decoded.
   *
   * @param fits whether they are within the limit
   */
  void complete(int stream, int promised, PromiseRules rules, boolean fits) {
    Http2Stream.PushTaker taker = taker(stream);
    if (taker == null || !fits) {
      refuse(promised, ErrorCode.REFUSED_STREAM);
      return;
    }
    URI target = rules.fault() == null ? rules.target(taker.origin()) : null;
    if (target == null) {
      refuse(promised, ErrorCode.PROTOCOL_ERROR);
      return;
    }
    Http2Stream reserved = reserve(promised, rules.method().equals("HEAD"));
    if (reserved == null) {
      refuse(promised, ErrorCode.REFUSED_STREAM);
      return;
    }
    taker
        .progress()
        .promised(new PushedStream(connection, reserved, rules.method(), target, rules.headers()));
  }

  /** Who takes what is pushed with this stream; null: nobody does, or it has been reset. */
  private Http2Stream.@Nullable PushTaker taker(int stream) {
    synchronized (connection.lock) {
      Http2Stream initiating = connection.streams().table.find(stream);
      return initiating == null ? null : initiating.pushTaker;
    }
  }

  private void refuse(int promised, ErrorCode code) {
    synchronized (connection.lock) {
      connection.out.reset(promised, code);
      connection.streams().pushes.resets.remember(promised);
    }
    connection.flush();
  }

  /** Returns null if there are too many. */
  private @Nullable Http2Stream reserve(int promised, boolean toHead) {
    Http2Stream stream = connection.newStream();
    stream.toHead = toHead;
    synchronized (connection.lock) {
      if (connection.streams().pushes.full()) {
        return null;
      }
      connection.streams().reserve(stream, promised);
    }
    return stream;
  }

  /** What was promised comes: a server that keeps its word may go on promising. */
  void kept(int status) {
    if (status >= 200) {
      floods.expect(1);
    }
  }
}
