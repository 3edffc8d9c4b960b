package dev.hawser.lab.client;

import java.net.URI;
import java.time.Duration;

/**
 * One call.
 *
 * @param method GET, or POST with a small body
 * @param timeout the client's own for a request, whatever that covers
 */
public record Request(String method, URI uri, Duration timeout, Reading reading) {
  static final String BODY = "an order that must not be placed twice";

  /** The name of the header by which the lab's servers say who they are. */
  static final String SERVER = "X-Lab";

  boolean post() {
    return method.equals("POST");
  }
}
