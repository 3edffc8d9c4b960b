package dev.hawser.tls;

import java.security.AlgorithmConstraints;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The chains that were found good a short while ago. Servers send the same one with every full
 * handshake, and to check it takes as long as the rest of the handshake: in the code of a process
 * that has just started, several milliseconds. What is remembered is that these very certificates
 * were good for this very host, and for no longer than they are valid; a browser does the same, for
 * half an hour.
 */
final class KnownChains {
  /**
   * What was checked.
   *
   * @param how what else the check depends on: the kind of key, the protocol's version, by which
   *     rules names are compared
   * @param constraints of algorithms
   */
  record Checked(
      List<X509Certificate> chain,
      String host,
      String how,
      @Nullable AlgorithmConstraints constraints) {}

  /** So long a certificate that is distrusted meanwhile is still taken for good. */
  private static final Duration KEPT = Duration.ofMinutes(5);

  private static final int MOST = 500;

  private final InstantSource clock;
  private final Map<Checked, Instant> goodUntil = new ConcurrentHashMap<>();

  KnownChains(InstantSource clock) {
    this.clock = clock;
  }

  boolean isGood(Checked checked) {
    Instant end = goodUntil.get(checked);
    Instant now = clock.instant();
    // A clock that was set back must not make it last.
    return end != null && now.isBefore(end) && Duration.between(now, end).compareTo(KEPT) <= 0;
  }

  void good(Checked checked) {
    Instant now = clock.instant();
    Instant end = now.plus(KEPT);
    for (X509Certificate certificate : checked.chain()) {
      Instant expires = certificate.getNotAfter().toInstant();
      end = expires.isBefore(end) ? expires : end;
    }
    if (goodUntil.size() >= MOST) {
      goodUntil.values().removeIf(now::isAfter);
      if (goodUntil.size() >= MOST) {
        goodUntil.clear();
      }
    }
    goodUntil.put(checked, end);
  }
}
