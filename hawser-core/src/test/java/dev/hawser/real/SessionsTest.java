package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.faults.KeyKind;
import java.net.URI;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions and tickets, as a haproxy and OpenSSL's server see them, which tell in the body. */
@Tag("real-servers")
@Tag("tls")
@Timeout(60)
class SessionsTest extends WithTlsServer {
  /** The body is {@code 1} for a resumed handshake, else {@code 0}. */
  private RealServer haproxy(int port, String version, String bind) throws Exception {
    return RealServer.haproxy(
        dir,
        """
        global
          tune.ssl.cachesize CACHE
        defaults
          mode http
          timeout client 10s
        frontend front
          bind 127.0.0.1:PORT ssl crt DIR/both.pem ssl-min-ver VERSION ssl-max-ver VERSION BIND
          http-request return status 200 content-type text/plain hdr Connection close lf-string "%[ssl_fc_is_resumed]"
        """
            .replace("CACHE", bind.contains("no-tls-tickets") ? "1000" : "0")
            .replace("VERSION", version)
            .replace("BIND", bind),
        port);
  }

  private static String resumed(HawserClient client, URI uri) throws Exception {
    HawserResponse<String> response = get(client, uri);
    client.drain(uri);
    boolean told = response.connection().tls().orElseThrow().resumed();
    assertThat(told).as("both sides see the same").isEqualTo(response.body().equals("1"));
    return response.body();
  }

  @ParameterizedTest
  @CsvSource({
    "P256,TLSv1.2,''",
    "P256,TLSv1.3,''",
    "RSA_2048,TLSv1.2,''",
    "RSA_2048,TLSv1.3,''",
    "P256,TLSv1.2,no-tls-tickets", // by the session's number, which the server keeps
  })
  void allButTheFirstAreResumed(KeyKind kind, String version, String bind) throws Exception {
    write(identity(kind));
    try (RealServer server = haproxy(RealServer.freePort(), version, bind)) {
      HawserClient client = client();
      URI uri = server.secureUri("/");
      assertThat(resumed(client, uri)).isEqualTo("0");
      for (int i = 0; i < 9; i++) {
        assertThat(resumed(client, uri)).isEqualTo("1");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"TLSv1.2,''", "TLSv1.3,''", "TLSv1.2,no-tls-tickets"})
  void aServerThatHasForgottenThemIsGreetedAnew(String version, String bind) throws Exception {
    write(identity(KeyKind.P256));
    int port = RealServer.freePort();
    HawserClient client = client();
    URI uri = URI.create("https://127.0.0.1:" + port + "/");
    for (int start = 0; start < 3; start++) {
      try (RealServer _ = haproxy(port, version, bind)) {
        assertThat(resumed(client, uri)).isEqualTo("0");
        if (start == 0 || isTheJdks(client)) { // Conscrypt offers the oldest it has, good or not
          assertThat(resumed(client, uri)).isEqualTo("1");
        }
      }
    }
    assertThat(client.snapshot().counters().failures()).isZero();
  }

  /** Tickets of both are sealed with the same keys: a client that mixed them up would resume. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aTicketIsForItsHostAlone(String version) throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = haproxy(RealServer.freePort(), version, "")) {
      HawserClient client = client();
      URI a = server.secureUri("a.test", "/");
      URI b = server.secureUri("b.test", "/");
      var seen = new ArrayList<String>();
      for (URI uri : List.of(a, b, a, b)) {
        seen.add(resumed(client, uri));
      }
      assertThat(seen).containsExactly("0", "0", "1", "1");
    }
  }

  /** Each host of an nginx has its own certificate, and takes no other's ticket. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void eachHostShowsItsOwnCertificate(String version) throws Exception {
    var hosts = List.of("a.test", "b.test");
    for (String host : hosts) {
      MIDDLE
          .issue(leaf -> leaf.commonName(host).names(host))
          .writePem(Files.createDirectory(dir.resolve(host)));
    }
    String one =
        """
        server {
          listen 127.0.0.1:PORT ssl;
          server_name HOST;
          ssl_protocols VERSION;
          ssl_certificate DIR/HOST/chain.pem;
          ssl_certificate_key DIR/HOST/key.pem;
          location / { return 200 "HOST $ssl_session_reused"; }
        }
        """
            .replace("VERSION", version);
    try (RealServer server =
        RealServer.nginx(dir, one.replace("HOST", "a.test") + one.replace("HOST", "b.test"))) {
      HawserClient client = client();
      for (String reused : List.of(".", "r", "r")) {
        for (String host : hosts) {
          URI uri = server.secureUri(host, "/");
          HawserResponse<String> response = get(client, uri);
          client.drain(uri);
          assertThat(response.body()).isEqualTo(host + " " + reused);
          assertThat(certificate(response).getSubjectX500Principal().getName())
              .isEqualTo("CN=" + host);
        }
      }
    }
  }

  private static X509Certificate certificate(HawserResponse<?> response) throws Exception {
    return (X509Certificate) response.sslSession().orElseThrow().getPeerCertificates()[0];
  }

  /** It answers each offer of a session as if it had never seen one. */
  @ParameterizedTest
  @CsvSource({
    "-tls1_3 -num_tickets 0",
    "-tls1_2 -no_ticket -no_cache",
    "-tls1_3 -no_ticket -no_cache"
  })
  void aServerWithoutSessions(String options) throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = RealServer.openssl(dir, options.split(" "))) {
      HawserClient client = client();
      for (int i = 0; i < 5; i++) {
        assertThat(get(client, server.secureUri("/")).body()).contains("New, TLS");
      }
      assertThat(client.snapshot().counters().failures()).isZero();
    }
  }

  /** More than are kept for a host. */
  @Test
  void aServerThatSendsManyTickets() throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = RealServer.openssl(dir, "-tls1_3", "-num_tickets", "100")) {
      HawserClient client = client();
      assertThat(get(client, server.secureUri("/")).body()).contains("New, TLS");
      for (int i = 0; i < 5; i++) {
        assertThat(get(client, server.secureUri("/")).body()).contains("Reused, TLS");
      }
    }
  }
}
