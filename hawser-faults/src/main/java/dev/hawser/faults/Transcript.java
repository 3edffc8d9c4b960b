package dev.hawser.faults;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What went over one connection, as text for the message of a failed test: {@code >} before what
 * came, {@code <} before what was sent, {@code *} before what happened; {@code h2 >} and {@code h2
 * <} before frames. Bounded: of what is too much for it, the last lines that are not what was sent
 * are kept, since it is of interest how the client ends a flood.
 */
final class Transcript {
  private static final int MOST = 64 * 1024;
  private static final String SENT = "h2 < ";
  private static final int LAST_LINES = 100;
  private static final int MOST_LINE = 2 * 1024;

  private final int number;
  // All guarded by this.
  private final StringBuilder text = new StringBuilder();
  private final Deque<String> last = new ArrayDeque<>();
  private long linesLeftOut;

  Transcript(int number) {
    this.number = number;
  }

  void received(byte[] bytes, int offset, int count) {
    add("> ", bytes, offset, count);
  }

  void sent(byte[] bytes) {
    add("< ", bytes, 0, bytes.length);
  }

  void happened(String what) {
    line("* " + what);
  }

  void frameCame(String frame) {
    line("h2 > " + printable(frame));
  }

  void frameSent(String frame) {
    line(SENT + printable(frame));
  }

  private synchronized void line(String line) {
    String bounded = line.length() > MOST_LINE ? line.substring(0, MOST_LINE) + " …" : line;
    if (text.length() < MOST) {
      text.append(bounded).append('\n');
      return;
    }
    boolean sent = line.startsWith(SENT);
    if (!sent) {
      last.add(bounded);
    }
    if (sent || last.size() > LAST_LINES) {
      linesLeftOut++;
    }
    if (last.size() > LAST_LINES) {
      last.remove();
    }
  }

  private synchronized void add(String direction, byte[] bytes, int offset, int count) {
    int room = Math.max(0, Math.min(count, MOST - text.length()));
    var piece = new String(bytes, offset, room, StandardCharsets.ISO_8859_1);
    piece.lines().forEach(line -> text.append(direction).append(printable(line)).append('\n'));
    if (room < count) {
      text.append(direction).append("… ").append(count - room).append(" bytes more\n");
    }
  }

  private static String printable(String line) {
    var printable = new StringBuilder(line.length());
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c < ' ' || c > '~') {
        printable.append(String.format("\\x%02x", (int) c));
      } else {
        printable.append(c);
      }
    }
    return printable.toString();
  }

  @Override
  public synchronized String toString() {
    var whole = new StringBuilder("connection " + number + "\n").append(text);
    if (linesLeftOut > 0) {
      whole.append("… ").append(linesLeftOut).append(" lines more\n");
    }
    last.forEach(line -> whole.append(line).append('\n'));
    return whole.toString();
  }
}
