package dev.hawser;

/**
 * Why a connection was closed.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="closes"}
 */
public enum CloseReason {
  /**
   * Idle for as long as {@link PoolOptions#idleTimeout()} or the server's own hint or habit allows.
   */
  IDLE_TIMEOUT("idle for too long"),
  /** Older than {@link PoolOptions#maxAge()}. */
  MAX_AGE("too old"),
  /** The server closed it while it was idle. */
  CLOSED_BY_PEER("closed by the server while idle"),
  /** Bytes came that belong to no exchange. */
  UNSOLICITED_BYTES("the server sent bytes that nobody asked for"),
  /**
   * Its exchange ended well, but it cannot carry another: {@code Connection: close}, HTTP/1.0, a
   * body that ends with the connection, or an answer that came before the whole request was sent.
   */
  NOT_PERSISTENT("not persistent"),
  /**
   * The message on it could not be trusted or was cut short, a deadline passed, or it turned out to
   * be closed when it was reused.
   */
  EXCHANGE_FAILED("its exchange failed"),
  /** Its exchange was cancelled, or its body abandoned, before the end. */
  EXCHANGE_ABANDONED("its exchange was abandoned"),
  /**
   * Its request was sent a second time, and the other one was answered before ({@link
   * HedgeOptions}).
   */
  OVERTAKEN("another connection answered first"),
  /** A response body was neither read nor closed, and has become unreachable. */
  LEAKED("its response was leaked"),
  /** Idle connections were over a limit, or another caller needed the place. */
  EVICTED("evicted"),
  /** The server said that it takes no more requests over it (RFC 9113 section 6.8). */
  GOAWAY("the server sent GOAWAY"),
  /** The server wants HTTP/1.1 in place of HTTP/2 (HTTP_1_1_REQUIRED). */
  HTTP_1_1_REQUIRED("the server requires HTTP/1.1"),
  /** Its server has turned out to speak HTTP/2 over another, which all share. */
  SUPERSEDED("the server speaks HTTP/2 over another"),
  /** Its host's name no longer has the address that it goes to. */
  ADDRESS_REMOVED("the name has no longer its address"),
  /** The address that it goes to fails while others of its host do not: {@link EjectionOptions}. */
  EJECTED("its address is ejected"),
  /** It was made with certificates or keys that have been replaced: {@link TlsOptions}. */
  CERTIFICATES_CHANGED("made with certificates that have been replaced"),
  /** {@link HawserClient#drain drain} was called. */
  DRAINED("drained"),
  /** The client was closed. */
  CLIENT_CLOSED("the client was closed");

  private final String text;

  CloseReason(String text) {
    this.text = text;
  }

  /** {@return the reason, for people} */
  public String text() {
    return text;
  }
}
