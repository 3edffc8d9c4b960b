package dev.hawser.http2;

import java.util.Locale;

/** A peer's bytes in a message. */
final class Shown {
  private static final int MOST = 80;

  private Shown() {}

  /** The text with what does not print escaped, and cut. */
  static String text(String text) {
    var out = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MOST); i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 127) {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      }
    }
    return text.length() > MOST ? out + "…" : out.toString();
  }
}
