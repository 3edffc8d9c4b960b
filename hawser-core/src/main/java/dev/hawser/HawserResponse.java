package dev.hawser;

import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;

/**
 * A response that tells where its time went and which connection carried it.
 *
 * {@snippet :
 * HawserResponse<String> response = client.send(request, BodyHandlers.ofString());
 * System.out.println(response.timeline() + " over " + response.connection());
 * }
 */
public interface HawserResponse<T> extends HttpResponse<T> {
  /**
   * Where the time went. Complete once the body has been received; for a body that is still being
   * streamed, {@code body} and {@code total} are the time so far.
   */
  Timeline timeline();

  /**
   * The trailer fields, which come after a chunked body (RFC 9112 7.1.2); empty until the body has
   * been received, and when there are none.
   */
  HttpHeaders trailers();

  /** The connection that carried this response, as it was then. */
  ConnectionInfo connection();
}
