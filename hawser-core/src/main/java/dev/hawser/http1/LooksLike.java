package dev.hawser.http1;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Guesses what a peer speaks that does not speak HTTP/1.1, for the error's sake. */
final class LooksLike {
  private LooksLike() {}

  static String describe(byte[] start) {
    String text = new String(start, StandardCharsets.ISO_8859_1);
    String guess = guess(start, text);
    return '"' + printable(text) + '"' + (guess.isEmpty() ? "" : ", which looks like " + guess);
  }

  private static String guess(byte[] start, String text) {
    if (start.length >= 3 && (start[0] == 0x15 || start[0] == 0x16) && start[1] == 3) {
      return "TLS: use https";
    }
    if (start.length >= 9 && start[0] == 0 && start[1] == 0 && start[3] <= 9 && start[3] >= 0) {
      return "an HTTP/2 frame";
    }
    if (text.startsWith("HTTP/")) {
      return "a faulty status line or another version of HTTP";
    }
    if (text.startsWith("SSH-")) {
      return "an SSH server";
    }
    if (text.startsWith("220")) {
      return "an FTP or SMTP server";
    }
    if (text.startsWith("-ERR") || text.startsWith("+OK") || text.startsWith("+PONG")) {
      return "a Redis or POP3 server";
    }
    if (text.toLowerCase(Locale.ROOT).startsWith("<")) {
      return "a page without a head (HTTP/0.9)";
    }
    return "";
  }

  /** The text with what does not print escaped. */
  static String printable(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), 80); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c >= ' ' && c < 127) {
            out.append(c);
          } else {
            out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
          }
        }
      }
    }
    return out.toString();
  }
}
