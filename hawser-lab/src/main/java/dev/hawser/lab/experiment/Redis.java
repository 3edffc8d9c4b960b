package dev.hawser.lab.experiment;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A connection to a Redis, by its own protocol (RESP 2), as far as is needed here. Of one user. */
final class Redis implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MOST = 1 << 20; // bytes of an answer

  private final Socket socket = new Socket();
  private final InputStream in;

  /** Connects to one on this machine. */
  Redis(int port) throws IOException {
    int patience = (int) PATIENCE.toMillis();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(patience);
    try {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), patience);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** What it answers: a status, a number as text, or a string, which is empty if there is none. */
  String call(String... command) throws IOException {
    var request = new StringBuilder().append('*').append(command.length).append("\r\n");
    for (String word : command) {
      int length = word.getBytes(StandardCharsets.UTF_8).length;
      request.append('$').append(length).append("\r\n").append(word).append("\r\n");
    }
    socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
    String line = line();
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+', ':' -> line.substring(1);
      case '$' -> string(Integer.parseInt(line.substring(1)));
      default -> throw new IOException("Redis says " + line);
    };
  }

  private String string(int length) throws IOException {
    if (length < 0) {
      return "";
    }
    if (length > MOST) {
      throw new IOException("Redis sends " + length + " bytes");
    }
    byte[] bytes = in.readNBytes(length + 2);
    if (bytes.length < length + 2) {
      throw closed();
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0 || line.length() > MOST) {
        throw closed();
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  private static EOFException closed() {
    return new EOFException("Redis has closed the connection");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
