package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS where one side is wrong, and where a body is large both ways. */
@Timeout(30)
class TlsFaultsTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().sslContext(ROOT.clientContext());
  }

  @Test
  void anExpiredCertificateIsNamed() throws Exception {
    var expired = ROOT.issue(leaf -> leaf.ips("127.0.0.1").expired());
    var server = server(FaultServer.builder().tls(expired.tls()), Script.ok("never"));

    assertThatThrownBy(() -> get(server))
        .isInstanceOf(TlsFailedException.class)
        .hasMessageContaining("NotAfter");

    assertThat(server.requests()).isEmpty();
  }

  @Test
  void tlsOnAPlainUriSaysUseHttps() throws Exception {
    byte[] alert = {21, 3, 3, 0, 2, 2, 70};
    var server =
        server(
            peer -> {
              peer.readHead();
              peer.send(alert);
            });

    assertThatThrownBy(() -> get(server))
        .isInstanceOf(ExchangeException.class)
        .hasMessageContaining("use https");
  }

  @Test
  void aHandshakeThatIsCutIsATlsFailure() throws Exception {
    Script reset =
        peer -> {
          peer.readExactly(5);
          peer.reset();
        };
    Script fin = peer -> peer.readExactly(5);
    for (Script cut : new Script[] {reset, fin}) {
      var server = server(cut);
      var uri = URI.create("https://" + server.authority() + "/");

      assertThatThrownBy(() -> send(HttpRequest.newBuilder(uri)))
          .isInstanceOf(TlsFailedException.class)
          .satisfies(e -> assertThat(((ExchangeFailure) e).details().phase()).isEqualTo(Phase.TLS));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void twentyMegabytesGoBothWays(String version) throws Exception {
    byte[] large = new byte[20_000_000];
    new Random(1).nextBytes(large);
    try (var origin =
        OriginServer.builder().tls(ROOT.localhost().tls().versions(version)).start()) {
      var request =
          HttpRequest.newBuilder(origin.uri("/echo")).POST(BodyPublishers.ofByteArray(large));

      var echo = client.send(request.build(), BodyHandlers.ofByteArray());

      assertThat(echo.body()).isEqualTo(large);
      assertThat(echo.sslSession().orElseThrow().getProtocol()).isEqualTo(version);
    }
  }
}
