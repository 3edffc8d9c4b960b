package dev.hawser.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of the ways in which a server or a proxy would have a client authenticate itself (RFC 9110
 * section 11.3).
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
  /**
   * Reads the values of {@code WWW-Authenticate} or {@code Proxy-Authenticate}, each a list; what
   * cannot be read ends its list.
   */
  static List<Challenge> parse(List<String> values) {
    var challenges = new ArrayList<Challenge>();
    for (String value : values) {
      new Parser(value).into(challenges);
    }
    return challenges;
  }

  /** What tells its protection space from the server's others. */
  String realm() {
    return parameters.getOrDefault("realm", "");
  }

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /** Whether a parameter has this value, in whatever case. */
  boolean says(String name, String value) {
    return value.equalsIgnoreCase(parameters.get(name));
  }

  /** Commas stand between challenges and between the parameters of one. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    void into(List<Challenge> challenges) {
      Challenge current = null;
      while (true) {
        skip(" \t,");
        String word = token();
        if (word.isEmpty()) {
          return; // the end, or nonsense
        }
        skip(" \t");
        if (peek() != '=') {
          current = new Challenge(word.toLowerCase(Locale.ROOT), new HashMap<>());
          challenges.add(current);
          continue;
        }
        at++;
        skip(" \t");
        if (at == text.length() || peek() == ',' || peek() == '=') {
          skip("="); // a token68, as that of Negotiate
          continue;
        }
        String value = peek() == '"' ? quoted() : token();
        if (current == null) {
          return;
        }
        current.parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value);
      }
    }

    private char peek() {
      return at < text.length() ? text.charAt(at) : 0;
    }

    private void skip(String any) {
      while (at < text.length() && any.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    /** A token, or the characters of a token68. */
    private String token() {
      int from = at;
      while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(from, at);
    }

    private String quoted() {
      var value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at++;
      return value.toString();
    }
  }
}
