package dev.hawser;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Name resolution.
 *
 * {@snippet class="dev.hawser.examples.Options" region="dns"}
 *
 * @param timeout how long one look-up may take, over all servers and attempts; within it, the
 *     timeout and attempts of {@code resolv.conf} hold
 * @param hosts fixed addresses of host names, which are then not looked up; as a hosts file, and
 *     like {@code curl --resolve}. Case does not matter; an address instead of a name has no effect
 * @param servers the servers to ask; empty: those of {@code resolv.conf}, which is read again when
 *     it changes, and the system's resolver where there are none or none answers
 * @param resolver asked instead of DNS, for all names that {@code hosts} has not
 * @param minTtl answers hold at least so long, whatever the server says: a name with a time to live
 *     of 0 must not cost a query per connection
 * @param maxTtl and at most so long
 * @param maxNegativeTtl that a name does not exist holds at most so long: a name that has just been
 *     made should soon be found
 * @param staleFor for how long after its end an answer is used while no server answers (RFC 8767);
 *     zero: not at all
 * @param resolutionDelay for how long the addresses of one family wait for those of the other (RFC
 *     8305 section 3)
 * @param maxRefreshes how many names are refreshed at once ahead of their end; the others wait for
 *     their turn, so that a thousand names are no burst
 * @param httpsRecords whether the HTTPS record (RFC 9460) of an https origin is asked for before
 *     its first connection, and its port tried first; only where DNS is asked. Its absence costs
 *     nothing
 * @param allowed which addresses may be connected to, names and literals alike; all, if empty. For
 *     clients that follow URLs of strangers, who may name addresses of the inner network (DNS
 *     rebinding)
 */
public record DnsOptions(
    Duration timeout,
    Map<String, List<InetAddress>> hosts,
    List<NameServer> servers,
    Optional<NameResolver> resolver,
    Duration minTtl,
    Duration maxTtl,
    Duration maxNegativeTtl,
    Duration staleFor,
    Duration resolutionDelay,
    int maxRefreshes,
    boolean httpsRecords,
    Optional<Predicate<InetAddress>> allowed) {
  /** The defaults; the reason for each is in the record's Javadoc. */
  public static final DnsOptions DEFAULTS =
      new DnsOptions(
          Duration.ofSeconds(5),
          Map.of(),
          List.of(),
          Optional.empty(),
          Duration.ofSeconds(1),
          Duration.ofHours(1),
          Duration.ofSeconds(30),
          Duration.ofDays(1),
          Duration.ofMillis(50),
          16,
          true,
          Optional.empty());

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException if one is out of its range; the message names it
   */
  public DnsOptions {
    Checks.positive("dns.timeout", timeout);
    Checks.positive("dns.minTtl", minTtl);
    Checks.positive("dns.maxTtl", maxTtl);
    Checks.positive("dns.maxNegativeTtl", maxNegativeTtl);
    Checks.notNegative("dns.staleFor", staleFor);
    Checks.notNegative("dns.resolutionDelay", resolutionDelay);
    Checks.atLeast("dns.maxRefreshes", maxRefreshes, 1);
    if (minTtl.compareTo(maxTtl) > 0) {
      throw new IllegalArgumentException(
          "dns.minTtl=%s is above dns.maxTtl=%s".formatted(minTtl, maxTtl));
    }
    servers = List.copyOf(servers);
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
   * {@return these options with other {@link #servers()}}
   *
   * @param servers each in one of the forms of {@link NameServer#of}
   * @throws IllegalArgumentException if one is not understood
   */
  public DnsOptions servers(String... servers) {
    return servers(Arrays.stream(servers).map(NameServer::of).toList());
  }

  /**
   * {@return these options with another {@link #timeout()}}
   *
   * @param timeout the new value
   */
  public DnsOptions timeout(Duration timeout) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with other {@link #hosts()}}
   *
   * @param hosts the new value
   */
  public DnsOptions hosts(Map<String, List<InetAddress>> hosts) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with other {@link #servers()}}
   *
   * @param servers the new value
   */
  public DnsOptions servers(List<NameServer> servers) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #resolver()}}
   *
   * @param resolver the new value
   */
  public DnsOptions resolver(NameResolver resolver) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        Optional.of(resolver),
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #minTtl()}}
   *
   * @param minTtl the new value
   */
  public DnsOptions minTtl(Duration minTtl) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #maxTtl()}}
   *
   * @param maxTtl the new value
   */
  public DnsOptions maxTtl(Duration maxTtl) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #maxNegativeTtl()}}
   *
   * @param maxNegativeTtl the new value
   */
  public DnsOptions maxNegativeTtl(Duration maxNegativeTtl) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #staleFor()}}
   *
   * @param staleFor the new value
   */
  public DnsOptions staleFor(Duration staleFor) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #resolutionDelay()}}
   *
   * @param resolutionDelay the new value
   */
  public DnsOptions resolutionDelay(Duration resolutionDelay) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #maxRefreshes()}}
   *
   * @param maxRefreshes the new value
   */
  public DnsOptions maxRefreshes(int maxRefreshes) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #httpsRecords()}}
   *
   * @param httpsRecords the new value
   */
  public DnsOptions httpsRecords(boolean httpsRecords) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        allowed);
  }

  /**
   * {@return these options with another {@link #allowed()}}
   *
   * @param allowed the new value
   */
  public DnsOptions allowed(Predicate<InetAddress> allowed) {
    return new DnsOptions(
        timeout,
        hosts,
        servers,
        resolver,
        minTtl,
        maxTtl,
        maxNegativeTtl,
        staleFor,
        resolutionDelay,
        maxRefreshes,
        httpsRecords,
        Optional.of(allowed));
  }
}
