package dev.hawser.dns;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The addresses of names as hosts(5) describes them. */
record HostsFile(Map<String, List<InetAddress>> addresses) {
  static final HostsFile EMPTY = new HostsFile(Map.of());

  /** Reads the file; lines that it does not understand it passes over, as the C library does. */
  static HostsFile parse(String text) {
    var addresses = new HashMap<String, List<InetAddress>>();
    text.lines().forEach(line -> parseLine(line, addresses));
    addresses.replaceAll((name, list) -> List.copyOf(list));
    return new HostsFile(Map.copyOf(addresses));
  }

  private static void parseLine(String line, Map<String, List<InetAddress>> addresses) {
    int comment = line.indexOf('#');
    String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1);
    if (words.length < 2) {
      return;
    }
    InetAddress address;
    try {
      address = InetAddress.ofLiteral(words[0]);
    } catch (IllegalArgumentException e) {
      return;
    }
    for (int i = 1; i < words.length; i++) {
      List<InetAddress> known =
          addresses.computeIfAbsent(words[i].toLowerCase(Locale.ROOT), name -> new ArrayList<>());
      if (!known.contains(address)) {
        known.add(address);
      }
    }
  }

  List<InetAddress> of(String host) {
    return addresses.getOrDefault(host, List.of());
  }
}
