package dev.hawser;

/**
 * The phases of an exchange, in their order; each has its place in the {@link Timeline}.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="phase"}
 */
public enum Phase {
  /** Waiting in line for a connection. */
  QUEUE("waiting for a connection"),
  /** Resolving the host's name. */
  DNS("resolving the name"),
  /** Opening the TCP connection. */
  CONNECT("connecting"),
  /** Asking a proxy for a tunnel. */
  PROXY("asking the proxy for a tunnel"),
  /** The TLS handshake. */
  TLS("in the TLS handshake"),
  /** Sending the request. */
  REQUEST("sending the request"),
  /** Waiting for, and reading, the response's head. */
  FIRST_BYTE("waiting for the response"),
  /** Receiving the response's body. */
  BODY("receiving the body");

  private final String doing;

  Phase(String doing) {
    this.doing = doing;
  }

  /** {@return what goes on in this phase, for people: "waiting for a connection"} */
  public String doing() {
    return doing;
  }
}
