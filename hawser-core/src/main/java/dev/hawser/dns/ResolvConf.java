package dev.hawser.dns;

import dev.hawser.NameServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The system's configuration of its resolver, as resolv.conf(5) describes it.
 *
 * @param servers in order; the first three, as everywhere else
 * @param search the domains in which a short name is looked up
 * @param ndots a name with as many dots is looked up as it is first
 * @param timeout how long to wait for one server
 * @param attempts how often to go through the servers
 * @param rotate whether to begin with another server each time
 */
record ResolvConf(
    List<NameServer> servers,
    List<String> search,
    int ndots,
    Duration timeout,
    int attempts,
    boolean rotate) {
  private static final int MAX_SERVERS = 3;
  private static final int MAX_NDOTS = 15;
  private static final int MAX_TIMEOUT = 30;
  private static final int MAX_ATTEMPTS = 5;

  /** What holds where the file says nothing. */
  static final ResolvConf EMPTY =
      new ResolvConf(List.of(), List.of(), 1, Duration.ofSeconds(5), 2, false);

  /** The same for these servers: given ones are asked for the names as they are. */
  static ResolvConf of(List<NameServer> servers) {
    return new ResolvConf(
        List.copyOf(servers), List.of(), 1, EMPTY.timeout(), EMPTY.attempts(), false);
  }

  /** The same with other servers. */
  ResolvConf with(List<NameServer> others) {
    return new ResolvConf(others, search, ndots, timeout, attempts, rotate);
  }

  /** Reads the file; what it does not understand it passes over, as the C library does. */
  static ResolvConf parse(String text) {
    return parse(text, 53);
  }

  /** The same, with the servers at another port. */
  static ResolvConf parse(String text, int port) {
    var servers = new ArrayList<NameServer>();
    List<String> search = List.of();
    var options = new ArrayList<String>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("#") || line.startsWith(";")) {
        continue;
      }
      String[] words = line.strip().split("\\s+", -1);
      switch (words[0]) {
        case "nameserver" -> addServer(words, port, servers);
        case "search", "domain" -> search = domains(words);
        case "options" -> options.addAll(Arrays.asList(words).subList(1, words.length));
        default -> {}
      }
    }
    return new ResolvConf(
        List.copyOf(servers),
        search,
        number(options, "ndots", EMPTY.ndots(), MAX_NDOTS),
        Duration.ofSeconds(
            Math.max(
                1, number(options, "timeout", (int) EMPTY.timeout().toSeconds(), MAX_TIMEOUT))),
        Math.max(1, number(options, "attempts", EMPTY.attempts(), MAX_ATTEMPTS)),
        options.contains("rotate"));
  }

  private static void addServer(String[] words, int port, List<NameServer> servers) {
    if (words.length < 2 || servers.size() == MAX_SERVERS) {
      return;
    }
    try {
      servers.add(new NameServer(NameServer.Transport.DNS, words[1], port, "", Optional.empty()));
    } catch (IllegalArgumentException e) {
      // Not an address.
    }
  }

  private static List<String> domains(String[] words) {
    return Arrays.stream(words)
        .skip(1)
        .map(domain -> withoutDot(domain.toLowerCase(Locale.ROOT)))
        .filter(domain -> !domain.isEmpty())
        .toList();
  }

  private static int number(List<String> options, String name, int absent, int most) {
    int value = absent;
    for (String option : options) {
      if (option.startsWith(name + ":")) {
        try {
          value = Math.clamp(Long.parseLong(option.substring(name.length() + 1)), 0, most);
        } catch (NumberFormatException e) {
          // As if it were not there.
        }
      }
    }
    return value;
  }

  /** The names to look up for this one, in order (resolv.conf(5): search, ndots). */
  List<String> candidates(String host) {
    if (host.endsWith(".")) {
      return List.of(withoutDot(host));
    }
    long dots = host.chars().filter(c -> c == '.').count();
    var names = new ArrayList<String>();
    search.forEach(domain -> names.add(host + "." + domain));
    if (dots >= ndots) {
      names.addFirst(host);
    } else {
      names.add(host);
    }
    return names;
  }

  private static String withoutDot(String name) {
    return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
  }
}
