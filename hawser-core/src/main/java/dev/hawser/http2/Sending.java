package dev.hawser.http2;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;

/**
 * The bodies of requests: how much of each may go out, by the peer's windows and so that no stream
 * holds up another. Guarded by the connection's lock.
 *
 * <p>Each stream adds no more than a quantum to a batch, and all together no more than {@link
 * #GATHERED}: who has no room waits for the next batch, in line. So a large upload fills what
 * others leave, and a small request is behind one batch of it at most.
 */
final class Sending {
  private static final int QUANTUM = 64 * 1024;
  private static final int GATHERED = 256 * 1024;

  private final Outgoing out;
  private final ArrayDeque<Http2Stream> line =
      new ArrayDeque<>(); // wait for a batch, or the window
  private int window = Frames.DEFAULT_WINDOW; // of the connection
  private int frames; // of DATA, since somebody asked

  Sending(Outgoing out) {
    this.out = out;
  }

  /** Whether so small a body can go out at once, and as a whole. */
  boolean fits(Http2Stream stream, int count, int maxFrameSize) {
    return count <= Math.min(Math.min(window, stream.sendWindow), maxFrameSize)
        && out.length() <= GATHERED;
  }

  /** Adds DATA; or none, and then the thread is woken when there may be room. Returns how much. */
  int data(Http2Stream stream, ByteBuffer source, int maxFrameSize) {
    if (stream.batch != out.batch()) {
      stream.batch = out.batch();
      stream.queued = 0;
    }
    int count = Math.min(Math.min(source.remaining(), maxFrameSize), stream.sendWindow);
    if (count <= 0) {
      stream.sender = Thread.currentThread(); // its own window wakes it
      return 0;
    }
    int room = Math.min(QUANTUM - stream.queued, GATHERED - out.length());
    count = Math.min(Math.min(count, window), room);
    if (count <= 0) {
      if (!stream.inLine) {
        stream.inLine = true;
        line.add(stream);
      }
      stream.sender = Thread.currentThread();
      return 0;
    }
    out.data(stream.id(), source, count, false);
    sent(stream, count);
    return count;
  }

  /** Adds a whole body, which {@link #fits}. */
  void whole(Http2Stream stream, ByteBuffer source) {
    int count = source.remaining();
    out.data(stream.id(), source, count, true);
    sent(stream, count);
  }

  private void sent(Http2Stream stream, int count) {
    frames++;
    stream.queued += count;
    stream.sendWindow -= count;
    window -= count;
  }

  /** How many DATA frames have gone out since this was asked last. */
  int takeFrames() {
    int taken = frames;
    frames = 0;
    return taken;
  }

  /** The peer takes more; false if that is more than there can be. */
  boolean enlarge(int increment) {
    long larger = (long) window + increment;
    if (larger > Integer.MAX_VALUE) {
      return false;
    }
    window = (int) larger;
    wakeLine();
    return true;
  }

  /** The same of a stream; its increment is negative when settings have shrunk the window. */
  boolean enlarge(Http2Stream stream, int increment) {
    long larger = (long) stream.sendWindow + increment;
    if (larger > Integer.MAX_VALUE) {
      return false;
    }
    stream.sendWindow = (int) larger;
    wake(stream);
    return true;
  }

  /** A new batch begins, or the connection's window has grown. */
  void wakeLine() {
    for (Http2Stream first = line.poll(); first != null; first = line.poll()) {
      first.inLine = false;
      wake(first);
    }
  }

  /** Something has changed for the stream. */
  void wake(Http2Stream stream) {
    Thread sender = stream.sender;
    if (sender != null) {
      stream.sender = null;
      LockSupport.unpark(sender);
    }
  }
}
