package dev.hawser.pool;

import dev.hawser.io.Buffers;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A connection to nobody, always alive. */
final class Silent extends Transport {
  static Silent make(Watchdog watchdog) {
    try {
      return new Silent(SocketChannel.open(), watchdog);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that has a peer's address. */
  static Silent connected(Watchdog watchdog) {
    return connected(watchdog, InetAddress.getLoopbackAddress());
  }

  /** One whose peer is at this address, which is this machine's. */
  static Silent connected(Watchdog watchdog, InetAddress address) {
    try (var listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(address, 0));
      return new Silent(SocketChannel.open(listener.getLocalAddress()), watchdog);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Silent(SocketChannel channel, Watchdog watchdog) throws IOException {
    super(channel, watchdog, new Buffers(1));
  }

  @Override
  public int read(ByteBuffer target) {
    return -1;
  }

  @Override
  public void write(ByteBuffer source) {}

  @Override
  public void write(ByteBuffer[] sources) {}

  @Override
  public Liveness probe() {
    return Liveness.ALIVE;
  }

  @Override
  public boolean pending() {
    return false;
  }

  @Override
  public boolean endedCleanly() {
    return true;
  }
}
