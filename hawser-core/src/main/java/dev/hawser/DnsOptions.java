package dev.hawser;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Name resolution.
 *
 * {@snippet class="dev.hawser.examples.Options" region="dns"}
 *
 * @param timeout how long one look-up may take; the system's resolver has no deadline of its own
 *     that a JVM could see. By default it gives each of its name servers 5 s: a client that must
 *     survive a dead first one needs more
 * @param hosts fixed addresses of host names, in the order in which they are tried; these names are
 *     then not looked up. As a hosts file, and like {@code curl --resolve}. Case does not matter;
 *     an address instead of a name has no effect
 */
public record DnsOptions(Duration timeout, Map<String, List<InetAddress>> hosts) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final DnsOptions DEFAULTS = new DnsOptions(Duration.ofSeconds(5), Map.of());

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public DnsOptions {
    Checks.positive("dns.timeout", timeout);
    hosts =
        hosts.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    entry -> entry.getKey().toLowerCase(Locale.ROOT),
                    entry -> List.copyOf(entry.getValue()),
                    (one, other) -> {
                      throw new IllegalArgumentException(
                          "dns.hosts has a name twice, in upper and lower case");
                    }));
    hosts.forEach(
        (host, addresses) -> {
          if (addresses.isEmpty()) {
            throw new IllegalArgumentException("dns.hosts has no address for " + host);
          }
        });
  }

  /**
   * {@return these options with another {@link #timeout()}}
   *
   * @param timeout the new value
   */
  public DnsOptions timeout(Duration timeout) {
    return new DnsOptions(timeout, hosts);
  }

  /**
   * {@return these options with other {@link #hosts()}}
   *
   * @param hosts the new value
   */
  public DnsOptions hosts(Map<String, List<InetAddress>> hosts) {
    return new DnsOptions(timeout, hosts);
  }
}
