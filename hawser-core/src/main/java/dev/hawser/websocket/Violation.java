package dev.hawser.websocket;

import java.net.ProtocolException;

/** The server broke the protocol or a limit: the connection fails with a code (RFC 6455 7.1.7). */
final class Violation extends ProtocolException {
  private static final long serialVersionUID = 1;

  private final int code;

  private Violation(int code, String what) {
    super("the server sent " + what + "; the WebSocket was closed with " + code);
    this.code = code;
  }

  /** Something that is no WebSocket. */
  static Violation protocol(String what) {
    return new Violation(CloseCodes.PROTOCOL_ERROR, what);
  }

  /** Data that is not what its type says. */
  static Violation data(String what) {
    return new Violation(CloseCodes.INVALID_DATA, what);
  }

  /** More than a limit allows. */
  static Violation tooBig(String what, String option, long limit) {
    return new Violation(
        CloseCodes.TOO_BIG, what + " of more than webSocket." + option + "=" + limit + " bytes");
  }

  /** What the server is told. */
  int code() {
    return code;
  }
}
