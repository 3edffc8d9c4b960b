package dev.hawser.http2;

import dev.hawser.CloseReason;
import dev.hawser.http2.Http2Stream.State;
import dev.hawser.wire.NotProcessedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a connection: opens them, sends their bodies, and moves them from state to state.
 * What is here is guarded by the connection's lock, which the methods take unless they say so.
 */
final class Streams {
  /** Requests that a writer who is stuck has not taken: beyond it there are no more. */
  private static final int MOST_WAITING = 1024 * 1024;

  private final Http2Connection connection;
  private final Object lock;
  private final Outgoing out;
  private final PeerSettings peer;
  private final WindowSizer sizer;
  private final Deadlines deadlines;

  final StreamTable table = new StreamTable();
  final Resets resets = new Resets(); // of our own streams
  final Pushes pushes = new Pushes();
  final Sending sending;
  private final HpackEncoder encoder = new HpackEncoder();
  private final Block block = new Block();
  private long nextId; // beyond 2^31-1 when all are used

  Streams(
      Http2Connection connection,
      Outgoing out,
      PeerSettings peer,
      WindowSizer sizer,
      Deadlines deadlines,
      int firstId) {
    this.connection = connection;
    this.lock = connection.lock;
    this.out = out;
    this.peer = peer;
    this.sizer = sizer;
    this.deadlines = deadlines;
    this.sending = new Sending(out);
    this.nextId = firstId;
  }

  // ---- by exchanges

  /**
   * Opens a stream and sends its fields.
   *
   * @param end whether there is no body
   * @param body the whole body, to go out with the fields if it can; it is consumed then
   */
  void open(Http2Stream stream, RequestFields fields, boolean end, @Nullable ByteBuffer body)
      throws IOException {
    try {
      openUnlessRetired(stream, fields, end, body);
    } catch (NotProcessedException e) {
      connection.tellIfRetired();
      throw e;
    }
  }

  private void openUnlessRetired(
      Http2Stream stream, RequestFields fields, boolean end, @Nullable ByteBuffer body)
      throws IOException {
    boolean wakes;
    boolean usedUp;
    synchronized (lock) {
      checkOpen(stream);
      if (stream.pushTaker != null && pushes.allow()) {
        out.settings(PeerSettings.pushes());
        deadlines.settingsSent();
      }
      stream.opened((int) nextId, out.batch());
      stream.sendWindow = peer.initialWindow();
      block.clear();
      fields.encode(encoder, block);
      boolean whole = body != null && sending.fits(stream, body.remaining(), peer.maxFrameSize());
      out.headers(stream.id(), block, end, peer.maxFrameSize());
      if (body != null && whole) {
        sending.whole(stream, body);
      }
      stream.state = end || whole ? State.HALF_CLOSED_LOCAL : State.OPEN;
      if (table.size() == 0) {
        deadlines.busy();
      }
      table.add(stream);
      nextId += 2;
      usedUp = nextId > Integer.MAX_VALUE;
      wakes = out.wakesWriter();
    }
    if (wakes) {
      connection.wakeWriter();
    }
    connection.noticed(stream.deadline());
    if (usedUp) {
      connection.retire(CloseReason.NOT_PERSISTENT);
    }
  }

  /** Under the lock. */
  private void checkOpen(Http2Stream stream) throws IOException {
    if (stream.state != State.IDLE) {
      throw new IOException("cancelled");
    }
    connection.checkTakes();
    if (table.size() - pushes.live() >= peer.maxConcurrentStreams()) {
      throw new NotProcessedException(
          "the server allows %d requests at once".formatted(peer.maxConcurrentStreams()), false);
    }
    if (out.length() > MOST_WAITING) {
      throw new NotProcessedException("the server does not read", false);
    }
  }

  /** Sends some of a body, at least a byte; false when the peer wants no more. Blocks. */
  boolean send(Http2Stream stream, ByteBuffer source) throws IOException {
    while (true) {
      boolean wakes;
      synchronized (lock) {
        if (stream.unwanted || !stream.state.sends()) {
          return false;
        }
        int count = sending.data(stream, source, peer.maxFrameSize());
        wakes = count > 0 && out.wakesWriter();
        if (count > 0 && !wakes) {
          return true;
        }
      }
      if (wakes) {
        connection.wakeWriter();
        return true;
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        throw new InterruptedIOException("interrupted while sending a body");
      }
    }
  }

