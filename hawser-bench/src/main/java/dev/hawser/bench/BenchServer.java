package dev.hawser.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * As little of a server as the comparison needs: where no nginx is installed, and for uploads
 * always, since nginx can only store a body or pass it on. Runs as a process of its own on the
 * server's core.
 *
 * <p>{@code GET /small} gives 64 bytes, {@code GET /big} as many as said at the start, {@code PUT
 * /upload} reads and forgets a body of known length, {@code GET /status} counts connections and
 * requests in the words of nginx's stub_status.
 */
final class BenchServer {
  private static final int PAYLOAD = 1024 * 1024;

  private final long bigSize;
  private final ByteBuffer small = ascii(head(200, 64) + "x".repeat(64));
  private final ByteBuffer zeros = ByteBuffer.allocateDirect(PAYLOAD);
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  private BenchServer(long bigSize) {
    this.bigSize = bigSize;
  }

  /** Arguments: port, size of the big answer. Ends when its standard input does. */
  public static void main(String[] args) throws IOException {
    BenchServer server = new BenchServer(Long.parseLong(args[1]));
    Thread.ofPlatform().daemon().start(BenchServer::endWithParent);
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])), 1024);
      while (true) {
        SocketChannel channel = listener.accept();
        server.connections.incrementAndGet();
        Thread.ofVirtual().start(() -> server.serve(channel));
      }
    }
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // as good as its end
    }
    Runtime.getRuntime().halt(0);
  }

  private void serve(SocketChannel channel) {
    try (channel) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024).limit(0);
      while (true) {
        String head = readHead(channel, in);
        requests.incrementAndGet();
        answer(channel, in, head);
      }
    } catch (IOException e) {
      // the client is gone
    }
  }

  private static String readHead(SocketChannel channel, ByteBuffer in) throws IOException {
    int end;
    while ((end = endOfHead(in)) < 0) {
      in.compact();
      int n = channel.read(in);
      in.flip();
      if (n <= 0) {
        throw new EOFException();
      }
    }
    byte[] head = new byte[end - in.position()];
    in.get(head);
    return new String(head, StandardCharsets.ISO_8859_1);
  }

  private static int endOfHead(ByteBuffer in) {
    for (int i = in.position() + 3; i < in.limit(); i++) {
      if (in.get(i) == '\n' && in.get(i - 2) == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  private void answer(SocketChannel channel, ByteBuffer in, String head) throws IOException {
    if (head.startsWith("GET /small")) {
      write(channel, small.duplicate());
    } else if (head.startsWith("GET /big")) {
      write(channel, ascii(head(200, bigSize)));
      for (long left = bigSize; left > 0; ) {
        ByteBuffer part = zeros.duplicate().limit((int) Math.min(left, PAYLOAD));
        left -= part.remaining();
        write(channel, part);
      }
    } else if (head.startsWith("PUT /upload")) {
      forget(channel, in, contentLength(head));
      write(channel, ascii(head(200, 0)));
    } else if (head.startsWith("GET /status")) {
      long accepts = connections.get();
      String text =
          "accepts handled requests\n %d %d %d \n".formatted(accepts, accepts, requests.get());
      write(channel, ascii(head(200, text.length()) + text));
    } else {
      write(channel, ascii(head(404, 0)));
    }
  }

  private static long contentLength(String head) throws IOException {
    String name = "\r\ncontent-length:";
    int at = head.toLowerCase(Locale.ROOT).indexOf(name);
    if (at < 0) {
      throw new IOException("only bodies of known length");
    }
    return Long.parseLong(head.substring(at + name.length(), head.indexOf('\r', at + 2)).strip());
  }

  private static void forget(SocketChannel channel, ByteBuffer in, long length) throws IOException {
    for (long left = length - in.remaining(); left > 0; ) {
      int n = channel.read(in.clear());
      if (n < 0) {
        throw new EOFException();
      }
      left -= n;
    }
    in.clear().limit(0);
  }

  private static void write(SocketChannel channel, ByteBuffer out) throws IOException {
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  private static String head(int status, long length) {
    return "HTTP/1.1 "
        + status
        + (status == 200 ? " OK" : " Not Found")
        + "\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: "
        + length
        + "\r\n\r\n";
  }

  private static ByteBuffer ascii(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
