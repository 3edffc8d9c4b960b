package dev.hawser.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;

/** TCP as it is. */
public final class PlainTransport extends Transport {
  public PlainTransport(SocketChannel channel, Watchdog watchdog, Buffers buffers)
      throws IOException {
    super(channel, watchdog, buffers);
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    return channel.read(target);
  }

  @Override
  public void write(ByteBuffer source) throws IOException {
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  @Override
  public void write(ByteBuffer[] sources) throws IOException {
    int first = 0;
    while (first < sources.length) {
      channel.write(sources, first, sources.length - first);
      while (first < sources.length && !sources[first].hasRemaining()) {
        first++;
      }
    }
  }

  /**
   * By the kernel alone (sendfile) while the socket takes it; bytes by way of the heap where it is
   * full, since they can wait, and first of all: not before a virtual thread's own write does the
   * JDK make the descriptor non-blocking, and until then transferTo holds its carrier.
   */
  @Override
  public long write(FileChannel source, long position, long count) throws IOException {
    long sent = position == 0 ? 0 : source.transferTo(position, count, channel);
    return sent > 0 ? sent : super.write(source, position, count);
  }

  @Override
  public boolean pending() {
    return false;
  }

  @Override
  public Liveness probe() {
    return probe(channel, input().spareByte());
  }

  /**
   * One non-blocking read. Switching the mode costs no system call: the JDK has made the descriptor
   * non-blocking when a virtual thread connected it.
   */
  public static Liveness probe(SocketChannel channel, ByteBuffer target) {
    try {
      channel.configureBlocking(false);
      int count;
      try {
        count = channel.read(target);
      } finally {
        channel.configureBlocking(true);
      }
      return count == 0 ? Liveness.ALIVE : count < 0 ? Liveness.CLOSED : Liveness.UNSOLICITED;
    } catch (IOException e) {
      return Liveness.CLOSED;
    }
  }

  @Override
  public boolean endedCleanly() {
    return true; // a FIN is all that TCP has
  }
}
