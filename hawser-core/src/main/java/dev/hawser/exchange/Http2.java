package dev.hawser.exchange;

import dev.hawser.Origin;
import dev.hawser.io.Transport;
import dev.hawser.wire.Multiplexed;
import java.io.IOException;

/** Begins to speak HTTP/2 over a connection whose handshake has chosen it. */
@FunctionalInterface
interface Http2 {
  /**
   * Opens the connection. From then on the transport is its own; when it fails it is the caller's
   * to close.
   */
  Multiplexed open(Transport transport, Origin origin) throws IOException;
}
