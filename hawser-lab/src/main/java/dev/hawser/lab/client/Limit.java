package dev.hawser.lab.client;

/** A duration that clients can be given, each by an option of its own, if it has one. */
public enum Limit {
  /** How long a connection may be idle and still be used. */
  IDLE("a connection idle for so long is not used"),

  /** After how long a time of idleness a connection is looked at before it is used. */
  LOOK_AFTER("a connection idle for so long is looked at before it is used"),

  /** How old a connection may be and still be used. */
  AGE("a connection so old is not used"),

  /** How long connecting may take. */
  CONNECT("connecting"),

  /** How long the TLS handshake may take. */
  HANDSHAKE("the TLS handshake"),

  /** How long the answer to a look-up of a name is used. */
  DNS("the answer to a look-up of a name is used for"),

  /** How long it is used beyond that, while there is no new one. */
  STALE_DNS("an old answer to a look-up of a name is used, while no new one comes, for"),

  /**
   * How long a request waits for its turn when the host has to bear as many as it can: how many
   * that is the client finds out, or is told by {@link Settings#room}. Then it is refused.
   */
  TURN("a wait for its turn, of a request to a host that has as many as it can bear");

  private final String says;

  Limit(String says) {
    this.says = says;
  }

  /** What it bounds. */
  public String says() {
    return says;
  }
}
