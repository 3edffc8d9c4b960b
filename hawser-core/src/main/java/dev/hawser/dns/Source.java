package dev.hawser.dns;

import java.io.IOException;

/** Where answers come from: DNS servers, the system's resolver, or a resolver of the user's. */
@FunctionalInterface
interface Source {
  /**
   * Looks a name up, past any cache.
   *
   * @throws IOException if nothing can be learned now
   */
  Reply lookup(String host, RecordType type, long deadline)
      throws IOException, InterruptedException;
}
