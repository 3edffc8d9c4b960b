package dev.hawser.faults;

import java.nio.charset.StandardCharsets;

/**
 * What went over one connection, as text for the message of a failed test: {@code >} before what
 * came, {@code <} before what was sent, {@code *} before what happened. Bounded.
 */
final class Transcript {
  private static final int MOST = 64 * 1024;

  private final int number;
  private final StringBuilder text = new StringBuilder(); // guarded by this

  Transcript(int number) {
    this.number = number;
  }

  void received(byte[] bytes, int offset, int count) {
    add("> ", bytes, offset, count);
  }

  void sent(byte[] bytes) {
    add("< ", bytes, 0, bytes.length);
  }

  synchronized void happened(String what) {
    if (text.length() < MOST) {
      text.append("* ").append(what).append('\n');
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
    return "connection " + number + "\n" + text;
  }
}
