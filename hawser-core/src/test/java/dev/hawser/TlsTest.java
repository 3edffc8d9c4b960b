package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.KeyKind;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** https, by whichever library. */
@Tag("tls")
@Timeout(60)
class TlsTest {
  private static final TestAuthority ROOT = TestAuthority.create();

  private final HawserClient client =
      Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT)).build();

  private HawserResponse<String> get(FaultServer server) throws IOException, InterruptedException {
    return get(client, server);
  }

  private static HawserResponse<String> get(HawserClient client, FaultServer server)
      throws IOException, InterruptedException {
    return client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
  }

  private static Tls tls() {
    return Tls.of(ROOT.localhost().serverContext());
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void reusesAConnection(String version) throws Exception {
    try (var server =
        FaultServer.builder()
            .tls(tls().versions(version).alpn("http/1.1"))
            .start(Script.ok("hello"))) {
      for (int i = 0; i < 50; i++) {
        HawserResponse<String> response = get(server);
        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.connection().tls())
            .hasValueSatisfying(
                tls -> {
                  assertThat(tls.version()).isEqualTo(version);
                  assertThat(tls.alpn()).isEqualTo("http/1.1");
                });
        assertThat(response.sslSession().orElseThrow().getProtocol()).isEqualTo(version);
        assertThat(response.timeline().tls().isPositive()).isEqualTo(i == 0);
      }
      assertThat(server.connections()).isEqualTo(1);
      assertThat(client.snapshot().counters().handshakes()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "TLSv1.3,x25519,x25519",
    "TLSv1.3,secp256r1,secp256r1",
    "TLSv1.3,secp384r1,secp384r1", // after a HelloRetryRequest
    "TLSv1.2,secp384r1,secp384r1",
    "TLSv1.2,x25519,x25519"
  })
  void theGroupOfTheKeysIsTold(String version, String offered, String told) throws Exception {
    groupIsTold(client, version, offered, told);
  }

  /** BoringSSL has no finite fields, and offers no more than 384 bits. */
  @ParameterizedTest
  @CsvSource({
    "TLSv1.3,secp521r1,secp521r1", // after a HelloRetryRequest
    "TLSv1.3,ffdhe2048,ffdhe2048",
    "TLSv1.2,ffdhe2048,DH"
  })
  void groupsOfTheJdksAlone(String version, String offered, String told) throws Exception {
    try (HawserClient jdk = Hawser.newBuilder().sslContext(ROOT.clientContext()).build()) {
      groupIsTold(jdk, version, offered, told);
    }
  }

  private static void groupIsTold(HawserClient client, String version, String offered, String told)
      throws Exception {
    var rsa = ROOT.issue(leaf -> leaf.ips("127.0.0.1").key(KeyKind.RSA_2048));
    try (var server =
        FaultServer.builder()
            .tls(Tls.of(rsa.serverContext()).versions(version).groups(offered))
            .start(Script.closeAfter(1, peer -> peer.ok("hello")))) {
      for (boolean resumed : new boolean[] {false, true}) {
        ConnectionInfo.TlsInfo tls = get(client, server).connection().tls().orElseThrow();
        assertThat(tls.resumed()).isEqualTo(resumed);
        if (resumed && version.equals("TLSv1.2")) {
          assertThat(tls.group()).as("nothing is agreed anew").isEmpty();
        } else {
          assertThat(tls.group()).contains(told);
        }
      }
    }
  }

  @Test
  void byDefaultOldVersionsAndWeakSuitesAreNotOffered() throws Exception {
    try (HawserClient plain = Hawser.newHttpClient();
        var old =
            FaultServer.builder()
                .tls(tls().versions("TLSv1.2").suites("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"))
                .start(Script.ok("old"))) {
      assertThat(plain.sslParameters().getProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
      assertThat(plain.sslParameters().getCipherSuites())
          .contains("TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
          .allMatch(suite -> suite.contains("_GCM_") || suite.contains("_CHACHA20_"))
          .noneMatch(suite -> suite.startsWith("TLS_RSA_"));
      var request = HttpRequest.newBuilder(old.uri("/")).build();
      assertThatThrownBy(() -> plain.send(request, BodyHandlers.ofString()))
          .isInstanceOf(TlsFailedException.class)
          .hasMessageContaining("handshake_failure");

      assertThat(get(old).body()).as("a context of the user's own decides").isEqualTo("old");
    }
  }

  @Test
  void bodiesOfManySizesComeWholeBothWays() throws Exception {
    try (var origin = OriginServer.builder().tls(tls()).start()) {
      for (int size : new int[] {0, 1, 16_383, 16_384, 16_385, 70_000, 5_000_000}) {
        byte[] content = new byte[size];
        Arrays.fill(content, (byte) 'x');
        var echo =
            HttpRequest.newBuilder(origin.uri("/echo"))
                .POST(BodyPublishers.ofByteArray(content))
                .build();
        assertThat(client.send(echo, BodyHandlers.ofByteArray()).body()).isEqualTo(content);
        try (InputStream in = client.send(echo, BodyHandlers.ofInputStream()).body()) {
          assertThat(in.readAllBytes()).isEqualTo(content);
        }
      }
    }
  }

  @Test
  void aWrongHostNameIsRefused() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.names("other.example.test"));
    try (var server = FaultServer.startTls(identity.serverContext(), Script.ok("evil"))) {
      refused(server, "127.0.0.1");
    }
  }

  @Test
  void anUnknownAuthorityIsRefused() throws Exception {
    try (var server =
        FaultServer.startTls(
            TestAuthority.create().localhost().serverContext(), Script.ok("evil"))) {
      refused(server, "CN=Test Root as one that is trusted, but has another key");
    }
  }

  private void refused(FaultServer server, String message) {
    Throwable thrown = catchThrowable(() -> get(server));
    assertThat(thrown)
        .isInstanceOf(TlsFailedException.class)
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("certificate of 127.0.0.1 was refused")
        .hasMessageContaining(message);
    assertThat(((ExchangeFailure) thrown).details().phase()).isEqualTo(Phase.TLS);
    assertThat(client.snapshot().open()).isZero();
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void aStalledHandshakeEndsAtItsOwnDeadline() throws Exception {
    HawserClient patient =
        Hawser.newBuilder()
            .sslContext(OwnContext.trusting(ROOT))
            .tls(t -> t.handshakeTimeout(Duration.ofMillis(400)))
            .build();
    try (patient;
        var server = FaultServer.start(Peer::stall)) {
      var request =
          HttpRequest.newBuilder(java.net.URI.create("https://" + server.authority() + "/"))
              .build();
      long start = System.nanoTime();
      Throwable thrown = catchThrowable(() -> patient.send(request, BodyHandlers.ofString()));
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isBetween(Duration.ofMillis(390), Duration.ofSeconds(3));
      assertThat(thrown)
          .isInstanceOf(ConnectTimeoutException.class)
          .isInstanceOf(HttpConnectTimeoutException.class)
          .hasMessageContaining("tls.handshakeTimeout");
      assertThat(patient.snapshot().open()).isZero();
      assertThat(patient.snapshot().bufferBytes()).isZero();
    }
  }

  @Test
  void plainHttpOnATlsPortIsNamed() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
              peer.awaitClose(Duration.ofSeconds(5));
            })) {
      var request =
          HttpRequest.newBuilder(java.net.URI.create("https://" + server.authority() + "/"))
              .build();
      assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
          .isInstanceOf(TlsFailedException.class)
          .hasMessageContaining("plain HTTP here");
    }
  }

  @Test
  void aCloseDelimitedBodyNeedsCloseNotify() throws Exception {
    String answer = "HTTP/1.1 200 OK\r\n\r\nhel";
    try (var cut =
        FaultServer.builder()
            .tls(tls())
            .start(
                peer -> {
                  peer.readRequest();
                  peer.send(answer);
                  peer.closeWithoutCloseNotify();
                })) {
      assertThatThrownBy(() -> get(cut))
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining("cut after 3 bytes");
    }
    try (var whole = FaultServer.builder().tls(tls()).start(Script.answer(answer + "lo"))) {
      assertThat(get(whole).body()).isEqualTo("hello");
    }
  }

  @Test
  void aClientCertificateOfTheUsersContextIsShown() throws Exception {
    var identity = ROOT.issue(leaf -> leaf.names("client"));
    HawserClient known =
        Hawser.newBuilder().sslContext(OwnContext.trusting(ROOT, identity)).build();
    var server = Tls.of(ROOT.localhost().serverContext()).requireClientCertificate();
    try (known;
        var origin = FaultServer.builder().tls(server).start(Script.ok("hello"))) {
      assertThat(
              known
                  .send(HttpRequest.newBuilder(origin.uri("/")).build(), BodyHandlers.ofString())
                  .body())
          .isEqualTo("hello");
      assertThatThrownBy(() -> get(origin)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aLookAtConnectionsMadeAheadOfNeedLeavesThemNoBuffers() throws Exception {
    var witness = new Witness();
    Duration patience = Duration.ofSeconds(10);
    HawserClient looking =
        Hawser.newBuilder()
            .sslContext(OwnContext.trusting(ROOT))
            .pool(p -> p.maxIdlePerHost(8))
            .listener(witness)
            .build();
    try (looking;
        var server = FaultServer.builder().tls(tls()).start(Script.ok("hello"));
        var fleeting = FaultServer.start(Script.closeAfter(1, peer -> peer.ok("bye")))) {
      looking.warmUp(server.uri("/"), 8);
      assertThat(witness.await(() -> looking.snapshot().idle() == 8, patience)).isTrue();

      // Each close is seen by a look at all that is idle; the second look follows the whole first.
      for (int i = 1; i <= 2; i++) {
        looking.send(HttpRequest.newBuilder(fleeting.uri("/")).build(), BodyHandlers.discarding());
        assertThat(witness.await(ExchangeEvent.Closed.class, i, patience)).isTrue();
      }

      assertThat(witness.await(() -> looking.snapshot().bufferBytes() == 0, patience))
          .as("in the end: %s", looking.snapshot())
          .isTrue();
      assertThat(looking.snapshot().idle()).isEqualTo(8);
    }
  }

  @Test
  void anIdleConnectionGivesItsBuffersBackAndStillWorks() throws Exception {
    try (var server = FaultServer.builder().tls(tls()).start(Script.ok("hello"))) {
      get(server);
      long until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
      while (client.snapshot().bufferBytes() > 0 && System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      assertThat(client.snapshot().bufferBytes()).isZero();
      assertThat(client.snapshot().idle()).isEqualTo(1);
      assertThat(get(server).body()).isEqualTo("hello");
      assertThat(server.connections()).isEqualTo(1);
    }
  }
}
