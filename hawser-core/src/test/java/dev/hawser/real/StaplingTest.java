package dev.hawser.real;

import static dev.hawser.TlsFailedException.Reason.NO_STAPLE;
import static dev.hawser.TlsFailedException.Reason.REVOKED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.HawserClient;
import dev.hawser.TlsFailedException;
import dev.hawser.TlsOptions.Stapling;
import dev.hawser.faults.CertificateRequest;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestAuthority.OcspStatus;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that staple OCSP answers: nginx, haproxy, and OpenSSL's, which staples anything. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class StaplingTest extends WithTlsServer {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final ASN1ObjectIdentifier TLS_FEATURE =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24");
  private static final TestIdentity SERVER = identity(KeyKind.P256);
  private static final TestIdentity MUST_STAPLE =
      MIDDLE.issue(leaf -> mustStaple(leaf.ips("127.0.0.1")));

  private static CertificateRequest mustStaple(CertificateRequest leaf) {
    return leaf.with(
        builder -> builder.addExtension(TLS_FEATURE, false, new DERSequence(new ASN1Integer(5))));
  }

  private HawserClient client(Stapling policy) throws IOException {
    return client(t -> t.stapling(policy));
  }

  private RealServer nginx(String version, TestIdentity identity, String stapling)
      throws Exception {
    write(identity);
    Files.writeString(
        dir.resolve("all.pem"),
        Files.readString(dir.resolve("chain.pem")) + Files.readString(dir.resolve("root.pem")));
    return RealServer.nginx(
        dir,
        """
        server {
          listen 127.0.0.1:PORT ssl;
          ssl_protocols VERSION;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          ssl_trusted_certificate DIR/all.pem;
          ssl_stapling on;
          STAPLING
          location / { return 200 "hello"; }
        }
        """
            .replace("VERSION", version)
            .replace("STAPLING", stapling));
  }

  private RealServer nginx(String version, byte[] staple) throws Exception {
    Files.write(dir.resolve("staple"), staple);
    return nginx(version, SERVER, "ssl_stapling_file DIR/staple;");
  }

  private static byte[] answer(TestIdentity of, OcspStatus status, Duration until) {
    return MIDDLE.ocspAnswer(of.leaf(), status, until);
  }

  private static String body(HawserClient client, RealServer server) throws Exception {
    return get(client, server.secureUri("/")).body();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aGoodAnswerIsSeen(String version) throws Exception {
    try (RealServer server = nginx(version, answer(SERVER, OcspStatus.GOOD, HOUR))) {
      assertThat(body(client(Stapling.REQUIRED), server)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aRevokedCertificateIsRefused(String version) throws Exception {
    try (RealServer server = nginx(version, answer(SERVER, OcspStatus.REVOKED, HOUR))) {
      URI uri = server.secureUri("/");
      TlsFailedException failure =
          fails(client(Stapling.CHECKED), uri, REVOKED, "revoked", "Replace it");

      assertThat(failure.chain()).startsWith(SERVER.leaf());
      assertThat(body(client(Stapling.IGNORED), server)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anOldAnswerIsNone(String version) throws Exception {
    try (RealServer server = nginx(version, answer(SERVER, OcspStatus.GOOD, HOUR.negated()))) {
      assertThat(body(client(Stapling.CHECKED), server)).isEqualTo("hello");
      fails(client(Stapling.REQUIRED), server.secureUri("/"), NO_STAPLE, "does not hold");
    }
  }

  private static Stream<Named<byte[]>> useless() {
    TestAuthority stranger = TestAuthority.create().intermediate("middle");
    return Stream.of(
        Named.of("expired", answer(MUST_STAPLE, OcspStatus.GOOD, HOUR.negated())),
        Named.of("for another certificate", answer(SERVER, OcspStatus.GOOD, HOUR)),
        Named.of("of another certificate's revocation", answer(SERVER, OcspStatus.REVOKED, HOUR)),
        Named.of(
            "by somebody else", stranger.ocspAnswer(MUST_STAPLE.leaf(), OcspStatus.GOOD, HOUR)),
        Named.of("unknown", answer(MUST_STAPLE, OcspStatus.UNKNOWN, HOUR)));
  }

  @ParameterizedTest
  @MethodSource("useless")
  void aCertificateThatMustStapleNeedsOneThatHolds(byte[] staple) throws Exception {
    write(MUST_STAPLE);
    String file = dir.resolve("staple").toString();
    Files.write(dir.resolve("staple"), staple);
    try (RealServer server = RealServer.openssl(dir, "-status_file", file)) {
      HawserClient client = client(Stapling.CHECKED);
      fails(client, server.secureUri("/"), NO_STAPLE, "does not hold", "must-staple");

      Files.write(dir.resolve("staple"), answer(MUST_STAPLE, OcspStatus.GOOD, HOUR));
      assertThat(get(client, server.secureUri("/")).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void aCertificateThatMustStapleNeedsOne() throws Exception {
    write(MUST_STAPLE);
    try (RealServer server = RealServer.openssl(dir)) {
      fails(client(Stapling.CHECKED), server.secureUri("/"), NO_STAPLE, "there is none");
      assertThat(get(client(Stapling.IGNORED), server.secureUri("/")).statusCode()).isEqualTo(200);
    }
  }

  /** It asks when it is first asked, and has no staple until the answer has come. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nginxStaplesWhatItsResponderSays(String version) throws Exception {
    try (var responder = new OcspResponder(dir, MIDDLE, MUST_STAPLE.leaf(), false);
        RealServer server =
            nginx(
                version,
                MUST_STAPLE,
                "ssl_stapling_responder " + responder.url() + "; ssl_stapling_verify on;")) {
      HawserClient client = client(Stapling.CHECKED);
      fails(client, server.secureUri("/"), NO_STAPLE, "there is none");

      awaitStaple(server);

      assertThat(body(client, server)).isEqualTo("hello");
    }
  }

  private void awaitStaple(RealServer server) throws Exception {
    HawserClient strict = client(Stapling.REQUIRED);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      try {
        assertThat(body(strict, server)).isEqualTo("hello");
        return;
      } catch (TlsFailedException e) {
        assertThat(e.reason()).isEqualTo(NO_STAPLE);
      }
    }
    throw new AssertionError("no staple came: " + Files.readString(dir.resolve("error.log")));
  }

  private RealServer haproxy(TestIdentity identity, boolean revoked) throws Exception {
    write(identity);
    try (var responder = new OcspResponder(dir, MIDDLE, identity.leaf(), revoked)) {
      Files.write(dir.resolve("both.pem.ocsp"), responder.answerFor(dir.resolve("chain.pem")));
    }
    return RealServer.haproxy(dir, HAPROXY);
  }

  private static final String HAPROXY =
      """
      defaults
        mode http
        timeout client 10s
      frontend front
        bind 127.0.0.1:PORT ssl crt DIR/both.pem
        http-request return status 200 content-type text/plain string hello
      """;

  @Test
  void haproxyStaplesARespondersAnswerOfAFile() throws Exception {
    try (RealServer server = haproxy(MUST_STAPLE, false)) {
      assertThat(body(client(Stapling.REQUIRED), server)).isEqualTo("hello");
    }
  }

  @Test
  void haproxyStaplesThatItsOwnCertificateIsRevoked() throws Exception {
    try (RealServer server = haproxy(SERVER, true)) {
      fails(client(Stapling.CHECKED), server.secureUri("/"), REVOKED, "revoked");
      assertThat(body(client(Stapling.IGNORED), server)).isEqualTo("hello");
    }
  }
}
