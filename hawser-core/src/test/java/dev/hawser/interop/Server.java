package dev.hawser.interop;

import java.net.URI;

/**
 * A server of another make that runs. All serve the same paths, as far as their make can:
 *
 * <ul>
 *   <li>{@code /bytes/N}: so many bytes of {@link Content}; {@code /204}
 *   <li>{@code POST /check}: what {@link Content.Check} says of the request's body
 *   <li>{@code POST /refuse}: 413, before the body has been read
 *   <li>{@code /trailers}: a body of 1,000 bytes, with trailers
 *   <li>{@code /hints}: the same, 103 (Early Hints) ahead of it
 *   <li>{@code /cut}: 100,000 bytes of 1,000,000, and no more
 * </ul>
 */
interface Server extends AutoCloseable {
  int port(Protocol protocol);

  default URI uri(Protocol protocol, String path) {
    return URI.create(protocol.scheme() + "://localhost:" + port(protocol) + path);
  }

  /** Does what its make does to be rid of its connections without harm to anyone. */
  void reload() throws Exception;

  @Override
  void close() throws Exception;
}
