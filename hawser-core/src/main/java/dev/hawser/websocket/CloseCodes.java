package dev.hawser.websocket;

/** Status codes of Close messages (RFC 6455 7.4, and IANA's registry). */
final class CloseCodes {
  static final int NORMAL = 1000;
  static final int PROTOCOL_ERROR = 1002;
  static final int NO_STATUS = 1005; // never on the wire: a Close without a code
  static final int ABNORMAL = 1006; // never on the wire: an end without a Close
  static final int INVALID_DATA = 1007;
  static final int TOO_BIG = 1009;

  private CloseCodes() {}

  /**
   * Whether the user may send it: what {@code WebSocket.sendClose} says, and where that leaves the
   * choice what the JDK's client does.
   */
  static boolean maySend(int code) {
    return onTheWire(code)
        && code <= 4999
        && switch (code) {
          case 1002, 1003, 1007, 1009, 1010, 1012, 1013, 1014 -> false;
          default -> true;
        };
  }

  /** Whether a server may send it: not 1010, which is for clients. */
  static boolean mayReceive(int code) {
    return onTheWire(code) && code != 1010;
  }

  /** What answers a Close: its own code, or 1000 for one that cannot be on the wire. */
  static int reply(int received) {
    return received == NO_STATUS || received == ABNORMAL ? NORMAL : received;
  }

  private static boolean onTheWire(int code) {
    return code >= 1000
        && code <= 65_535
        && (code < 1016 || code > 2999)
        && switch (code) {
          case 1004, 1005, 1006, 1015 -> false;
          default -> true;
        };
  }
}
