package dev.hawser.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/**
 * A key with its certificates.
 *
 * @param key the private key
 * @param chain what is sent in a handshake: the leaf first, without the root
 * @param root the authority on top
 */
public record TestIdentity(PrivateKey key, List<X509Certificate> chain, X509Certificate root) {
  /** Copies the chain. */
  public TestIdentity {
    chain = List.copyOf(chain);
  }

  /** Where PEM files were written. */
  public record PemFiles(Path chain, Path key, Path root) {}

  /** The certificate itself. */
  public X509Certificate leaf() {
    return chain.getFirst();
  }

  /** The same key with another chain: without intermediates, in another order, with the root. */
  public TestIdentity withChain(UnaryOperator<List<X509Certificate>> change) {
    return new TestIdentity(key, change.apply(chain), root);
  }

  /** The same key sent with the leaf alone, as misconfigured servers do. */
  public TestIdentity withoutIntermediates() {
    return withChain(chain -> List.of(chain.getFirst()));
  }

  /** A server's context; it trusts certificates of clients that the same root issued. */
  public SSLContext serverContext() {
    return Contexts.of(this, List.of(root));
  }

  /** A server's handshake with this identity. */
  public Tls tls() {
    return Tls.of(serverContext());
  }

  /** Writes {@code chain.pem}, {@code key.pem} (PKCS #8) and {@code root.pem}. */
  public PemFiles writePem(Path folder) throws IOException {
    String certificates = chain.stream().map(Pem::of).collect(Collectors.joining());
    return new PemFiles(
        Files.writeString(folder.resolve("chain.pem"), certificates),
        Files.writeString(folder.resolve("key.pem"), Pem.of(key)),
        Files.writeString(folder.resolve("root.pem"), Pem.of(root)));
  }
}
