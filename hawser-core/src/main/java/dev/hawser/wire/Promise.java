package dev.hawser.wire;

import java.net.URI;
import java.net.http.HttpHeaders;

/**
 * A request that the server has thought of itself, and means to push the response to (RFC 9113
 * 8.4). It is to be accepted or refused; until then the response may come, as far as its window
 * allows. Any thread.
 */
public interface Promise {
  /** GET or HEAD. */
  String method();

  /** Of the same origin as the request with which it came. */
  URI uri();

  /** Those of the request, without pseudo-headers. */
  HttpHeaders headers();

  /** The exchange that brings the response; it has no request to send. To be called once. */
  Exchange accept(Exchange.Progress progress);

  /** Nobody wants the response. */
  void refuse();
}
