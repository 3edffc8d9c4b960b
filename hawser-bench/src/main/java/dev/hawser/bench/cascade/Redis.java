package dev.hawser.bench.cascade;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** One connection to a Redis, by its own protocol (RESP 2), as far as is needed here. */
final class Redis implements AutoCloseable {
  private final Wire wire;

  Redis(int port) throws IOException {
    wire = new Wire(port, 3_000, 0);
  }

  /** What it answers: a status, a number as text, or a string; {@code (nil)} for none. */
  String call(String... command) throws IOException {
    String request =
        Arrays.stream(command)
            .map(
                word -> "$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n")
            .collect(Collectors.joining("", "*" + command.length + "\r\n", ""));
    wire.write(request);
    String line = wire.line();
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
    byte[] bytes = wire.bytes(length + 2);
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
