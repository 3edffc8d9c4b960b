package dev.hawser;

import java.util.List;
import java.util.OptionalInt;

/**
 * What the HTTPS record of an origin (RFC 9460) says before its first connection. A hint and no
 * more: where it leads nowhere, the origin's own port is used.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="hints"}
 *
 * @param protocols as in ALPN, in the server's order; {@code http/1.1} is among them unless the
 *     record excludes it
 * @param port another than the origin's, if there is one
 */
public record ServiceHint(List<String> protocols, OptionalInt port) {
  /** Copies the list. */
  public ServiceHint {
    protocols = List.copyOf(protocols);
  }
}
