package dev.hawser.dns;

import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;

/** What a record says. */
public sealed interface Data {
  /** A or AAAA. */
  record Address(InetAddress address) implements Data {}

  /** SRV (RFC 2782). */
  record Service(int priority, int weight, int port, String target) implements Data {}

  /**
   * HTTPS (RFC 9460).
   *
   * @param priority 0: an alias for {@code target}
   * @param target the name to go to; empty: the owner's own
   * @param defaultAlpn whether the scheme's default protocol, HTTP/1.1, is spoken besides {@code
   *     alpn}
   * @param usable whether all parameters that must be understood are
   */
  record Binding(
      int priority,
      String target,
      List<String> alpn,
      boolean defaultAlpn,
      OptionalInt port,
      boolean usable)
      implements Data {}
}
