package dev.hawser.tls;

import java.util.Locale;
import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What BoringSSL says of an error, out of the text that Conscrypt makes of it, which has addresses
 * of its memory and lines of its code besides: {@code error:100003f2:SSL
 * routines:OPENSSL_internal:DECODE_ERROR (ssl/handshake.cc:42 …)} is "decode error".
 */
final class BoringSslWords {
  private static final Pattern NAME = Pattern.compile("error:[0-9a-f]+:[^:]*:[^:]*:([A-Z0-9_]+)");

  private BoringSslWords() {}

  /** Null: it is not BoringSSL's. */
  static @Nullable String in(@Nullable String message) {
    Matcher names = NAME.matcher(String.valueOf(message));
    var words = new StringJoiner(", ").setEmptyValue("");
    while (names.find()) {
      words.add(names.group(1).toLowerCase(Locale.ROOT).replace('_', ' '));
    }
    return words.length() == 0 ? null : words.toString();
  }
}
