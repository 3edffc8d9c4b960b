package dev.hawser;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * Finds the addresses of host names in another way than by DNS: a registry, a file, a fixed list.
 * The client caches what it returns as it does with DNS: one call per name at a time, asked again
 * before the time to live is over while the name is in use, kept beyond it while the resolver
 * fails.
 *
 * {@snippet class="dev.hawser.examples.Options" region="resolver"}
 */
@FunctionalInterface
public interface NameResolver {
  /**
   * What is known of a name.
   *
   * @param addresses in the order of preference; empty if the name has none, which fails the call
   * @param ttl for how long that holds
   */
  record Answer(List<InetAddress> addresses, Duration ttl) {
    /**
     * Copies the list.
     *
     * @throws IllegalArgumentException if the time to live is negative
     */
    public Answer {
      addresses = List.copyOf(addresses);
      if (ttl.isNegative()) {
        throw new IllegalArgumentException("ttl is " + ttl + "; it must not be negative");
      }
    }
  }

  /**
   * Returns what is known. Called on a virtual thread of the client's; may block, and is
   * interrupted when the timeout has passed.
   *
   * @param host lower case, as in the URI
   * @param timeout how long it may take, at most {@link DnsOptions#timeout()}
   * @return the addresses, and for how long they hold
   * @throws java.net.UnknownHostException if the name does not exist; what was known before is
   *     forgotten
   * @throws IOException if that cannot be found out now; what was known before is used for a while
   * @throws InterruptedException if interrupted, which counts as an {@code IOException}
   */
  Answer resolve(String host, Duration timeout) throws IOException, InterruptedException;
}
