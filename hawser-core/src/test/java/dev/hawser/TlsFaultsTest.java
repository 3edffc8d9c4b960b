package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS where one side is wrong, and where a body is large both ways. */
@Tag("tls")
@Timeout(30)
class TlsFaultsTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT));
  }

  @Test
  void anExpiredCertificateIsNamed() throws Exception {
    var expired = ROOT.issue(leaf -> leaf.ips("127.0.0.1").expired());
    var server = server(FaultServer.builder().tls(expired.tls()), Script.ok("never"));

    assertThatThrownBy(() -> get(server))
        .isInstanceOf(TlsFailedException.class)
        .hasMessageContaining("it expired on");

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
  void parametersThatTlsDoesNotKnowFailTheCallAndLeaveNoSocketOpen() throws Exception {
    var server = server(FaultServer.builder().tls(ROOT.localhost().tls()), Script.ok("never"));
    var parameters = new SSLParameters(new String[] {"TLS_MADE_UP"});
    try (HawserClient misled = options().sslParameters(parameters).build()) {
      for (int i = 1; i <= 3; i++) {
        assertThatThrownBy(
                () ->
                    misled.send(
                        HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString()))
            .isInstanceOf(TlsFailedException.class)
            .hasMessageContaining("TLS_MADE_UP");
        assertThat(server.awaitConnections(i, PATIENCE)).isTrue();
      }

      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(misled.snapshot().bufferBytes()).isZero();
    }
  }

  // ---- renegotiation (TLS 1.2), by which servers ask for a certificate once they know what for

  /** So much of the answer comes before. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10, 40})
  void aServerMayAskForACertificateBeforeItAnswers(int before) throws Exception {
    String answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    var shown = new CompletableFuture<String>();
    var server =
        server(
            FaultServer.builder().tls(ROOT.localhost().tls().versions("TLSv1.2")),
            peer -> {
              peer.readRequest();
              peer.send(answer.substring(0, before));
              peer.tls().setNeedClientAuth(true);
              peer.tls()
                  .addHandshakeCompletedListener( // on a thread of its own; this one has to read
                      event -> {
                        try {
                          shown.complete(event.getPeerPrincipal().getName());
                          peer.send(answer.substring(before));
                        } catch (IOException e) {
                          shown.completeExceptionally(e);
                        }
                      });
              peer.tls().startHandshake();
              peer.readRequest();
              peer.ok("same");
            });
    var identity = ROOT.issue(leaf -> leaf.commonName("caller"));
    try (HawserClient known =
        Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT, identity)).build()) {
      var request = HttpRequest.newBuilder(server.uri("/")).timeout(PATIENCE).build();

      assertThat(known.send(request, BodyHandlers.ofString()).body()).isEqualTo("hello");

      assertThat(shown.get()).contains("caller");
      assertThat(known.send(request, BodyHandlers.ofString()).body()).isEqualTo("same");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  /** BoringSSL does no other handshake between data: then the call fails, and at once. */
  @Test
  void anUploadGoesOnDuringARenegotiation() throws Exception {
    byte[] large = new byte[5_000_000];
    new Random(1).nextBytes(large);
    var server =
        server(
            FaultServer.builder().tls(ROOT.localhost().tls().versions("TLSv1.2")),
            peer -> {
              peer.readHead();
              byte[] begin = peer.readExactly(10_000);
              peer.tls().startHandshake();
              byte[] rest = peer.readExactly(large.length - begin.length);
              assertThat(begin).isEqualTo(Arrays.copyOf(large, begin.length));
              assertThat(rest).isEqualTo(Arrays.copyOfRange(large, begin.length, large.length));
              peer.ok("all here");
            });

    var upload =
        HttpRequest.newBuilder(server.uri("/"))
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofByteArray(large));

    if (OwnContext.isTheJdks()) {
      assertThat(send(upload).body()).isEqualTo("all here");
    } else {
      assertThatThrownBy(() -> send(upload))
          .isInstanceOf(TlsFailedException.class)
          .hasMessageContainingAll("renegotiation", "BoringSSL", "tls.provider");
    }
  }

  /** Nobody reads there who could answer, and the look at it must not be held up. */
  @Test
  void anIdleConnectionThatRenegotiatesIsClosed() throws Exception {
    var server =
        server(
            FaultServer.builder().tls(ROOT.localhost().tls().versions("TLSv1.2")),
            peer -> {
              peer.readRequest();
              peer.ok("hello");
              peer.tls().startHandshake();
              peer.readRequest();
            },
            Script.ok("fresh"));

    assertThat(get(server).body()).isEqualTo("hello");
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();

    assertThat(get(server).body()).isEqualTo("fresh");
  }

  // ---- handshakes

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
