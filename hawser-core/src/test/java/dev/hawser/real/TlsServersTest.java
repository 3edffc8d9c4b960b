package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.HawserResponse;
import dev.hawser.TlsFailedException;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.TlsFile;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handshakes with servers that run on OpenSSL, and what they say of them. */
@Tag("tls")
@Tag("real-servers")
@Timeout(60)
class TlsServersTest {
  private static final int HERD = 100;
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestAuthority MIDDLE = ROOT.intermediate("middle");

  @TempDir private Path dir;

  private static TestIdentity identity(KeyKind kind) {
    return MIDDLE.issue(leaf -> leaf.names("localhost").ips("127.0.0.1").key(kind));
  }

  private void write(TestIdentity identity) throws IOException {
    identity.writePem(dir);
  }

  /** Writes protocol and {@code r} or {@code .} for each handshake: resumed, or full. */
  private RealServer nginx(String... directives) throws IOException {
    return nginx(RealServer.freePort(), directives);
  }

  private RealServer nginx(int port, String... directives) throws IOException {
    return RealServer.nginx(
        dir,
        """
        log_format handshakes "$ssl_protocol$ssl_session_reused";
        server {
          listen 127.0.0.1:PORT ssl;
          access_log DIR/access.log handshakes;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          keepalive_timeout 0;
          DIRECTIVES
          location / { return 200 "hello"; }
        }
        """
            .replace("DIRECTIVES", String.join("\n", directives)),
        port);
  }

  /** The log, which nginx writes after it has answered, when it has so many lines. */
  private List<String> handshakes(int count) throws Exception {
    List<String> lines = Files.readAllLines(dir.resolve("access.log"));
    while (lines.size() < count) {
      Thread.onSpinWait();
      lines = Files.readAllLines(dir.resolve("access.log"));
    }
    return lines;
  }

  private HawserClient.Builder trusting() {
    TlsFile root = TlsFile.of(dir.resolve("root.pem"));
    return Hawser.newBuilder()
        .tls(
            t ->
                t.onlyRoots(root)
                    .handshakeTimeout(Duration.ofSeconds(10))
                    .resumeWait(Duration.ofSeconds(10)));
  }

  private static HawserResponse<String> get(HawserClient client, URI uri) throws Exception {
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({"P256,TLSv1.2", "P256,TLSv1.3", "RSA_2048,TLSv1.2", "RSA_2048,TLSv1.3"})
  void theFirstHandshakeIsFullAndAllOthersAreResumed(KeyKind kind, String version)
      throws Exception {
    write(identity(kind));
    try (RealServer server =
            nginx("ssl_protocols " + version + ";", "ssl_session_cache shared:s:1m;");
        HawserClient client = trusting().build()) {
      for (int i = 0; i < 10; i++) {
        assertThat(get(client, server.secureUri("/")).body()).isEqualTo("hello");
      }

      assertThat(handshakes(10)).first().isEqualTo(version + ".");
      assertThat(handshakes(10).subList(1, 10)).containsOnly(version + "r");
      assertThat(client.snapshot().counters().resumedShare()).isEqualTo(0.9);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aHerdCostsTheServerAFewFullHandshakes(String version) throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = nginx("ssl_protocols " + version + ";");
        HawserClient client = trusting().pool(p -> p.maxConnectionsPerHost(HERD)).build();
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<String>>();
      for (int i = 0; i < HERD; i++) {
        calls.add(callers.submit(() -> get(client, server.secureUri("/")).body()));
      }
      for (Future<String> call : calls) {
        assertThat(call.get()).isEqualTo("hello");
      }

      assertThat(handshakes(HERD)).filteredOn(line -> line.endsWith(".")).hasSizeLessThan(5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aServerThatHasForgottenItsTicketKeysIsGreetedAnew(String version) throws Exception {
    write(identity(KeyKind.P256));
    int port = RealServer.freePort();
    try (HawserClient client = trusting().build()) {
      for (int start = 0; start < 3; start++) {
        try (RealServer server = nginx(port, "ssl_protocols " + version + ";")) {
          assertThat(get(client, server.secureUri("/")).body()).isEqualTo("hello");
        }
      }
      assertThat(handshakes(3)).containsOnly(version + ".");
      assertThat(client.snapshot().counters().failures()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anotherGroupIsAskedForAndGiven(String version) throws Exception { // HelloRetryRequest
    write(identity(KeyKind.P256));
    try (RealServer server = nginx("ssl_protocols " + version + ";", "ssl_ecdh_curve secp384r1;");
        HawserClient client = trusting().build()) {
      HawserResponse<String> response = get(client, server.secureUri("/"));
      assertThat(response.body()).isEqualTo("hello");
      assertThat(group(response)).contains("secp384r1");
    }
  }

  private static Optional<String> group(HawserResponse<String> response) {
    return response.connection().tls().orElseThrow().group();
  }

  @ParameterizedTest
  @CsvSource({
    "-tls1_3,X25519,x25519",
    "-tls1_3,P-256,secp256r1",
    "-tls1_3,P-384,secp384r1",
    "-tls1_3,ffdhe3072,ffdhe3072",
    "-tls1_2,X25519,x25519",
    "-tls1_2,P-384,secp384r1"
  })
  void theGroupIsTheOneThatOpensslTook(String version, String offered, String told)
      throws Exception {
    write(identity(KeyKind.RSA_2048));
    try (RealServer server = RealServer.openssl(dir, version, "-groups", offered);
        HawserClient client = trusting().build()) {
      // BoringSSL has no finite fields.
      assumeTrue(!offered.startsWith("ff") || WithTlsServer.isTheJdks(client));
      for (int i = 0; i < 2; i++) {
        HawserResponse<String> response = get(client, server.secureUri("/"));
        boolean again = response.connection().tls().orElseThrow().resumed();
        assertThat(group(response))
            .isEqualTo(again && version.equals("-tls1_2") ? Optional.empty() : Optional.of(told));
      }
    }
  }

  private static Reason failure(HawserClient client, RealServer server) {
    return catchThrowableOfType(TlsFailedException.class, () -> get(client, server.secureUri("/")))
        .reason();
  }

  @Test
  void aServerThatKnowsNoSuchNameSaysSo() throws Exception {
    write(identity(KeyKind.P256));
    try (RealServer server = nginx("ssl_reject_handshake on;");
        HawserClient client = trusting().build()) {
      assertThat(failure(client, server)).isEqualTo(Reason.UNRECOGNISED_NAME);
    }
  }
}
