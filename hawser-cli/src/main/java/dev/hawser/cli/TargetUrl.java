package dev.hawser.cli;

import dev.hawser.Origin;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Reads the URL that a person typed; what is wrong with it is said together with what may be meant.
 */
final class TargetUrl {
  /** {@code http:host}, {@code http:/host}, {@code http///host}. */
  private static final Pattern MANGLED = Pattern.compile("(?i)(https?)(:/?|:?/{2,})(?=[^/])");

  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://.*");

  private TargetUrl() {}

  /** Returns an absolute http or https URI with a host. */
  static URI parse(String text) {
    if (text.isBlank()) {
      throw new UsageException("the URL is empty");
    }
    if (!SCHEME.matcher(text).matches()) {
      var mangled = MANGLED.matcher(text);
      String meant =
          mangled.lookingAt()
              ? mangled.group(1).toLowerCase(Locale.ROOT) + "://" + text.substring(mangled.end())
              : "http://" + text.replaceFirst("^/+", "");
      throw wrong(text, "does not begin with http:// or https://", meant);
    }
    URI uri = uri(text);
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw new UsageException("'" + text + "': " + scheme + " is not spoken, only http and https");
    }
    if (uri.getHost() == null) {
      throw withoutHost(text, uri);
    }
    try {
      Origin.of(uri);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()), e);
    }
    return uri;
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      int at = e.getIndex();
      boolean illegal = e.getReason().startsWith("Illegal character") && at >= 0;
      int path = text.indexOf('/', text.indexOf("://") + 3);
      if (illegal && path > 0 && at > path) {
        throw wrong(text, "has an illegal character at position " + (at + 1), encoded(text, path));
      }
      throw new UsageException("'" + text + "' is no URL: " + e.getReason(), e);
    }
  }

  /** The text with its illegal characters, from some place on, percent-encoded. */
  private static String encoded(String text, int from) {
    var encoded = new StringBuilder(text.substring(0, from));
    for (byte b : text.substring(from).getBytes(StandardCharsets.UTF_8)) {
      boolean legal = b > ' ' && b < 127 && "\"<>\\^`{|}".indexOf(b) < 0;
      encoded.append(legal ? (char) b : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
    }
    return encoded.toString();
  }

  private static UsageException withoutHost(String text, URI uri) {
    String authority = uri.getRawAuthority();
    if (authority == null || authority.isEmpty()) {
      return new UsageException("'" + text + "' has no host");
    }
    if (!authority.chars().allMatch(c -> c < 128)) {
      try {
        String ascii = IDN.toASCII(authority);
        return wrong(text, "has a host that is not ASCII", text.replace(authority, ascii));
      } catch (IllegalArgumentException e) {
        // Not a name in any script.
      }
    }
    return new UsageException(
        "'%s' has an invalid host or port: %s (a host has letters, digits, '-' and '.')"
            .formatted(text, authority));
  }

  private static UsageException wrong(String text, String what, String meant) {
    return new UsageException("'" + text + "' " + what + "; do you mean " + meant + " ?");
  }
}
