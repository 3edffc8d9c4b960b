package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.Hawser;
import dev.hawser.HawserClient;
import dev.hawser.TlsFailedException;
import dev.hawser.TlsFailedException.Reason;
import dev.hawser.TlsFile;
import dev.hawser.TlsOptions.Stapling;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestAuthority.OcspStatus;
import dev.hawser.faults.TestIdentity;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real nginx that staples OCSP answers. */
@Tag("tls")
@Tag("real-servers")
@Timeout(60)
class StaplingTest {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestAuthority MIDDLE = ROOT.intermediate("middle");
  private static final TestIdentity SERVER =
      MIDDLE.issue(leaf -> leaf.names("localhost").ips("127.0.0.1"));

  @TempDir private Path dir;

  private RealServer nginx(String version, OcspStatus status, Duration until) throws Exception {
    SERVER.writePem(dir);
    Files.write(dir.resolve("staple"), MIDDLE.ocspAnswer(SERVER.leaf(), status, until));
    return RealServer.nginx(
        dir,
        """
        server {
          listen 127.0.0.1:PORT ssl;
          ssl_protocols VERSION;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          ssl_stapling on;
          ssl_stapling_file DIR/staple;
          location / { return 200 "hello"; }
        }
        """
            .replace("VERSION", version));
  }

  private HawserClient client(Stapling policy) {
    TlsFile root = TlsFile.of(dir.resolve("root.pem"));
    return Hawser.newBuilder().tls(t -> t.onlyRoots(root).stapling(policy)).build();
  }

  private static String get(HawserClient client, RealServer server) throws Exception {
    URI uri = URI.create("https://127.0.0.1:" + server.port() + "/");
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aGoodAnswerIsSeen(String version) throws Exception {
    try (RealServer server = nginx(version, OcspStatus.GOOD, Duration.ofHours(1));
        HawserClient strict = client(Stapling.REQUIRED)) {
      assertThat(get(strict, server)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aRevokedCertificateIsRefused(String version) throws Exception {
    try (RealServer server = nginx(version, OcspStatus.REVOKED, Duration.ofHours(1));
        HawserClient client = client(Stapling.CHECKED);
        HawserClient careless = client(Stapling.IGNORED)) {
      var failure = catchThrowableOfType(TlsFailedException.class, () -> get(client, server));

      assertThat(failure.reason()).isEqualTo(Reason.REVOKED);
      assertThat(failure).hasMessageContaining("revoked").hasMessageContaining("Replace it");
      assertThat(failure.chain()).startsWith(SERVER.leaf());
      assertThat(get(careless, server)).isEqualTo("hello");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anOldAnswerIsNone(String version) throws Exception {
    try (RealServer server = nginx(version, OcspStatus.GOOD, Duration.ofHours(-1));
        HawserClient client = client(Stapling.CHECKED);
        HawserClient strict = client(Stapling.REQUIRED)) {
      assertThat(get(client, server)).isEqualTo("hello");
      var failure = catchThrowableOfType(TlsFailedException.class, () -> get(strict, server));
      assertThat(failure.reason()).isEqualTo(Reason.NO_STAPLE);
      assertThat(failure).hasMessageContaining("does not hold").hasMessageContaining("staple");
    }
  }
}
