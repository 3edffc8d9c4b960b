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
 * {@snippet :
 * NameResolver registry = (host, timeout) -> new NameResolver.Answer(
 *     List.of(InetAddress.ofLiteral("192.0.2.7")), Duration.ofSeconds(10));
 * Hawser.newBuilder().dns(d -> d.resolver(registry));
 * }
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
    /** Copies the list. */
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
   * @throws java.net.UnknownHostException if the name does not exist; what was known before is
   *     forgotten
   * @throws IOException if that cannot be found out now; what was known before is used for a while
   */
  Answer resolve(String host, Duration timeout) throws IOException, InterruptedException;
}
