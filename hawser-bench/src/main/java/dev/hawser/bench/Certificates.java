package dev.hawser.bench;

import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.List;

/**
 * The server's certificate, and its authority as clients take it: in PEM, and as the trust store of
 * a JVM, which all clients in Java go by unless told otherwise.
 */
record Certificates(Path chain, Path key, Path authority, Path trustStore) {
  /** Leaf, intermediate and root, all with keys of one kind. */
  static Certificates write(Path folder, KeyKind kind) throws IOException {
    TestIdentity identity =
        TestAuthority.create(InstantSource.system(), root -> root.key(kind))
            .intermediate("Issuing CA", issuer -> issuer.key(kind))
            .issue(leaf -> leaf.key(kind).names("localhost").ips("127.0.0.1"));
    TestIdentity.PemFiles files = identity.writePem(folder);
    Path store = folder.resolve("trust.p12");
    try (OutputStream out = Files.newOutputStream(store)) {
      KeyStore trust = KeyStore.getInstance("PKCS12");
      trust.load(null, null);
      trust.setCertificateEntry("root", identity.root());
      trust.store(out, null); // as the JDK's own: a password costs each process 0.3 s
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
    return new Certificates(files.chain(), files.key(), files.root(), store);
  }

  List<String> jvmFlags() {
    return List.of(
        "-Djavax.net.ssl.trustStore=" + trustStore, "-Djavax.net.ssl.trustStoreType=PKCS12");
  }
}
