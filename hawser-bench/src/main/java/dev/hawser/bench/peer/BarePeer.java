package dev.hawser.bench.peer;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * No client at all: a blocking socket, a request in ready-made bytes and just enough parsing to
 * find the body's end. It is the floor, not a contestant: no deadlines, no limits, no redirects, no
 * header objects.
 */
final class BarePeer implements Peer.Blocking {
  private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);

  private final URI uri;
  private final boolean platform;
  private final ByteBuffer request;
  private final ConcurrentLinkedDeque<Line> idle = new ConcurrentLinkedDeque<>();

  BarePeer(Target target, boolean platform) {
    this.uri = target.uri();
    this.platform = platform;
    this.request = direct(head("GET", uri, ""));
  }

  private static String head(String method, URI uri, String fields) {
    return method
        + " "
        + uri.getRawPath()
        + " HTTP/1.1\r\nHost: "
        + uri.getAuthority()
        + "\r\n"
        + fields
        + "\r\n";
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  @Override
  public boolean onPlatformThreads() {
    return platform;
  }

  @Override
  public byte[] get() throws IOException {
    Line line = lease();
    line.send(request.duplicate());
    byte[] body = new byte[(int) line.readHead()];
    line.readBody(body);
    idle.push(line);
    return body;
  }

  @Override
  public long download(URI uri) throws IOException {
    Line line = lease();
    line.send(direct(head("GET", uri, "")));
    long length = line.readHead();
    line.skipBody(length);
    idle.push(line);
    return length;
  }

  @Override
  public int upload(URI uri, Path file) throws IOException {
    Line line = lease();
    try (FileChannel in = FileChannel.open(file)) {
      long length = in.size();
      line.send(direct(head("PUT", uri, "Content-Length: " + length + "\r\n")));
      for (long at = 0; at < length; ) {
        at += in.transferTo(at, length - at, line.channel);
      }
    }
    line.skipBody(line.readHead());
    idle.push(line);
    return line.status;
  }

  private Line lease() throws IOException {
    Line line = idle.poll();
    return line != null
        ? line
        : new Line(SocketChannel.open(new InetSocketAddress(uri.getHost(), uri.getPort())));
  }

  @Override
  public void close() throws IOException {
    for (Line line; (line = idle.poll()) != null; ) {
      line.channel.close();
    }
  }

  /** One connection and its buffer. */
  private static final class Line {
    final SocketChannel channel;
    final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024).limit(0);
    int status;

    Line(SocketChannel channel) throws IOException {
      this.channel = channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    void send(ByteBuffer out) throws IOException {
      while (out.hasRemaining()) {
        channel.write(out);
      }
    }

    /** Returns the body's length, the buffer standing at its first byte. */
    long readHead() throws IOException {
      int end;
      for (int from = in.position(); (end = endOfHead(from)) < 0; ) {
        from = Math.max(in.position(), in.limit() - 3);
        from -= fill();
      }
      int start = in.position();
      status =
          (in.get(start + 9) - '0') * 100
              + (in.get(start + 10) - '0') * 10
              + in.get(start + 11)
              - '0';
      if (status / 100 != 2) {
        throw new IOException("status " + status);
      }
      long length = length(start, end);
      in.position(end);
      return length;
    }

    private int endOfHead(int from) {
      for (int i = from, last = in.limit() - 3; i < last; i++) {
        if (in.get(i) == '\r' && in.get(i + 2) == '\r' && in.get(i + 3) == '\n') {
          return i + 4;
        }
      }
      return -1;
    }

    private long length(int start, int end) throws IOException {
      for (int i = start; i < end; i++) {
        if (in.get(i) == '\n' && matches(i + 1)) {
          long length = 0;
          for (int at = i + 1 + LENGTH.length; in.get(at) != '\r'; at++) {
            if (in.get(at) != ' ') {
              length = length * 10 + in.get(at) - '0';
            }
          }
          return length;
        }
      }
      throw new IOException("no Content-Length");
    }

    private boolean matches(int at) {
      for (int i = 0; i < LENGTH.length; i++) {
        if ((in.get(at + i) | 0x20) != (LENGTH[i] | 0x20)) {
          return false;
        }
      }
      return true;
    }

    void readBody(byte[] body) throws IOException {
      for (int at = 0; at < body.length; ) {
        if (!in.hasRemaining()) {
          fill();
        }
        int n = Math.min(in.remaining(), body.length - at);
        in.get(body, at, n);
        at += n;
      }
    }

    void skipBody(long length) throws IOException {
      for (long left = length; left > 0; ) {
        if (!in.hasRemaining()) {
          fill();
        }
        int n = (int) Math.min(in.remaining(), left);
        in.position(in.position() + n);
        left -= n;
      }
    }

    /**
     * Reads more behind what is there; returns by how much that moved towards the buffer's start.
     */
    private int fill() throws IOException {
      int moved = in.position();
      in.compact();
      int n = channel.read(in);
      in.flip();
      if (n <= 0) { // 0: a head larger than the buffer
        throw new EOFException("closed by the server");
      }
      return moved;
    }
  }
}
