package dev.hawser.websocket;

import dev.hawser.WebSocketOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was agreed on permessage-deflate (RFC 7692 7.1).
 *
 * @param clientTakeover whether this side may refer to its earlier messages
 * @param serverTakeover whether the server may
 */
public record Deflate(boolean clientTakeover, boolean serverTakeover) {
  private static final String NAME = "permessage-deflate";
  private static final String CLIENT = "client_no_context_takeover";
  private static final String SERVER = "server_no_context_takeover";

  /**
   * The offer. Not client_max_window_bits: the JDK's deflater has a window of 15 bits and no other.
   */
  static String offer(WebSocketOptions options) {
    return options.contextTakeover() ? NAME : NAME + "; " + CLIENT + "; " + SERVER;
  }

  /**
   * Reads the server's answer to the offer.
   *
   * @param fields the values of its Sec-WebSocket-Extensions
   * @return null for no compression
   * @throws IllegalArgumentException if it accepts what was not offered; says what
   */
  static @Nullable Deflate agreed(WebSocketOptions options, List<String> fields) {
    String answer = String.join(",", fields).strip();
    if (answer.isEmpty()) {
      return null;
    }
    String[] parts = answer.split(";", -1);
    if (!options.compression() || !parts[0].strip().equalsIgnoreCase(NAME)) {
      throw new IllegalArgumentException("an extension that was not asked for: " + answer);
    }
    boolean client = options.contextTakeover();
    boolean server = true; // unless it says otherwise, it may: it need not accept that parameter
    Set<String> seen = new HashSet<>();
    for (int i = 1; i < parts.length; i++) {
      String[] parameter = parts[i].strip().split("=", 2);
      String name = parameter[0].strip().toLowerCase(Locale.ROOT);
      String value = parameter.length < 2 ? "" : parameter[1].strip().replace("\"", "");
      boolean fits =
          switch (name) {
            case CLIENT, SERVER -> value.isEmpty();
            case "server_max_window_bits" -> value.matches("[89]|1[0-5]"); // ours is 15: all fit
            default -> false;
          };
      if (!fits || !seen.add(name)) {
        throw new IllegalArgumentException("a parameter that was not asked for: " + answer);
      }
      client &= !name.equals(CLIENT);
      server &= !name.equals(SERVER);
    }
    return new Deflate(client, server);
  }
}
