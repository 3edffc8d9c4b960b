package dev.hawser.real;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.HawserClient;
import dev.hawser.Load;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An nginx whose certificate is renewed again and again under 200 requests a second. */
@Tag("real-servers")
@Tag("tls")
@Timeout(120)
class RotationTest extends WithTlsServer {
  private static final int ROTATIONS = 50;

  private static TestIdentity renewed(TestAuthority issuer, int number) {
    return issuer.issue(leaf -> leaf.commonName("server-" + number).ips("127.0.0.1"));
  }

  /** As a tool does it that renews: each file is replaced by a whole one. */
  private void replace(TestIdentity identity) throws Exception {
    Path fresh = Files.createDirectories(dir.resolve("fresh"));
    identity.writePem(fresh);
    for (String name : new String[] {"chain.pem", "key.pem"}) {
      Files.move(
          fresh.resolve(name),
          dir.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Asks over a new connection until it is the new one that answers. */
  private static void awaitCertificate(HawserClient client, URI uri, TestIdentity identity)
      throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    X509Certificate shown;
    do {
      client.drain(uri);
      shown =
          (X509Certificate) get(client, uri).sslSession().orElseThrow().getPeerCertificates()[0];
      assertThat(System.nanoTime()).as("nginx has loaded %s", identity.leaf()).isLessThan(end);
    } while (!shown.equals(identity.leaf()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void nothingFails(String version) throws Exception {
    replace(renewed(MIDDLE, 0));
    String config =
        """
        server {
          listen 127.0.0.1:PORT ssl;
          ssl_protocols VERSION;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          location / { return 200 "hello"; }
        }
        """
            .replace("VERSION", version);
    try (RealServer server = RealServer.nginx(dir, config)) {
      URI uri = server.secureUri("/");
      HawserClient client = client();
      TestAuthority issuer = MIDDLE;
      try (var load = Load.on(client, HttpRequest.newBuilder(uri).build())) {
        for (int i = 1; i <= ROTATIONS; i++) {
          issuer = i == ROTATIONS / 2 ? ROOT.intermediate("next") : issuer;
          TestIdentity identity = renewed(issuer, i);
          replace(identity);
          server.reload();
          awaitCertificate(client, uri, identity);
        }
        load.close();
        assertThat(load.failures()).isEmpty();
        assertThat(load.answers()).hasSizeGreaterThan(ROTATIONS).containsOnly("hello");
      }
      assertThat(client.snapshot().counters().failures()).isZero();
    }
  }
}
