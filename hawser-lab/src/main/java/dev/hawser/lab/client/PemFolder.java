package dev.hawser.lab.client;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * The files of a service that say who it is and whom it trusts, as cert-manager and others write
 * them: where the lab has given some, the client's process is told their folder.
 */
public record PemFolder(Path folder) {
  /** The property that says where they are. */
  public static final String FOLDER = "hawser.lab.pem";

  private static final char[] NO_PASSWORD = {};

  /** Does this with the files, if there are some. */
  static void ifGiven(Consumer<PemFolder> then) {
    Optional.ofNullable(System.getProperty(FOLDER))
        .map(Path::of)
        .map(PemFolder::new)
        .ifPresent(then);
  }

  /** The client's certificate, and those of the authorities between it and the root. */
  Path chain() {
    return folder.resolve("chain.pem");
  }

  /** Its private key (PKCS #8, EC). */
  Path key() {
    return folder.resolve("key.pem");
  }

  /** Whom it trusts. */
  Path roots() {
    return folder.resolve("root.pem");
  }

  /** A context of what they say now, as a service makes it when it starts. */
  SSLContext context() {
    try {
      KeyStore own = empty();
      own.setKeyEntry(
          "own", privateKey(), NO_PASSWORD, certificates(chain()).toArray(Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, NO_PASSWORD);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), new TrustManager[] {trust()}, null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the files in " + folder, e);
    }
  }

  /** Who checks servers by what they say now. */
  X509TrustManager trust() {
    try {
      KeyStore trusted = empty();
      for (Certificate root : certificates(roots())) {
        trusted.setCertificateEntry("root" + trusted.size(), root);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(trusted);
      return (X509TrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("the files in " + folder, e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private PrivateKey privateKey() throws GeneralSecurityException, IOException {
    String base64 = Files.readString(key()).replaceAll("-----[^-]+-----|\\s", "");
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)));
  }

  private static Collection<? extends Certificate> certificates(Path file)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }
}
