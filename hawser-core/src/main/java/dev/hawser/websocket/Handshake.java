package dev.hawser.websocket;

import dev.hawser.WebSocketOptions;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The client's side of one opening handshake (RFC 6455 4.1): what is asked, and what may be
 * answered.
 */
public final class Handshake {
  /** Fields that are the client's own. */
  public static final Set<String> FIELDS =
      Set.of(
          "sec-websocket-accept",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version");

  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final List<String> subprotocols;
  private final WebSocketOptions options;
  private final String key;

  /** Makes one with a key of its own. */
  public Handshake(List<String> subprotocols, WebSocketOptions options, RandomGenerator random) {
    this.subprotocols = subprotocols;
    this.options = options;
    byte[] nonce = new byte[16];
    random.nextBytes(nonce);
    this.key = Base64.getEncoder().encodeToString(nonce);
  }

  /** The fields to add to the request. */
  public Map<String, List<String>> request() {
    var fields = new LinkedHashMap<String, List<String>>();
    fields.put("Connection", List.of("Upgrade"));
    fields.put("Upgrade", List.of("websocket"));
    fields.put("Sec-WebSocket-Version", List.of("13"));
    fields.put("Sec-WebSocket-Key", List.of(key));
    if (!subprotocols.isEmpty()) {
      fields.put("Sec-WebSocket-Protocol", List.of(String.join(", ", subprotocols)));
    }
    if (options.compression()) {
      fields.put("Sec-WebSocket-Extensions", List.of(Deflate.offer(options)));
    }
    return fields;
  }

  /**
   * Checks a 101.
   *
   * @throws IllegalArgumentException if it does not agree with what was asked; says where
   */
  public Agreed check(HttpHeaders answer) {
    if (!single(answer, "Upgrade").equalsIgnoreCase("websocket")) {
      throw new IllegalArgumentException("another protocol: Upgrade: " + single(answer, "Upgrade"));
    }
    boolean upgrade =
        answer.allValues("Connection").stream()
            .flatMap(value -> Stream.of(value.split(",", -1)))
            .anyMatch(option -> option.strip().equalsIgnoreCase("upgrade"));
    if (!upgrade) {
      throw new IllegalArgumentException("no Connection: Upgrade");
    }
    if (!single(answer, "Sec-WebSocket-Accept").equals(accept())) {
      throw new IllegalArgumentException("a Sec-WebSocket-Accept that does not fit the key");
    }
    return new Agreed(
        subprotocol(answer), Deflate.agreed(options, answer.allValues("Sec-WebSocket-Extensions")));
  }

  private String subprotocol(HttpHeaders answer) {
    if (answer.firstValue("Sec-WebSocket-Protocol").isEmpty()) {
      return "";
    }
    String chosen = single(answer, "Sec-WebSocket-Protocol");
    if (!subprotocols.contains(chosen)) {
      throw new IllegalArgumentException("a subprotocol that was not asked for: " + chosen);
    }
    return chosen;
  }

  private static String single(HttpHeaders answer, String name) {
    List<String> values = answer.allValues(name);
    if (values.size() != 1) {
      throw new IllegalArgumentException((values.isEmpty() ? "no " : "more than one ") + name);
    }
    return values.getFirst();
  }

  private String accept() {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) { // every Java platform has it
      throw new IllegalStateException(e);
    }
  }
}
