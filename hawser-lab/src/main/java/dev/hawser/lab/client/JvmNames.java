package dev.hawser.lab.client;

import java.security.Security;

/** The JVM's cache of names, which clients share that have none of their own. */
final class JvmNames {
  private static final String TTL = "networkaddress.cache.ttl";
  private static final String STALE = "networkaddress.cache.stale.ttl";

  private JvmNames() {}

  /** To be called before the first look-up: the JVM reads this once. */
  static void set(Settings settings, Said said) {
    settings.ifSet(
        Limit.DNS,
        ttl -> {
          Security.setProperty(TTL, Long.toString(ttl.toSeconds()));
          said.set(TTL + "=" + ttl.toSeconds());
        });
    settings.ifSet(
        Limit.STALE_DNS,
        stale -> {
          Security.setProperty(STALE, Long.toString(stale.toSeconds()));
          said.set(STALE + "=" + stale.toSeconds());
        });
  }
}
