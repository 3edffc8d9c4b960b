package dev.hawser.bench.cascade;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One connection to a Redis, by its own protocol (RESP 2), as far as is needed here. */
final class Redis implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;

  Redis(int port) throws IOException {
    socket = new Socket();
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 3_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** What it answers: a status, a number as text, or a string; {@code (nil)} for none. */
  String call(String... command) throws IOException {
    String request =
        Arrays.stream(command)
            .map(
                word -> "$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n")
            .collect(Collectors.joining("", "*" + command.length + "\r\n", ""));
    socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
    String line = line();
    return switch (line.charAt(0)) {
      case '+', ':' -> line.substring(1);
      case '$' -> string(Integer.parseInt(line.substring(1)));
      default -> throw new IOException("Redis says " + line);
    };
  }

  private String string(int length) throws IOException {
    if (length < 0) {
      return "(nil)";
    }
    byte[] bytes = in.readNBytes(length + 2);
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new IOException("Redis has closed the connection");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
