package dev.hawser.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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
import java.util.regex.Pattern;

/**
 * A file of RFC 7468 blocks, read by the means of the JDK.
 *
 * @param option the option that named it, for messages
 */
record PemFile(String option, Path path, String text) {
  private static final int MOST_BYTES = 16 * 1024 * 1024;
  private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "EdDSA");
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

  private record Block(String label, String base64) {}

  static PemFile read(String option, Path path) {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new UsageException(option + ": " + path + " is too large for a PEM file");
      }
      byte[] bytes = Files.readAllBytes(path);
      return new PemFile(option, path, new String(bytes, StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new UsageException(option + ": there is no file " + path, e);
    } catch (IOException e) {
      throw new UsageException(option + ": cannot read " + path + ": " + e.getMessage(), e);
    }
  }

  List<X509Certificate> certificates() {
    var found = new ArrayList<X509Certificate>();
    for (Block block : blocks()) {
      if (block.label().endsWith("CERTIFICATE")) {
        found.add(certificate(block));
      }
    }
    if (found.isEmpty()) {
      throw wrong("has no PEM certificate (-----BEGIN CERTIFICATE-----)");
    }
    return found;
  }

  PrivateKey privateKey() {
    for (Block block : blocks()) {
      switch (block.label()) {
        case "PRIVATE KEY" -> {
          return privateKey(bytes(block));
        }
        case "ENCRYPTED PRIVATE KEY" -> throw toConvert("has an encrypted key");
        case "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY" ->
            throw toConvert("has a key that is not PKCS#8");
        default -> {}
      }
    }
    throw wrong("has no private key (-----BEGIN PRIVATE KEY-----)");
  }

  private List<Block> blocks() {
    return BLOCK
        .matcher(text)
        .results()
        .map(block -> new Block(block.group(1), block.group(2).replaceAll("\\s", "")))
        .toList();
  }

  private byte[] bytes(Block block) {
    try {
      return Base64.getDecoder().decode(block.base64());
    } catch (IllegalArgumentException e) {
      throw wrong("is damaged: " + e.getMessage());
    }
  }

  private X509Certificate certificate(Block block) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(bytes(block)));
    } catch (CertificateException e) {
      throw wrong("has a certificate that cannot be read: " + e.getMessage());
    }
  }

  private PrivateKey privateKey(byte[] bytes) {
    var spec = new PKCS8EncodedKeySpec(bytes);
    for (String algorithm : KEY_ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (InvalidKeySpecException e) {
        // Of another kind, then.
      } catch (GeneralSecurityException e) {
        throw wrong("has a key that cannot be read: " + e.getMessage());
      }
    }
    throw wrong("has a key that is none of " + String.join(", ", KEY_ALGORITHMS));
  }

  private UsageException toConvert(String what) {
    return wrong(what + "; convert it: openssl pkcs8 -topk8 -nocrypt -in " + path + " -out NEW");
  }

  private UsageException wrong(String what) {
    return new UsageException(option + ": " + path + " " + what);
  }
}
