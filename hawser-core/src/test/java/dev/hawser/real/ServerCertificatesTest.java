package dev.hawser.real;

import static dev.hawser.TlsFailedException.Reason.CERTIFICATE_REFUSED;
import static dev.hawser.TlsFailedException.Reason.EXPIRED;
import static dev.hawser.TlsFailedException.Reason.MISSING_INTERMEDIATE;
import static dev.hawser.TlsFailedException.Reason.NOT_YET_VALID;
import static dev.hawser.TlsFailedException.Reason.NO_COMMON_SUITE;
import static dev.hawser.TlsFailedException.Reason.SELF_SIGNED;
import static dev.hawser.TlsFailedException.Reason.UNKNOWN_AUTHORITY;
import static dev.hawser.TlsFailedException.Reason.WEAK_ALGORITHM;
import static dev.hawser.TlsFailedException.Reason.WRONG_HOST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hawser.HawserClient;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.faults.CertificateRequest;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Certificates and chains of an nginx, and what becomes of them. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class ServerCertificatesTest extends WithTlsServer {
  /** One server; weak algorithms are for the client to refuse. */
  private RealServer nginx(TestIdentity identity, int port) throws Exception {
    write(identity);
    return RealServer.nginx(
        dir,
        """
        server {
          listen 127.0.0.1:PORT ssl;
          ssl_protocols TLSv1.2 TLSv1.3;
          ssl_ciphers DEFAULT@SECLEVEL=0;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          location / { return 200 "hello"; }
        }
        """,
        port);
  }

  private static TestIdentity issue(Consumer<CertificateRequest> change) {
    return MIDDLE.issue(change);
  }

  private static TestIdentity here(TestAuthority authority) {
    return authority.issue(leaf -> leaf.names("a.test").ips("127.0.0.1"));
  }

  private static Arguments refused(
      String name, TestIdentity identity, String host, Reason reason, String words) {
    return Arguments.of(Named.of(name, identity), host, reason, words);
  }

  private static Stream<Arguments> refused() {
    TestAuthority stranger =
        TestAuthority.create(InstantSource.system(), root -> root.commonName("Stranger"));
    return Stream.of(
        refused(
            "expired", issue(l -> l.names("a.test").expired()), "a.test", EXPIRED, "it expired on"),
        refused(
            "not yet valid",
            issue(l -> l.names("a.test").notYetValid()),
            "a.test",
            NOT_YET_VALID,
            "it is not valid before"),
        refused(
            "another host",
            issue(l -> l.names("b.test")),
            "a.test",
            WRONG_HOST,
            "it is for b.test, not"),
        refused(
            "a wildcard at the wrong level",
            issue(l -> l.names("*.test")),
            "a.b.test",
            WRONG_HOST,
            "it is for *.test, not"),
        refused(
            "an address without its SAN",
            issue(l -> l.commonName("127.0.0.1").names("a.test")),
            "127.0.0.1",
            WRONG_HOST,
            "it is for a.test, not"),
        refused(
            "a name as CN only",
            issue(l -> l.commonName("a.test")),
            "a.test",
            WRONG_HOST,
            "no name or address, only CN=a.test"),
        refused(
            "self-signed",
            TestAuthority.selfSigned(l -> l.commonName("box").names("a.test")),
            "a.test",
            SELF_SIGNED,
            "it is self-signed (CN=box)"),
        refused(
            "an unknown authority",
            here(stranger.intermediate("between")),
            "a.test",
            UNKNOWN_AUTHORITY,
            "CN=Stranger is not in the trust store"),
        refused(
            "the intermediate is missing",
            here(MIDDLE).withoutIntermediates(),
            "a.test",
            MISSING_INTERMEDIATE,
            "no certificate of its issuer CN=middle"),
        refused(
            "the CA flag is missing",
            here(MIDDLE.impostor("Impostor")),
            "a.test",
            CERTIFICATE_REFUSED,
            "CA"),
        refused(
            "name constraints are violated",
            here(constrained("else.example")),
            "a.test",
            CERTIFICATE_REFUSED,
            "name constraints"),
        refused(
            "an issuer signed with MD5",
            here(RSA_ROOT.intermediate("Weak", m -> m.signedWith("MD5withRSA"))),
            "a.test",
            WEAK_ALGORITHM,
            "MD5"),
        refused(
            "an RSA key of 768 bits",
            issue(l -> l.names("a.test").key(KeyKind.RSA_768)),
            "a.test",
            WEAK_ALGORITHM,
            "768"));
  }

  private static TestAuthority constrained(String domain) {
    var only = new GeneralSubtree(new GeneralName(GeneralName.dNSName, domain));
    return MIDDLE.intermediate(
        "Constrained",
        issuing ->
            issuing.with(
                certificate ->
                    certificate.addExtension(
                        Extension.nameConstraints,
                        true,
                        new NameConstraints(new GeneralSubtree[] {only}, null))));
  }

  private static TestAuthority deep(int intermediates) {
    TestAuthority authority = ROOT;
    for (int i = 1; i <= intermediates; i++) {
      authority = authority.intermediate("Level " + i);
    }
    return authority;
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefusedUntilItIsMended(TestIdentity identity, String host, Reason reason, String words)
      throws Exception {
    int port = RealServer.freePort();
    URI uri = URI.create("https://" + host + ":" + port + "/");
    HawserClient client = client();
    try (RealServer _ = nginx(identity, port)) {
      fails(client, uri, reason, "certificate of " + host + " was refused", words);
    }
    var good = MIDDLE.issue(leaf -> leaf.names("a.test", "a.b.test").ips("127.0.0.1"));
    try (RealServer _ = nginx(good, port)) {
      assertThat(get(client, uri).body()).isEqualTo("hello");
    }
  }

  private static Stream<Named<TestIdentity>> accepted() {
    TestIdentity low = here(MIDDLE.intermediate("upper").intermediate("lower"));
    var stranger = TestAuthority.create().certificate();
    return Stream.of(
        Named.of("RSA", identity(KeyKind.RSA_2048)),
        Named.of("ECDSA", identity(KeyKind.P256)),
        Named.of("P-384", identity(KeyKind.P384)),
        Named.of("RSA of 1024 bits, as the JDK allows", identity(KeyKind.RSA_1024)),
        Named.of(
            "signed with SHA-1 by a private authority, as the JDK allows",
            RSA_ROOT.issue(leaf -> leaf.names("a.test").signedWith("SHA1withRSA"))),
        Named.of("ten deep", here(deep(9))),
        Named.of(
            "in the wrong order",
            low.withChain(c -> List.of(c.get(0), c.get(3), c.get(2), c.get(1)))),
        Named.of(
            "with the root and a stranger",
            low.withChain(
                c ->
                    List.of(c.get(0), stranger, c.get(1), c.get(2), c.get(3), ROOT.certificate()))),
        Named.of("within name constraints", constrainedTo("a.test")));
  }

  private static TestIdentity constrainedTo(String name) {
    return constrained(name).issue(leaf -> leaf.names(name));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void isGood(TestIdentity identity) throws Exception {
    int port = RealServer.freePort();
    try (RealServer _ = nginx(identity, port)) {
      URI uri = URI.create("https://a.test:" + port + "/");
      assertThat(get(client(), uri).body()).isEqualTo("hello");
    }
  }

  /** JSSE's limit; other engines may have another. */
  @Test
  void elevenDeepIsTooDeep() throws Exception {
    HawserClient client = client();
    assumeTrue(isTheJdks(client)); // BoringSSL has no such limit
    int port = RealServer.freePort();
    try (RealServer server = nginx(here(deep(10)), port)) {
      fails(client, server.secureUri("a.test", "/"), CERTIFICATE_REFUSED, "too many", "11");
    }
  }

  /** Which the JDK neither offers nor reads. */
  @Test
  void aWeakCurveIsNothingInCommon() throws Exception {
    String[] command = {
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp224r1",
      "-nodes", "-subj", "/CN=weak", "-addext", "subjectAltName=DNS:a.test", "-days", "2",
      "-keyout", dir.resolve("key.pem").toString(), "-out", dir.resolve("chain.pem").toString()
    };
    RealServer.run(dir, command);
    try (RealServer server = RealServer.openssl(dir)) {
      fails(client(), server.secureUri("a.test", "/"), NO_COMMON_SUITE, "handshake_failure");
    }
  }
}
