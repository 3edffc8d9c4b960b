package dev.hawser.interop;

/** What a server is made to do, each a test of {@link Interop} and a column of the document. */
enum Behaviour {
  /** Responses of 0 bytes to 1 GB. */
  BODIES("bodies"),
  /** Requests of 0 bytes to 1 GB, with their length and without. */
  UPLOADS("uploads"),
  /** HEAD, 204, 304. */
  NO_BODY("no body"),
  TRAILERS("trailers"),
  /** 103 (Early Hints) ahead of the response. */
  EARLY_HINTS("103"),
  /** {@code Expect: 100-continue}. */
  CONTINUE("100-continue"),
  /** 413 while the request is still being sent. */
  EARLY_ANSWER("early answer"),
  /** RST_STREAM within a body; over HTTP/1.1 the connection is reset or closed. */
  CUT("cut off"),
  /** The server is reloaded, or gets rid of its connections, under load. */
  RELOAD("reloads");

  private final String label;

  Behaviour(String label) {
    this.label = label;
  }

  @Override
  public String toString() {
    return label;
  }
}
