package dev.hawser.pool;

import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Target;
import dev.hawser.io.Buffers;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Connections over loopback to a server that reads, and closes when the client does or the test
 * says so.
 */
final class Loopback implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
  private final Map<Integer, Socket> accepted = new ConcurrentHashMap<>(); // by the client's port
  final Buffers buffers = new Buffers(1 << 26);

  Loopback() throws IOException {
    Thread.ofVirtual().start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        accepted.put(socket.getPort(), socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      while (socket.getInputStream().read() >= 0) {
        // passed over
      }
    } catch (IOException e) {
      // closed
    } finally {
      accepted.remove(socket.getPort(), socket);
    }
  }

  @SuppressWarnings("UnusedVariable") // as a Pool.Dialer
  Connected connect(Target target, Set<InetAddress> taken, Attempt attempt, Watchdog watchdog) {
    try {
      var address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort());
      return new Connected(
          new PlainTransport(SocketChannel.open(address), watchdog, buffers), null, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The server closes its side of this connection, if it knows of it. */
  void closeTheServersSide(Connection connection) throws IOException {
    Socket socket = accepted.get(connection.transport().localAddress().getPort());
    if (socket != null) {
      socket.close();
    }
  }

  /** How many connections the server has. */
  int open() {
    return accepted.size();
  }

  static long descriptors() throws IOException {
    try (var all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : accepted.values()) {
      socket.close();
    }
  }
}
