package dev.hawser.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** A file of RFC 7468 blocks, read by the means of the JDK. */
record PemFile(String text, Optional<String> password) {
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");
  private static final Pattern BEGIN = Pattern.compile("-----BEGIN ");
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private record Block(String label, String base64) {}

  static boolean is(String text) {
    return BEGIN.matcher(text).find();
  }

  List<X509Certificate> certificates() throws IOException {
    var found = new ArrayList<X509Certificate>();
    for (Block block : blocks()) {
      if (block.label().endsWith("CERTIFICATE")) {
        found.add(certificate(block));
      }
    }
    if (found.isEmpty()) {
      throw new IOException("has no PEM certificate (-----BEGIN CERTIFICATE-----)");
    }
    return found;
  }

  PrivateKey privateKey() throws IOException {
    for (Block block : blocks()) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return privateKey(new PKCS8EncodedKeySpec(bytes(block)));
        }
        case "ENCRYPTED PRIVATE KEY" -> {
          return privateKey(decrypted(bytes(block)));
        }
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw new IOException(
                "has a key that is not PKCS#8; convert it: "
                    + "openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW");
        default -> {}
      }
    }
    throw new IOException("has no private key (-----BEGIN PRIVATE KEY-----)");
  }

  /** A block without its end is one that is still being written. */
  private List<Block> blocks() throws IOException {
    List<MatchResult> found = BLOCK.matcher(text).results().toList();
    if (found.size() != BEGIN.matcher(text).results().count()) {
      throw new IOException("is damaged, or not yet whole: a PEM block has no end");
    }
    return found.stream()
        .map(block -> new Block(block.group(1), block.group(2).replaceAll("\\s", "")))
        .toList();
  }

  private static byte[] bytes(Block block) throws IOException {
    try {
      return Base64.getDecoder().decode(block.base64());
    } catch (IllegalArgumentException e) {
      throw new IOException("is damaged: " + e.getMessage(), e);
    }
  }

  private static X509Certificate certificate(Block block) throws IOException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes(block)));
    } catch (CertificateException e) {
      throw new IOException("has a certificate that cannot be read: " + e.getMessage(), e);
    }
  }

  private PKCS8EncodedKeySpec decrypted(byte[] bytes) throws IOException {
    if (password.isEmpty()) {
      throw new IOException(
          "has an encrypted key, and no password is given; without one:"
              + " openssl pkcs8 -topk8 -nocrypt -in OLD -out NEW");
    }
    try {
      var info = new EncryptedPrivateKeyInfo(bytes);
      // For PBES2 the JDK's name of the whole scheme is that of its parameters.
      String scheme =
          info.getAlgName().startsWith("PBES2") || info.getAlgName().startsWith("1.2")
              ? info.getAlgParameters().toString()
              : info.getAlgName();
      var key =
          SecretKeyFactory.getInstance(scheme)
              .generateSecret(new PBEKeySpec(password.get().toCharArray()));
      Cipher cipher = Cipher.getInstance(scheme);
      cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
      return info.getKeySpec(cipher);
    } catch (GeneralSecurityException e) {
      throw new IOException("has a key that this password does not open: " + e.getMessage(), e);
    }
  }

  private static PrivateKey privateKey(PKCS8EncodedKeySpec spec) throws IOException {
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // Of another kind, then.
      } catch (GeneralSecurityException e) {
        throw new IOException("has a key that cannot be read: " + e.getMessage(), e);
      }
    }
    throw new IOException("has a key that is none of " + String.join(", ", KEY_ALGORITHMS));
  }
}
