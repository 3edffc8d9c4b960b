package dev.hawser.bench;

/** How the server takes connections: a port each. */
enum Way {
  /** Plain HTTP, connections kept; also who is asked for the counts. */
  PLAIN,
  /** TLS, connections kept. */
  TLS,
  /** Plain HTTP, a new connection for each request: what a handshake does not cost. */
  PLAIN_CLOSING,
  /** TLS, a new connection for each request, with nothing to resume. */
  FULL,
  /** TLS, a new connection for each request, with tickets. */
  RESUMED,
  /** As RESUMED, of a host that nobody has a ticket of yet. */
  HERD;

  boolean secure() {
    return this != PLAIN && this != PLAIN_CLOSING;
  }

  /** Whether each request has a connection of its own. */
  boolean closing() {
    return this != PLAIN && this != TLS;
  }
}
