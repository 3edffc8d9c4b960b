package dev.hawser.real;

import static dev.hawser.TlsFailedException.Reason.CLIENT_CERTIFICATE_REFUSED;
import static dev.hawser.TlsFailedException.Reason.CLIENT_CERTIFICATE_REQUIRED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.HawserClient;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mutual TLS with haproxy, OpenSSL's server and nginx, each of which refuses in its own way. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class ClientCertificateTest extends WithTlsServer {
  private static final List<String> VERSIONS = List.of("TLSv1.2", "TLSv1.3");

  private RealServer haproxy(String version) throws Exception {
    write(identity(KeyKind.P256));
    return RealServer.haproxy(
        dir,
        """
        defaults
          mode http
          timeout client 10s
        frontend front
          bind 127.0.0.1:PORT ssl crt DIR/both.pem ca-file DIR/root.pem verify required ssl-min-ver VERSION ssl-max-ver VERSION
          http-request return status 200 content-type text/plain lf-string "%[ssl_c_s_dn(cn)]"
        """
            .replace("VERSION", version));
  }

  private RealServer openssl(String version) throws Exception {
    write(identity(KeyKind.P256));
    return RealServer.openssl(
        dir,
        version.equals("TLSv1.2") ? "-tls1_2" : "-tls1_3",
        "-Verify",
        "3",
        "-verify_return_error",
        "-CAfile",
        dir.resolve("root.pem").toString());
  }

  private static TestIdentity ann(KeyKind kind) {
    return MIDDLE.issue(leaf -> leaf.commonName("ann").key(kind));
  }

  private HawserClient client(TestIdentity own) throws Exception {
    return client(t -> shows(t, own));
  }

  @ParameterizedTest
  @CsvSource({"P256,TLSv1.2", "P256,TLSv1.3", "RSA_2048,TLSv1.2", "RSA_2048,TLSv1.3"})
  void isShown(KeyKind kind, String version) throws Exception {
    try (RealServer server = haproxy(version)) {
      HawserClient client = client(ann(kind));
      for (int i = 0; i < 3; i++) {
        assertThat(get(client, server.secureUri("/")).body()).isEqualTo("ann");
        client.drain(server.secureUri("/"));
      }
      assertThat(client.snapshot().counters().resumed()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void isWantedAndNoneIsShown(String version) throws Exception {
    try (RealServer haproxy = haproxy(version);
        RealServer openssl = openssl(version)) {
      HawserClient nobody = client();
      for (RealServer server : List.of(haproxy, openssl)) {
        URI uri = server.secureUri("/");
        fails(nobody, uri, CLIENT_CERTIFICATE_REQUIRED, "wants a client certificate");
        HawserClient known = client(ann(KeyKind.P256));
        assertThat(get(known, uri).statusCode()).isEqualTo(200);
      }
    }
  }

  private static Stream<Arguments> refused() {
    TestIdentity expired = MIDDLE.issue(leaf -> leaf.commonName("old").expired());
    TestIdentity early = MIDDLE.issue(leaf -> leaf.commonName("early").notYetValid());
    TestIdentity stranger = TestAuthority.create().issue(leaf -> leaf.commonName("stranger"));
    TestIdentity alone = ann(KeyKind.P256).withoutIntermediates();
    return VERSIONS.stream()
        .flatMap(
            version ->
                Stream.of(
                    Arguments.of(version, Named.of("expired", expired)),
                    Arguments.of(version, Named.of("not yet valid", early)),
                    Arguments.of(version, Named.of("an authority's that is unknown", stranger)),
                    Arguments.of(version, Named.of("without its intermediate", alone))));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void isRefused(String version, TestIdentity own) throws Exception {
    try (RealServer haproxy = haproxy(version);
        RealServer openssl = openssl(version)) {
      HawserClient client = client(own);
      for (RealServer server : List.of(haproxy, openssl)) {
        fails(
            client,
            server.secureUri("/"),
            CLIENT_CERTIFICATE_REFUSED,
            "refused the client certificate",
            "alert");
      }
    }
  }

  /** Nginx looks at it when it has the request, and says so in HTTP. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nginxAnswers(String version) throws Exception {
    write(identity(KeyKind.P256));
    String config =
        """
        server {
          listen 127.0.0.1:PORT ssl;
          ssl_protocols VERSION;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          ssl_verify_client on;
          ssl_verify_depth 3;
          ssl_client_certificate DIR/root.pem;
          location / { return 200 "$ssl_client_s_dn"; }
        }
        """
            .replace("VERSION", version);
    try (RealServer server = RealServer.nginx(dir, config)) {
      TestIdentity expired = MIDDLE.issue(leaf -> leaf.commonName("old").expired());
      assertThat(get(client(), server.secureUri("/")).statusCode()).isEqualTo(400);
      assertThat(get(client(expired), server.secureUri("/")).statusCode()).isEqualTo(400);
      assertThat(get(client(ann(KeyKind.P256)), server.secureUri("/")).body()).isEqualTo("CN=ann");
    }
  }
}
