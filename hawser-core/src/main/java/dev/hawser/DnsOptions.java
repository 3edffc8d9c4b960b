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
 * {@snippet :
 * Hawser.newBuilder().dns(d -> d.timeout(Duration.ofSeconds(2)));
 * }
 *
 * @param timeout how long one look-up may take; the system's resolver has no deadline of its own
 *     that a JVM could see
 * @param hosts fixed addresses of host names, which are then not looked up; as a hosts file, and
 *     like {@code curl --resolve}
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
                    entry -> List.copyOf(entry.getValue())));
    hosts.forEach(
        (host, addresses) -> {
          if (addresses.isEmpty()) {
            throw new IllegalArgumentException("dns.hosts has no address for " + host);
          }
        });
  }

  /** Returns these options with another {@link #timeout()}. */
  public DnsOptions timeout(Duration timeout) {
    return new DnsOptions(timeout, hosts);
  }

  /** Returns these options with other {@link #hosts()}. */
  public DnsOptions hosts(Map<String, List<InetAddress>> hosts) {
    return new DnsOptions(timeout, hosts);
  }
}
