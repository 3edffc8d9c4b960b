package dev.hawser.bench;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What nginx says of each request on a connection of its own: a line with the port and whether the
 * session was resumed, {@code r} or {@code .}.
 */
final class HandshakeLog {
  /** Handshakes of each kind since the start. */
  record Counts(long full, long resumed) {
    static final Counts NONE = new Counts(0, 0);

    Counts since(Counts start) {
      return new Counts(full - start.full, resumed - start.resumed);
    }

    /** NaN without handshakes. */
    double share() {
      return resumed / (double) (full + resumed);
    }
  }

  private final Path file;
  private final String full;
  private final String resumed;
  private long read;
  private Counts counts = Counts.NONE;

  HandshakeLog(Path file, int port) {
    this.file = file;
    this.full = port + " .";
    this.resumed = port + " r";
  }

  /** Reads on from where it was; a line that is not whole yet is left for the next time. */
  Counts read() throws IOException {
    try (var log = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) (log.length() - read)];
      log.seek(read);
      log.readFully(bytes);
      String text = new String(bytes, StandardCharsets.US_ASCII);
      String whole = text.substring(0, text.lastIndexOf('\n') + 1);
      read += whole.length();
      counts =
          new Counts(
              counts.full + whole.lines().filter(full::equals).count(),
              counts.resumed + whole.lines().filter(resumed::equals).count());
      return counts;
    }
  }
}
