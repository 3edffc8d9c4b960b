package dev.hawser;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/**
 * A response that tells where its time went and which connection carried it.
 *
 * {@snippet class="dev.hawser.examples.Calls" region="connection"}
 *
 * @param <T> the body's type
 */
public interface HawserResponse<T> extends HttpResponse<T> {
  /**
   * Where the time went, over all redirects. Complete once the body has been received; for a body
   * that is still being streamed, {@code body} and {@code total} are the time so far.
   *
   * @return the timeline at this moment
   */
  Timeline timeline();

  /**
   * The trailer fields, which come after a chunked body (RFC 9112 7.1.2); empty until the body has
   * been received, and when there are none.
   *
   * {@snippet class="dev.hawser.examples.Calls" region="trailers"}
   *
   * @return the trailer fields
   */
  HttpHeaders trailers();

  /**
   * {@return the connection that carried this response, as it was when the response was obtained}
   */
  ConnectionInfo connection();
}
