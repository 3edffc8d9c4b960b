package dev.hawser.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/**
 * A long path to a server on this machine: what goes in comes out later, at a limited rate. A relay
 * rather than the kernel's netem, which takes root and a module that many machines have not.
 *
 * <p>It has room for what is under way in a round trip, and takes no more when that is used. TCP
 * sees a short path at either end, so what is measured is the window that the client gives the
 * server, not the kernel's congestion control.
 */
final class LongPath {
  private static final long ROUND_TRIP_NANOS = 50_000_000;
  private static final double BYTES_PER_NANO = 0.125; // 1 Gbit/s
  private static final int ROOM = (int) (ROUND_TRIP_NANOS * BYTES_PER_NANO);
  private static final int CHUNK = 32 * 1024;
  private static final int SOCKET_BUFFER = 64 * 1024; // little is kept outside of the path

  static final String ABOUT = "a path of 50 ms round trip and 125 MB/s, one a connection";

  private final int serverPort;

  private LongPath(int serverPort) {
    this.serverPort = serverPort;
  }

  /** What comes out at an instant; nothing: the end. */
  private static final class Chunk {
    final byte[] bytes;
    final long due;

    Chunk(byte[] bytes, long due) {
      this.bytes = bytes;
      this.due = due;
    }
  }

  /** Leads to a port of this machine until the process ends; returns where it begins. */
  static int open(int serverPort) throws IOException {
    var listener = new ServerSocket();
    listener.setReceiveBufferSize(SOCKET_BUFFER);
    listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    var path = new LongPath(serverPort);
    start(() -> path.accept(listener));
    return listener.getLocalPort();
  }

  private void accept(ServerSocket listener) throws IOException {
    while (true) {
      Socket client = listener.accept();
      var server = new Socket();
      server.setReceiveBufferSize(SOCKET_BUFFER);
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort));
      lead(client, server);
      lead(server, client);
    }
  }

  private static void lead(Socket from, Socket to) throws IOException {
    to.setTcpNoDelay(true);
    to.setSendBufferSize(SOCKET_BUFFER);
    var room = new Semaphore(ROOM);
    BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>();
    start(() -> enter(from, room, underWay));
    start(() -> leave(to, room, underWay));
  }

  private static void enter(Socket from, Semaphore room, BlockingQueue<Chunk> underWay)
      throws IOException, InterruptedException {
    byte[] buffer = new byte[CHUNK];
    long free = System.nanoTime(); // when the link has sent what came before
    InputStream in = from.getInputStream();
    for (int count; (count = in.read(buffer)) >= 0; ) {
      room.acquire(count);
      byte[] bytes = Arrays.copyOf(buffer, count);
      free = Math.max(free, System.nanoTime()) + (long) (count / BYTES_PER_NANO);
      underWay.add(new Chunk(bytes, free + ROUND_TRIP_NANOS / 2));
    }
    underWay.add(new Chunk(new byte[0], free + ROUND_TRIP_NANOS / 2));
  }

  private static void leave(Socket to, Semaphore room, BlockingQueue<Chunk> underWay)
      throws IOException, InterruptedException {
    OutputStream out = to.getOutputStream();
    while (true) {
      Chunk chunk = underWay.take();
      for (long left; (left = chunk.due - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(left);
      }
      if (chunk.bytes.length == 0) {
        to.shutdownOutput();
        return;
      }
      out.write(chunk.bytes);
      room.release(chunk.bytes.length);
    }
  }

  private interface Step {
    void run() throws IOException, InterruptedException;
  }

  private static void start(Step step) {
    Thread.ofPlatform()
        .daemon()
        .name("path")
        .start(
            () -> {
              try {
                step.run();
              } catch (IOException | InterruptedException e) {
                // One of the two has gone.
              }
            });
  }
}
