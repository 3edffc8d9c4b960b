package dev.hawser.faults;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** Kinds of keys for certificates: the good, and the ones that clients should refuse. */
public enum KeyKind {
  /** What most servers have. */
  P256("EC", "secp256r1", "SHA256withECDSA"),
  /** A larger curve. */
  P384("EC", "secp384r1", "SHA384withECDSA"),
  /** RSA as most authorities use it. */
  RSA_2048("RSA", "2048", "SHA256withRSA"),
  /** RSA that is slow to sign. */
  RSA_4096("RSA", "4096", "SHA256withRSA"),
  /** RSA that is too short, though JDK 25 takes it. */
  RSA_1024("RSA", "1024", "SHA256withRSA"),
  /** RSA that is too short for JDK 25, too. */
  RSA_768("RSA", "768", "SHA256withRSA"),
  /** Edwards curve. */
  ED25519("Ed25519", "", "Ed25519");

  private final String algorithm;
  private final String size; // a curve's name, or bits, or nothing
  private final String signature;

  KeyKind(String algorithm, String size, String signature) {
    this.algorithm = algorithm;
    this.size = size;
    this.signature = signature;
  }

  /** The algorithm that keys of this kind sign with, unless asked for another. */
  String signature() {
    return signature;
  }

  KeyPair generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      switch (algorithm) {
        case "EC" -> generator.initialize(new ECGenParameterSpec(size));
        case "RSA" -> generator.initialize(Integer.parseInt(size));
        default -> {}
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
