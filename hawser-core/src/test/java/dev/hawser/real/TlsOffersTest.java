package dev.hawser.real;

import static dev.hawser.TlsFailedException.Reason.NO_COMMON_PROTOCOL;
import static dev.hawser.TlsFailedException.Reason.NO_COMMON_SUITE;
import static dev.hawser.TlsFailedException.Reason.PLAIN_HTTP;
import static dev.hawser.TlsFailedException.Reason.UNRECOGNISED_NAME;
import static dev.hawser.TlsFailedException.Reason.VERSION_MISMATCH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hawser.ConnectionInfo.TlsInfo;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.faults.KeyKind;
import java.net.http.HttpClient.Version;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What both sides can do, and what they have not in common: OpenSSL's server, haproxy, nginx. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class TlsOffersTest extends WithTlsServer {
  /** The body says what haproxy knows of the handshake. */
  private RealServer haproxy(String... bind) throws Exception {
    return RealServer.haproxy(
        dir,
        """
        defaults
          mode http
          timeout client 10s
        frontend front
          bind 127.0.0.1:PORT ssl crt DIR/both.pem BIND
          http-request return status 200 content-type text/plain lf-string "%[ssl_fc_protocol] %[ssl_fc_alpn]"
        """
            .replace("BIND", String.join(" ", bind)));
  }

  private static TlsInfo tls(HawserResponse<String> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    return response.connection().tls().orElseThrow();
  }

  // ---- versions

  @ParameterizedTest
  @ValueSource(strings = {"-tls1", "-tls1_1"})
  void onlyOldVersions(String version) throws Exception {
    write(identity(KeyKind.RSA_2048));
    try (RealServer server = RealServer.openssl(dir, version, "-cipher", "DEFAULT@SECLEVEL=0")) {
      fails(client(), server.secureUri("/"), VERSION_MISMATCH, "TLSv1.3, TLSv1.2");
    }
  }

  @ParameterizedTest
  @CsvSource({"P256,TLSv1.2", "P256,TLSv1.3", "RSA_2048,TLSv1.2", "RSA_2048,TLSv1.3"})
  void oneVersionInCommonWithEitherKindOfKey(KeyKind kind, String version) throws Exception {
    write(identity(kind));
    try (RealServer server = haproxy("ssl-min-ver", version, "ssl-max-ver", version)) {
      HawserResponse<String> response = get(client(), server.secureUri("/"));
      assertThat(response.body()).startsWith(version);
      assertThat(tls(response).version()).isEqualTo(version);
    }
  }

  // ---- suites, groups, signature schemes

  @ParameterizedTest
  @CsvSource({
    "-tls1_2 -cipher AES128-SHA",
    "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256",
    "-tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256",
  })
  void noSuiteInCommon(String options) throws Exception {
    write(identity(KeyKind.RSA_2048));
    try (RealServer server = RealServer.openssl(dir, options.split(" "))) {
      fails(client(), server.secureUri("/"), NO_COMMON_SUITE, "handshake_failure", "offers:");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void noGroupInCommon(String version) throws Exception {
    write(identity(KeyKind.RSA_2048));
    try (RealServer server =
        RealServer.openssl(dir, version, "-groups", "brainpoolP256r1", "-cipher", "ECDHE")) {
      fails(client(), server.secureUri("/"), NO_COMMON_SUITE, "group");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void noSignatureSchemeInCommon(String version) throws Exception {
    write(identity(KeyKind.RSA_2048));
    try (RealServer server =
        RealServer.openssl(dir, version, "-sigalgs", "RSA+SHA1", "-cipher", "DEFAULT@SECLEVEL=0")) {
      HawserClient client = client();
      // BoringSSL takes SHA-1 in TLS 1.2.
      assumeTrue(version.equals("-tls1_3") || isTheJdks(client));
      fails(client, server.secureUri("/"), NO_COMMON_SUITE, "signature scheme");
    }
  }

  /** For which no key share was sent: HelloRetryRequest. */
  @ParameterizedTest
  @ValueSource(strings = {"P-384", "P-521"})
  void anotherGroupIsAskedForAndGiven(String group) throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = RealServer.openssl(dir, "-tls1_3", "-groups", group)) {
      HawserClient client = client();
      assumeTrue(group.equals("P-384") || isTheJdks(client)); // BoringSSL offers no P-521
      for (int i = 0; i < 3; i++) {
        assertThat(tls(get(client, server.secureUri("/"))).version()).isEqualTo("TLSv1.3");
      }
    }
  }

  // ---- application protocols

  @Test
  void aServerThatKnowsNothingOfAlpnSpeaksHttp1() throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = RealServer.openssl(dir)) {
      HawserResponse<String> response = get(client(), server.secureUri("/"));
      assertThat(tls(response).alpn()).isEmpty();
      assertThat(response.version()).isEqualTo(Version.HTTP_1_1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aServerThatSpeaksSomethingElseOnly(String version) throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = RealServer.openssl(dir, version, "-alpn", "mqtt")) {
      fails(client(), server.secureUri("/"), NO_COMMON_PROTOCOL, "ALPN");
    }
  }

  @Test
  void theProtocolThatBothSpeakIsChosen() throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = haproxy("alpn", "http/1.1")) {
      HawserResponse<String> response = get(client(), server.secureUri("/"));
      assertThat(tls(response).alpn()).isEqualTo("http/1.1");
      assertThat(response.body()).endsWith("http/1.1");
    }
  }

  // ---- names

  @Test
  void haproxyKnowsNoSuchName() throws Exception {
    write(MIDDLE.issue(leaf -> leaf.names("b.test")));
    try (RealServer server = haproxy("strict-sni")) {
      HawserClient client = client();
      fails(client, server.secureUri("a.test", "/"), UNRECOGNISED_NAME, "no host named a.test");
      assertThat(get(client, server.secureUri("b.test", "/")).statusCode()).isEqualTo(200);
    }
  }

  // ---- plain HTTP

  @Test
  void nginxSpeaksPlainHttpHere() throws Exception {
    try (RealServer server =
        RealServer.nginx(dir, "server { listen 127.0.0.1:PORT; location / { return 200 ok; } }")) {
      HawserClient client = client();
      fails(client, server.secureUri("/"), PLAIN_HTTP, "the server speaks plain HTTP here");
      assertThat(get(client, server.uri("/")).body()).isEqualTo("ok");
    }
  }

  @Test
  void haproxySpeaksPlainHttpHere() throws Exception {
    try (RealServer server =
        RealServer.haproxy(
            dir,
            """
            defaults
              mode http
              timeout client 10s
            frontend front
              bind 127.0.0.1:PORT
              http-request return status 200
            """)) {
      fails(client(), server.secureUri("/"), PLAIN_HTTP, "the server speaks plain HTTP here");
    }
  }
}
