package dev.hawser.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.HexFormat;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A key and a certificate of its own for 127.0.0.1, made anew each time and good for {@link WarmUp}
 * only. The JDK can make keys but no certificates, so this writes the DER of RFC 5280 itself.
 */
final class SelfSigned {
  private static final String ECDSA_WITH_SHA256 = "06082a8648ce3d040302";
  private static final String COMMON_NAME = "0603550403";
  private static final String SUBJECT_ALTERNATIVE_NAME = "0603551d11";

  private static final char[] NO_SECRET = "none".toCharArray();

  private final PrivateKey key;
  private final X509Certificate certificate;

  private SelfSigned(PrivateKey key, X509Certificate certificate) {
    this.key = key;
    this.certificate = certificate;
  }

  static SelfSigned create() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    return new SelfSigned(keys.getPrivate(), certificate(keys));
  }

  /** The certificate in a new file, for those who are to trust it. */
  Path writePem() throws IOException, GeneralSecurityException {
    String base64 = Base64.getMimeEncoder().encodeToString(certificate.getEncoded());
    return Files.writeString(
        Files.createTempFile("hawser", ".pem"),
        "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
  }

  /** Returns a server's context that shows the certificate. */
  SSLContext context(Provider provider) throws GeneralSecurityException, IOException {
    // PKCS#12 would encrypt and decrypt the key on its way: half a second in a fresh JVM.
    KeyStore store = KeyStore.getInstance("JKS");
    store.load(null, null);
    store.setKeyEntry("key", key, NO_SECRET, new Certificate[] {certificate});
    var own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    own.init(store, NO_SECRET);
    SSLContext context = SSLContext.getInstance("TLS", provider);
    context.init(own.getKeyManagers(), new TrustManager[] {}, null);
    return context;
  }

  private static X509Certificate certificate(KeyPair keys) throws GeneralSecurityException {
    byte[] algorithm = der(0x30, hex(ECDSA_WITH_SHA256));
    byte[] name = der(0x30, der(0x31, der(0x30, hex(COMMON_NAME), der(0x0c, ascii("127.0.0.1")))));
    byte[] validity =
        der(0x30, der(0x17, ascii("250101000000Z")), der(0x17, ascii("490101000000Z")));
    byte[] alternative = der(0x30, der(0x87, new byte[] {127, 0, 0, 1}));
    byte[] extension = der(0x30, hex(SUBJECT_ALTERNATIVE_NAME), der(0x04, alternative));
    byte[] toBeSigned =
        der(
            0x30,
            der(0xa0, der(0x02, new byte[] {2})), // version 3
            der(0x02, new byte[] {1}), // serial number
            algorithm,
            name,
            validity,
            name,
            keys.getPublic().getEncoded(),
            der(0xa3, der(0x30, extension)));
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(toBeSigned);
    byte[] bits = der(0x03, new byte[] {0}, signature.sign());
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der(0x30, toBeSigned, algorithm, bits)));
  }

  /** An element of this tag; all are shorter than 64 KiB. */
  private static byte[] der(int tag, byte[]... contents) {
    var content = new ByteArrayOutputStream();
    for (byte[] each : contents) {
      content.writeBytes(each);
    }
    var element = new ByteArrayOutputStream();
    element.write(tag);
    int length = content.size();
    if (length >= 256) {
      element.write(0x82);
      element.write(length >> 8);
    } else if (length >= 128) {
      element.write(0x81);
    }
    element.write(length);
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
