package dev.hawser.cli;

import dev.hawser.Origin;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The values of {@code --resolve}, as curl has it: {@code HOST:PORT:ADDR[,ADDR]…}. */
final class FixedAddresses {
  private static final Pattern FORM = Pattern.compile("([^:]+):(\\d{1,5}):(.+)");

  private record Entry(String text, String host, int port, List<InetAddress> addresses) {
    boolean isFor(Origin origin) {
      return host.equals(origin.host()) && port == origin.port();
    }
  }

  private final List<Entry> entries = new ArrayList<>();

  FixedAddresses(List<String> texts) {
    texts.forEach(text -> entries.add(entry(text)));
  }

  /**
   * The addresses of each host. The client knows hosts without ports, so an entry for the URL's own
   * host with another port is left out.
   */
  Map<String, List<InetAddress>> on(URI uri) {
    Origin origin = Origin.of(uri);
    var hosts = new HashMap<String, List<InetAddress>>();
    for (Entry entry : entries) {
      if (entry.isFor(origin) || !entry.host().equals(origin.host())) {
        hosts.put(entry.host(), entry.addresses());
      }
    }
    return hosts;
  }

  /** The entries that a request to this URI does not need. */
  List<String> without(URI uri) {
    Origin origin = Origin.of(uri);
    return entries.stream().filter(entry -> !entry.isFor(origin)).map(Entry::text).toList();
  }

  private static Entry entry(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException(
          "--resolve: '" + text + "' is not HOST:PORT:ADDR, such as example.org:443:127.0.0.1");
    }
    var addresses = new ArrayList<InetAddress>();
    for (String address : matcher.group(3).split(",", -1)) {
      try {
        addresses.add(InetAddress.ofLiteral(address.replaceAll("^\\[(.*)]$", "$1")));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--resolve: '" + address + "' is no IP address", e);
      }
    }
    String host = matcher.group(1).toLowerCase(Locale.ROOT);
    return new Entry(text, host, Integer.parseInt(matcher.group(2)), addresses);
  }
}
