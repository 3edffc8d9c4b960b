package dev.hawser.bench;

/** How the server takes connections: a port each. */
enum Way {
  /** Plain HTTP, connections kept; also who is asked for the counts. */
  PLAIN,
  /** TLS, connections kept. */
  TLS,
  /** HTTP/2 in clear text, to those who know. */
  HTTP2_PLAIN,
  /** HTTP/2 by ALPN. */
  HTTP2_TLS,
  /** PLAIN at the end of a long path. */
  PATH_PLAIN,
  /** HTTP2_TLS at the end of a long path. */
  PATH_HTTP2,
  /** Plain HTTP, a new connection for each request: what a handshake does not cost. */
  PLAIN_CLOSING,
  /** TLS, a new connection for each request, with nothing to resume. */
  FULL,
  /** TLS, a new connection for each request, with tickets. */
  RESUMED,
  /** As RESUMED, of a host that nobody has a ticket of yet. */
  HERD;

  boolean secure() {
    return switch (this) {
      case PLAIN, HTTP2_PLAIN, PATH_PLAIN, PLAIN_CLOSING -> false;
      case TLS, HTTP2_TLS, PATH_HTTP2, FULL, RESUMED, HERD -> true;
    };
  }

  /** Whether each request has a connection of its own. */
  boolean closing() {
    return switch (this) {
      case PLAIN, TLS, HTTP2_PLAIN, HTTP2_TLS, PATH_PLAIN, PATH_HTTP2 -> false;
      case PLAIN_CLOSING, FULL, RESUMED, HERD -> true;
    };
  }

  /** Whether all requests share one connection. */
  boolean http2() {
    return this == HTTP2_PLAIN || this == HTTP2_TLS || this == PATH_HTTP2;
  }

  /** Whose server is at the end of the path; this one where there is no path. */
  Way beyondPath() {
    return switch (this) {
      case PATH_PLAIN -> PLAIN;
      case PATH_HTTP2 -> HTTP2_TLS;
      default -> this;
    };
  }
}
