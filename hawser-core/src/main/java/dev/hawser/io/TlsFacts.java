package dev.hawser.io;

import dev.hawser.TlsFailedException;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * What is known of a TLS failure beyond its words.
 *
 * @param reason the likely cause
 * @param chain the server's certificates, if they were refused and seen
 */
public record TlsFacts(TlsFailedException.Reason reason, List<X509Certificate> chain) {
  /** A failure of TLS of which nothing is known. */
  public static final TlsFacts NONE = of(TlsFailedException.Reason.OTHER);

  /** Copies the chain. */
  public TlsFacts {
    chain = List.copyOf(chain);
  }

  /** A failure that is not about certificates, or without them. */
  public static TlsFacts of(TlsFailedException.Reason reason) {
    return new TlsFacts(reason, List.of());
  }
}
