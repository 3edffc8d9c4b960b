package dev.hawser.faults;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaCertificateID;
import org.bouncycastle.cert.ocsp.jcajce.JcaRespID;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * A private certificate authority, made at run time.
 *
 * {@snippet :
 * var root = TestAuthority.create();
 * var identity = root.intermediate("Issuing").issue(leaf -> leaf.names("localhost").ips("127.0.0.1"));
 * SSLContext server = identity.serverContext();   // sends the leaf and the intermediate
 * SSLContext client = root.clientContext();       // trusts this root only
 * }
 */
public final class TestAuthority {
  private static final SecureRandom RANDOM = new SecureRandom();

  private final InstantSource clock;
  private final KeyPair keys;
  private final KeyKind kind;
  private final X509Certificate certificate;
  private final List<X509Certificate> above; // the issuers of this one, the root last

  private TestAuthority(
      InstantSource clock,
      KeyPair keys,
      KeyKind kind,
      X509Certificate certificate,
      List<X509Certificate> above) {
    this.clock = clock;
    this.keys = keys;
    this.kind = kind;
    this.certificate = certificate;
    this.above = above;
  }

  /** A root with a P-256 key. */
  public static TestAuthority create() {
    return create(InstantSource.system(), root -> {});
  }

  /** A root as asked for; certificates count their validity from this clock. */
  public static TestAuthority create(InstantSource clock, Consumer<CertificateRequest> change) {
    var request = CertificateRequest.of("Test Root", change);
    request.authority = true;
    KeyPair keys = request.key.generate();
    return new TestAuthority(clock, keys, request.key, selfSign(clock, keys, request), List.of());
  }

  /** A certificate that is its own issuer, for a server without an authority. */
  public static TestIdentity selfSigned(Consumer<CertificateRequest> change) {
    var request = CertificateRequest.of("Self-signed", change);
    KeyPair keys = request.key.generate();
    X509Certificate certificate = selfSign(InstantSource.system(), keys, request);
    return new TestIdentity(keys.getPrivate(), List.of(certificate), certificate);
  }

  /** An authority below this one. */
  public TestAuthority intermediate(String name) {
    return intermediate(name, intermediate -> {});
  }

  /** An authority below this one, as asked for. */
  public TestAuthority intermediate(String name, Consumer<CertificateRequest> change) {
    var request = CertificateRequest.of(name, change);
    request.authority = true;
    KeyPair below = request.key.generate();
    return new TestAuthority(clock, below, request.key, sign(below.getPublic(), request), chain());
  }

  /** An authority by name that this one never gave the right to be one: no CA flag. */
  public TestAuthority impostor(String name) {
    var request = new CertificateRequest(name);
    KeyPair below = request.key.generate();
    return new TestAuthority(clock, below, request.key, sign(below.getPublic(), request), chain());
  }

  /** A certificate and its key, for a server or a client. */
  public TestIdentity issue(Consumer<CertificateRequest> change) {
    var request = CertificateRequest.of("Test", change);
    KeyPair leaf = request.key.generate();
    var path = new ArrayList<X509Certificate>();
    path.add(sign(leaf.getPublic(), request));
    path.addAll(chain());
    X509Certificate root = path.removeLast();
    return new TestIdentity(leaf.getPrivate(), path, root);
  }

  /** An identity for {@code localhost} and the loopback addresses that tests use. */
  public TestIdentity localhost() {
    return issue(
        leaf ->
            leaf.commonName("localhost")
                .names("localhost", "*.localhost")
                .ips("127.0.0.1", "127.0.0.2", "127.0.0.3", "::1"));
  }

  /** What an OCSP answer says of a certificate. */
  public enum OcspStatus {
    /** It holds. */
    GOOD,
    /** It was revoked a minute ago. */
    REVOKED,
    /** Nobody knows it. */
    UNKNOWN
  }

