package dev.hawser.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** TLS contexts from PEM files. */
final class Trust {
  private static final char[] NO_PASSWORD = new char[0];

  private Trust() {}

  /** Returns null when nothing was asked for: then the JDK's own trust holds. */
  static @Nullable SSLContext context(
      boolean insecure, @Nullable Path cacert, @Nullable Path cert, @Nullable Path key)
      throws IOException, GeneralSecurityException {
    if (!insecure && cacert == null && cert == null) {
      return null;
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keyManagers(cert, key), trustManagers(insecure, cacert), null);
    return context;
  }

  private static TrustManager @Nullable [] trustManagers(boolean insecure, @Nullable Path cacert)
      throws IOException, GeneralSecurityException {
    if (insecure) {
      return new TrustManager[] {new TrustAll()};
    }
    if (cacert == null) {
      return null;
    }
    KeyStore store = emptyStore();
    int count = 0;
    for (Certificate certificate : certificates(cacert)) {
      store.setCertificateEntry("ca" + count++, certificate);
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager @Nullable [] keyManagers(@Nullable Path cert, @Nullable Path key)
      throws IOException, GeneralSecurityException {
    if (cert == null) {
      return null;
    }
    Certificate[] chain = certificates(cert).toArray(Certificate[]::new);
    KeyStore store = emptyStore();
    store.setKeyEntry("client", privateKey(key == null ? cert : key), NO_PASSWORD, chain);
    var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, NO_PASSWORD);
    return factory.getKeyManagers();
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found = CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (found.isEmpty()) {
        throw new IOException("no certificate in " + file);
      }
      return found;
    } catch (NoSuchFileException e) {
      throw new IOException("no such file: " + file, e);
    }
  }

  private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    String pem = Files.readString(file);
    int from = pem.indexOf("-----BEGIN PRIVATE KEY-----");
    int to = pem.indexOf("-----END PRIVATE KEY-----");
    if (from < 0 || to < from) {
      throw new IOException(
          "no PKCS#8 private key in " + file + " (openssl pkcs8 -topk8 -nocrypt converts others)");
    }
    byte[] der = Base64.getMimeDecoder().decode(pem.substring(from + 27, to));
    for (String algorithm : new String[] {"EC", "RSA", "EdDSA"}) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        // Another kind of key, then.
      }
    }
    throw new IOException("a key of an unknown kind in " + file);
  }

  /** An extended one, so that the JDK does not verify the host name either. */
  private static final class TrustAll extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
