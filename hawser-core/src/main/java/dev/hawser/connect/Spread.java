package dev.hawser.connect;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Spreads connections over addresses that are all as good: each begins with another one. The
 * families stay where they are, since their order is a preference (RFC 8305 section 4).
 */
final class Spread {
  private Spread() {}

  static List<InetAddress> rotated(List<InetAddress> addresses, int turn) {
    if (addresses.size() == 1) {
      return addresses;
    }
    List<InetAddress> v6 = addresses.stream().filter(Inet6Address.class::isInstance).toList();
    List<InetAddress> v4 = addresses.stream().filter(a -> !(a instanceof Inet6Address)).toList();
    var rotated = new ArrayList<InetAddress>(addresses.size());
    int next6 = turn;
    int next4 = turn;
    for (InetAddress place : addresses) {
      rotated.add(
          place instanceof Inet6Address
              ? v6.get(Math.floorMod(next6++, v6.size()))
              : v4.get(Math.floorMod(next4++, v4.size())));
    }
    return rotated;
  }

  /** The same addresses, those that are taken last. */
  static List<InetAddress> untakenFirst(List<InetAddress> addresses, Set<InetAddress> taken) {
    return taken.isEmpty()
        ? addresses
        : addresses.stream().sorted(Comparator.comparing(taken::contains)).toList();
  }
}
