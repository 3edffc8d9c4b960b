package dev.hawser.tls;

import java.util.Locale;
import java.util.Map;

/** IANA's names of the groups of key agreements (registry "TLS Supported Groups"). */
final class NamedGroups {
  private static final Map<Integer, String> NAMES =
      Map.ofEntries(
          Map.entry(0x0016, "secp256k1"),
          Map.entry(0x0017, "secp256r1"),
          Map.entry(0x0018, "secp384r1"),
          Map.entry(0x0019, "secp521r1"),
          Map.entry(0x001a, "brainpoolP256r1"),
          Map.entry(0x001b, "brainpoolP384r1"),
          Map.entry(0x001c, "brainpoolP512r1"),
          Map.entry(0x001d, "x25519"),
          Map.entry(0x001e, "x448"),
          Map.entry(0x001f, "brainpoolP256r1tls13"),
          Map.entry(0x0020, "brainpoolP384r1tls13"),
          Map.entry(0x0021, "brainpoolP512r1tls13"),
          Map.entry(0x0029, "curveSM2"),
          Map.entry(0x0100, "ffdhe2048"),
          Map.entry(0x0101, "ffdhe3072"),
          Map.entry(0x0102, "ffdhe4096"),
          Map.entry(0x0103, "ffdhe6144"),
          Map.entry(0x0104, "ffdhe8192"),
          Map.entry(0x0200, "MLKEM512"),
          Map.entry(0x0201, "MLKEM768"),
          Map.entry(0x0202, "MLKEM1024"),
          Map.entry(0x11eb, "SecP256r1MLKEM768"),
          Map.entry(0x11ec, "X25519MLKEM768"),
          Map.entry(0x11ed, "SecP384r1MLKEM1024"),
          Map.entry(0x6399, "X25519Kyber768Draft00"));

  private NamedGroups() {}

  /** One that has no name here goes by its number, as {@code 0x2a2a}. */
  static String name(int code) {
    String name = NAMES.get(code);
    return name == null ? String.format(Locale.ROOT, "0x%04x", code) : name;
  }
}
