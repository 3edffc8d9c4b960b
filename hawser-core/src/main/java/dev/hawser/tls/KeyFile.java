package dev.hawser.tls;

import dev.hawser.TlsFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** What a {@link TlsFile} holds, whichever of the two forms it has. */
final class KeyFile {
  private static final int MOST_BYTES = 16 * 1024 * 1024;

  private interface Content<T> {
    T read() throws IOException, GeneralSecurityException;
  }

  private final String option;
  private final TlsFile file;

  /**
   * Names a file; nothing is read yet.
   *
   * @param option the option that names it, for messages
   */
  KeyFile(String option, TlsFile file) {
    this.option = option;
    this.file = file;
  }

  /** All certificates in it, those that belong to keys included. */
  List<X509Certificate> certificates() throws IOException {
    return reading(
        () -> {
          byte[] bytes = bytes();
          String text = text(bytes);
          if (PemFile.is(text)) {
            return new PemFile(text, file.password()).certificates();
          }
          KeyStore store = store(bytes);
          var found = new ArrayList<X509Certificate>();
          for (String alias : Collections.list(store.aliases())) {
            Certificate[] chain = store.getCertificateChain(alias);
            found.addAll(
                x509(chain == null ? new Certificate[] {store.getCertificate(alias)} : chain));
          }
          if (found.isEmpty()) {
            throw new IOException("has no certificate");
          }
          return found;
        });
  }

  /** The first private key in it. */
  PrivateKey privateKey() throws IOException {
    return reading(
        () -> {
          byte[] bytes = bytes();
          String text = text(bytes);
          if (PemFile.is(text)) {
            return new PemFile(text, file.password()).privateKey();
          }
          KeyStore store = store(bytes);
          for (String alias : Collections.list(store.aliases())) {
            Key key = store.getKey(alias, password());
            if (key instanceof PrivateKey found) {
              return found;
            }
          }
          throw new IOException("has no private key");
        });
  }

  /** Errors come with the option's and the file's names. */
  private <T> T reading(Content<T> content) throws IOException {
    Path path = file.path();
    try {
      return content.read();
    } catch (NoSuchFileException e) {
      throw new IOException(option + ": there is no file " + path, e);
    } catch (AccessDeniedException e) {
      throw new IOException(option + ": " + path + " may not be read by this process", e);
    } catch (IOException | GeneralSecurityException e) {
      throw new IOException(option + ": " + path + " " + e.getMessage(), e);
    }
  }

  private byte[] bytes() throws IOException {
    try (var in = Files.newInputStream(file.path())) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new IOException("is too large for a file of keys");
      }
      return bytes;
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private KeyStore store(byte[] bytes) throws IOException, GeneralSecurityException {
    if (bytes.length == 0 || bytes[0] != 0x30) { // a SEQUENCE, as all of PKCS#12 is in
      throw new IOException("has no PEM certificate, nor is it PKCS#12");
    }
    KeyStore store = KeyStore.getInstance("PKCS12");
    try {
      store.load(new ByteArrayInputStream(bytes), password());
    } catch (IOException e) {
      String why =
          e.getCause() instanceof GeneralSecurityException
              ? "is PKCS#12 that this password does not open"
              : "is not PKCS#12, damaged, or not yet whole";
      throw new IOException(why + ": " + e.getMessage(), e);
    }
    return store;
  }

  private char[] password() {
    return file.password().orElse("").toCharArray();
  }

  private static List<X509Certificate> x509(Certificate[] certificates) {
    return Arrays.stream(certificates)
        .filter(X509Certificate.class::isInstance)
        .map(X509Certificate.class::cast)
        .toList();
  }
}
