package dev.hawser.bench.cascade;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A connection of this machine's with lines and bytes: all that RESP and HTTP/1.1 need. */
final class Wire implements AutoCloseable {
  private final Socket socket = new Socket();
  private final InputStream in;

  /**
   * Connects.
   *
   * @param readMillis how long a read may take; 0: for ever
   */
  Wire(int port, int connectMillis, int readMillis) throws IOException {
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), connectMillis);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(readMillis);
    in = new BufferedInputStream(socket.getInputStream());
  }

  void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Without its end. */
  String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the other side has closed the connection");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  byte[] bytes(int count) throws IOException {
    return in.readNBytes(count);
  }

  void skip(long count) throws IOException {
    in.skipNBytes(count);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
