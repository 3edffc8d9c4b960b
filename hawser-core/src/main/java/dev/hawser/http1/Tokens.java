package dev.hawser.http1;

/** Characters of HTTP's grammar (RFC 9110 5.6.2). */
final class Tokens {
  private static final boolean[] TCHAR = new boolean[256];

  static {
    for (char c = '0'; c <= '9'; c++) {
      TCHAR[c] = true;
    }
    for (char c = 'a'; c <= 'z'; c++) {
      TCHAR[c] = true;
      TCHAR[c - 'a' + 'A'] = true;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      TCHAR[c] = true;
    }
  }

  private Tokens() {}

  static boolean isTchar(int c) {
    return c >= 0 && c < 256 && TCHAR[c];
  }

  static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isTchar(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}