  /**
   * An OCSP answer of this authority's own (RFC 6960), as servers staple it.
   *
   * @param until when it ends, from now; it began an hour before
   */
  public byte[] ocspAnswer(X509Certificate of, OcspStatus status, Duration until) {
    Instant end = clock.instant().plus(until);
    try {
      var digests = new JcaDigestCalculatorProviderBuilder().build();
      var id =
          new JcaCertificateID(
              digests.get(CertificateID.HASH_SHA1), certificate, of.getSerialNumber());
      var answer = new BasicOCSPRespBuilder(new JcaRespID(certificate.getSubjectX500Principal()));
      answer.addResponse(
          id,
          switch (status) {
            case GOOD -> CertificateStatus.GOOD;
            case REVOKED ->
                new RevokedStatus(
                    Date.from(clock.instant().minusSeconds(60)), CRLReason.keyCompromise);
            case UNKNOWN -> new UnknownStatus();
          },
          Date.from(end.minus(Duration.ofHours(1)).minus(until.abs())),
          Date.from(end),
          null);
      BasicOCSPResp signed =
          answer.build(
              new JcaContentSignerBuilder(kind.signature()).build(keys.getPrivate()),
              null,
              Date.from(clock.instant()));
      return new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, signed).getEncoded();
    } catch (GeneralSecurityException | IOException | OperatorCreationException | OCSPException e) {
      throw new IllegalStateException("the OCSP answer", e);
    }
  }

  /** A client's context that trusts this authority and nobody else. */
  public SSLContext clientContext() {
    return Contexts.of(null, List.of(certificate));
  }

  /** A client's context that trusts this authority only and shows this identity. */
  public SSLContext clientContext(TestIdentity identity) {
    return Contexts.of(identity, List.of(certificate));
  }

  /** This authority's own certificate. */
  public X509Certificate certificate() {
    return certificate;
  }

  /** Writes this authority's certificate as PEM, for {@code --cacert}. */
  public Path writePem(Path file) throws IOException {
    return Files.writeString(file, Pem.of(certificate));
  }

  private List<X509Certificate> chain() {
    var chain = new ArrayList<X509Certificate>();
    chain.add(certificate);
    chain.addAll(above);
    return chain;
  }

  private X509Certificate sign(PublicKey subject, CertificateRequest request) {
    return sign(
        certificate.getSubjectX500Principal(),
        certificate.getPublicKey(),
        subject,
        request,
        clock,
        keys,
        kind);
  }

  private static X509Certificate selfSign(
      InstantSource clock, KeyPair keys, CertificateRequest request) {
    return sign(
        principal(request), keys.getPublic(), keys.getPublic(), request, clock, keys, request.key);
  }

  private static X509Certificate sign(
      X500Principal issuer,
      PublicKey issuerKey,
      PublicKey subject,
      CertificateRequest request,
      InstantSource clock,
      KeyPair signer,
      KeyKind signerKind) {
    Instant now = clock.instant();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            new BigInteger(127, RANDOM).setBit(126),
            Date.from(now.plus(request.notBefore)),
            Date.from(now.plus(request.notAfter)),
            principal(request),
            subject);
    try {
      extensions(builder, issuerKey, subject, request);
      String algorithm = request.signature == null ? signerKind.signature() : request.signature;
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate())));
    } catch (IOException | OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("the certificate for " + request.commonName, e);
    }
  }

  private static void extensions(
      X509v3CertificateBuilder builder,
      PublicKey issuerKey,
      PublicKey subject,
      CertificateRequest request)
      throws IOException, GeneralSecurityException {
    var identifiers = new JcaX509ExtensionUtils();
    builder.addExtension(
        Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(subject));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        identifiers.createAuthorityKeyIdentifier(issuerKey));
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(request.authority));
    if (request.authority) {
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    } else {
      builder.addExtension(
          Extension.extendedKeyUsage,
          false,
          new ExtendedKeyUsage(
              new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
    }
    GeneralName[] names = alternativeNames(request);
    if (names.length > 0) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    for (CertificateRequest.Change change : request.changes) {
      change.apply(builder);
    }
  }

  private static GeneralName[] alternativeNames(CertificateRequest request) {
    var names = new ArrayList<GeneralName>();
    request.dnsNames.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    request.addresses.forEach(ip -> names.add(new GeneralName(GeneralName.iPAddress, ip)));
    return names.toArray(GeneralName[]::new);
  }

  private static X500Principal principal(CertificateRequest request) {
    return new X500Principal("CN=" + request.commonName);
  }
}
