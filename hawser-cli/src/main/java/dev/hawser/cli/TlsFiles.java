package dev.hawser.cli;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A TLS context from PEM files. */
final class TlsFiles {
  private TlsFiles() {}

  /**
   * Makes a context.
   *
   * @param insecure trust anyone
   * @param cacert the authorities to trust; null for the JDK's
   * @param cert the client's certificate; null for none
   * @param key its key; null when it is in the same file
   */
  static SSLContext context(
      boolean insecure, @Nullable Path cacert, @Nullable Path cert, @Nullable Path key) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          cert == null ? null : new KeyManager[] {keyManager(cert, key)},
          insecure
              ? new TrustManager[] {new TrustAnyone()}
              : cacert == null ? null : trusting(PemFile.read("--cacert", cacert).certificates()),
          null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new UsageException("these TLS files cannot be used: " + e.getMessage(), e);
    }
  }

  /** Trusts these authorities only. */
  static TrustManager[] trusting(List<X509Certificate> authorities)
      throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    for (X509Certificate authority : authorities) {
      store.setCertificateEntry("authority-" + store.size(), authority);
    }
    var factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return factory.getTrustManagers();
  }

  private static KeyManager keyManager(Path cert, @Nullable Path key)
      throws IOException, GeneralSecurityException {
    PemFile certFile = PemFile.read("--cert", cert);
    List<X509Certificate> chain = certFile.certificates();
    PrivateKey privateKey = (key == null ? certFile : PemFile.read("--key", key)).privateKey();
    if (!belongTogether(privateKey, chain.getFirst())) {
      throw new UsageException("the key is not that of the first certificate of " + cert);
    }
    return new OneKey(privateKey, chain);
  }

  /** Whether the certificate verifies what the key signs. */
  private static boolean belongTogether(PrivateKey key, X509Certificate certificate)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
      return false;
    }
    byte[] text = {1, 2, 3};
    Signature signature = Signature.getInstance(algorithm);
    signature.initSign(key);
    signature.update(text);
    byte[] signed = signature.sign();
    signature.initVerify(certificate.getPublicKey());
    signature.update(text);
    return signature.verify(signed);
  }

  /** An extended one, so that the JDK does not verify the host's name either. */
  private static final class TrustAnyone extends X509ExtendedTrustManager {
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