  /** Ends a body; false when nobody wants to know. */
  boolean sendEnd(Http2Stream stream) {
    boolean ends;
    synchronized (lock) {
      ends = !stream.unwanted && stream.state.sends();
      if (ends) {
        out.data(stream.id(), ByteBuffer.allocate(0), 0, true);
        if (stream.state == State.OPEN) {
          stream.state = State.HALF_CLOSED_LOCAL;
        } else {
          close(stream);
        }
      }
    }
    connection.flush();
    connection.closeIfOver();
    return ends;
  }

  /** Nobody wants the stream any more, on this side: RST_STREAM if it is under way. */
  void reset(Http2Stream stream, ErrorCode code) {
    synchronized (lock) {
      if (stream.state == State.IDLE) {
        stream.state = State.CLOSED;
        return;
      }
      if (stream.state == State.CLOSED) {
        return;
      }
      out.reset(stream.id(), code);
      resets(stream.id()).remember(stream.id());
      close(stream);
    }
    connection.flush();
    connection.closeIfOver();
  }

  /** Some of a response's body has been taken. */
  void consumed(Http2Stream stream) {
    int increment = stream.windowUpdate(sizer.window());
    if (increment > 0) {
      synchronized (lock) {
        if (stream.state == State.OPEN || stream.state == State.HALF_CLOSED_LOCAL) {
          out.windowUpdate(stream.id(), increment);
        }
      }
      connection.flush();
    }
  }

  // ---- by the reader

  @Nullable Http2Stream find(int id) {
    synchronized (lock) {
      return table.find(id);
    }
  }

  /** Whether the stream has not been opened, so that nothing may come on it. Under the lock. */
  boolean isIdle(int id) {
    return (id & 1) == 0 ? id > pushes.last() : id >= nextId;
  }

  /** Under the lock: the streams that we have reset, of those that the same side has opened. */
  Resets resets(int id) {
    return (id & 1) == 0 ? pushes.resets : resets;
  }

  /** Under the lock: the peer is going to push on a stream. */
  void reserve(Http2Stream stream, int id) {
    stream.opened(id, 0);
    stream.state = State.RESERVED_REMOTE;
    table.add(stream);
    pushes.reserved();
  }

  /** The peer begins to push. */
  void begun(Http2Stream stream) {
    synchronized (lock) {
      if (stream.state == State.RESERVED_REMOTE) {
        stream.state = State.HALF_CLOSED_LOCAL;
      }
    }
  }

  /** The peer has ended its half. */
  void ended(Http2Stream stream) {
    synchronized (lock) {
      if (stream.state == State.HALF_CLOSED_LOCAL) {
        close(stream);
      } else if (stream.state == State.OPEN) {
        stream.state = State.HALF_CLOSED_REMOTE;
      }
    }
    connection.closeIfOver();
  }

  /** The peer wants no more of the request's body. */
  void unwanted(Http2Stream stream) {
    synchronized (lock) {
      stream.unwanted = true;
      sending.wake(stream);
    }
  }

  /** The peer has reset the stream. */
  void resetByPeer(Http2Stream stream) {
    synchronized (lock) {
      close(stream);
    }
    connection.closeIfOver();
  }

  // ---- under the lock

  /** Under the lock: it is over both ways. */
  void close(Http2Stream stream) {
    if (stream.state != State.CLOSED) {
      stream.state = State.CLOSED;
      table.remove(stream);
      if (stream.isPushed()) {
        pushes.ended();
      }
      sending.wake(stream);
    }
  }

  /** Under the lock: the peer's settings have changed. */
  void settingsChanged(int initialWindowBefore) throws ConnectionError {
    encoder.maxTableSize(peer.headerTableSize());
    int change = peer.initialWindow() - initialWindowBefore;
    if (change != 0) {
      resize(change);
    }
  }

  /** Windows may go below 0 (RFC 9113 6.9.2). */
  private void resize(int change) throws ConnectionError {
    var overflown = new ArrayList<Http2Stream>();
    table.forEach(
        stream -> {
          if (!sending.enlarge(stream, change)) {
            overflown.add(stream);
          }
        });
    if (!overflown.isEmpty()) {
      throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "SETTINGS_INITIAL_WINDOW_SIZE that makes a window larger than 2^31-1");
    }
  }
}
