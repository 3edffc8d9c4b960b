package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.Authenticator;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.Proxy;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets by a proxy to origins whose names nobody here can resolve: {@code *.test}. */
@Tag("tls")
@Timeout(60)
class WebSocketProxyTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestIdentity IDENTITY = ROOT.issue(leaf -> leaf.names("one.test"));
  private static final URI PLAIN = URI.create("ws://one.test/chat");

  private final Detour detour = new Detour();
  private final Heard heard = new Heard();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().proxy(detour).sslContext(OwnContext.trusting(ROOT));
  }

  private HawserClient.Builder withPassword() {
    return options()
        .listener(witness)
        .authenticator(
            new Authenticator() {
              @Override
              protected PasswordAuthentication getPasswordAuthentication() {
                return new PasswordAuthentication("user", "sesame".toCharArray());
              }
            });
  }

  private FaultServer proxy(Script script) throws IOException {
    FaultServer proxy = server(script);
    detour.use(proxy);
    return proxy;
  }

  /** Opens every tunnel to this server. */
  private static Script tunnelsTo(InetSocketAddress address) {
    return peer -> {
      peer.readRequest();
      peer.tunnelTo(address);
    };
  }

  private static CompletableFuture<WebSocket> opening(
      HawserClient client, URI uri, WebSocket.Listener listener) {
    return client.newWebSocketBuilder().buildAsync(uri, listener);
  }

  private WebSocket open(HawserClient client, URI uri) throws Exception {
    return opening(client, uri, heard).get(20, TimeUnit.SECONDS);
  }

  private <E extends Throwable> E failure(Class<E> kind, CompletableFuture<?> opening)
      throws Exception {
    Throwable failure = WebSocketContract.failure(opening);
    assertThat(failure).isInstanceOf(kind);
    assertThat(heard.silent()).isTrue();
    return kind.cast(failure);
  }

  private void echoes(WebSocket webSocket) throws InterruptedException {
    webSocket.sendText("hello", true);
    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text hello");
    webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "");
    assertThat(heard.next()).isEqualTo("close 1000 ");
  }

  // ---- a tunnel

  @Test
  void theWayIsTold() throws Exception {
    FaultServer origin = server(WebSocketContract.echo());
    FaultServer proxy = proxy(tunnelsTo(origin.address()));

    echoes(open(client, PLAIN));

    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();
    Timeline timeline = witness.all(ExchangeEvent.Completed.class).getFirst().timeline();
    assertThat(timeline.connect()).isPositive();
    assertThat(timeline.proxy()).isPositive();
    assertThat(timeline.tls()).isZero();
    ExchangeEvent.Tunnelled tunnelled = witness.all(ExchangeEvent.Tunnelled.class).getFirst();
    assertThat(tunnelled.origin()).isEqualTo(new Origin("http", "one.test", 80));
    assertThat(tunnelled.proxy()).isEqualTo(proxy.address());
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void whatIsForTheProxyDoesNotGoThroughTheTunnel() throws Exception {
    FaultServer origin = server(WebSocketContract.echo());
    FaultServer proxy = proxy(tunnelsTo(origin.address()));

    client
        .newWebSocketBuilder()
        .header("Proxy-Authorization", "Bearer for-the-proxy")
        .header("Authorization", "Bearer for-the-origin")
        .buildAsync(PLAIN, heard)
        .get(20, TimeUnit.SECONDS)
        .abort();

    Received connect = proxy.requests().getFirst();
    assertThat(connect.header("proxy-authorization")).containsExactly("Bearer for-the-proxy");
    assertThat(connect.header("authorization")).isEmpty();
    assertThat(connect.header("upgrade")).isEmpty();
    Received request = origin.requests().getFirst();
    assertThat(request.header("proxy-authorization")).isEmpty();
    assertThat(request.header("authorization")).containsExactly("Bearer for-the-origin");
  }

  @Test
  void aRedirectIsAskedForAnew() throws Exception {
    FaultServer direct = server(WebSocketContract.echo());
    FaultServer first =
        server(
            peer -> {
              peer.readRequest();
              peer.send(
                  "HTTP/1.1 302 Found\r\nLocation: "
                      + direct.uri("/there")
                      + "\r\nContent-Length: 0\r\n\r\n");
            });
    FaultServer proxy = proxy(tunnelsTo(first.address()));
    try (var following =
        options().followRedirects(java.net.http.HttpClient.Redirect.NORMAL).build()) {
      echoes(open(following, PLAIN));
    }
    assertThat(proxy.connections()).isEqualTo(1);
    assertThat(direct.requests().getFirst().target()).isEqualTo("/there");
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws://one.test/", "wss://one.test/"})
  void bySocks(String uri) throws Exception {
    FaultServer.Builder builder = FaultServer.builder();
    if (uri.startsWith("wss")) {
      builder.tls(Tls.of(IDENTITY.serverContext()));
    }
    FaultServer origin = server(builder, WebSocketContract.echo());
    FaultServer socks = server(SocksTest.leadingTo(origin.address()));
    detour.useSocks(socks);

    echoes(open(client, URI.create(uri)));

    assertThat(socks.awaitAllClosed(PATIENCE)).isTrue();
  }

  // ---- passwords

  /** Wants a digest for CONNECT; answers who has one as the script says. */
  private static Script wantingADigest(Script then) {
    return peer -> {
      Received request = peer.readRequest();
      while (request.header("proxy-authorization").isEmpty()) {
        peer.send(CHALLENGE);
        request = peer.readRequest();
      }
      then.play(peer);
    };
  }

  private static final String CHALLENGE =
      """
      HTTP/1.1 407 No\r
      Proxy-Authenticate: Digest realm="way out", nonce="n", qop="auth"\r
      Content-Length: 2\r
      \r
      no\
      """;

  @Test
  void aProxyThatWantsADigestGetsIt() throws Exception {
    FaultServer origin = server(WebSocketContract.echo());
    FaultServer proxy = proxy(wantingADigest(peer -> peer.tunnelTo(origin.address())));
    try (var knowing = withPassword().build()) {
      echoes(open(knowing, PLAIN));
    }
    assertThat(proxy.requests().getLast().header("proxy-authorization").getFirst())
        .startsWith("Digest username=\"user\", realm=\"way out\"")
        .contains("uri=\"one.test:80\"");
    assertThat(origin.requests().getFirst().header("proxy-authorization")).isEmpty();
  }

  @Test
  void aWrongPasswordIsTheProxysRefusal() throws Exception {
    FaultServer proxy = proxy(Script.keepAlive(peer -> peer.send(CHALLENGE)));
    try (var mistaken = withPassword().build()) {
      var failure = failure(ProxyFailedException.class, opening(mistaken, PLAIN, heard));

      assertThat(failure.status()).hasValue(407);
      assertThat(failure)
          .hasMessageContaining("too many authentication attempts")
          .hasMessageContaining("http://one.test:80: ");
    }
    assertThat(proxy.requests()).hasSize(5);
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void aPasswordInTheClearIsNotForTunnels() throws Exception {
    FaultServer proxy =
        proxy(
            peer -> {
              peer.readRequest();
              peer.send(CHALLENGE.replaceFirst("Digest [^\r]*", "Basic realm=x"));
            });
    try (var knowing = withPassword().build()) {
      assertThat(failure(ProxyFailedException.class, opening(knowing, PLAIN, heard)))
          .hasMessageContaining("jdk.http.auth.tunneling.disabledSchemes");
    }
    assertThat(proxy.requests()).hasSize(1);
  }

  // ---- what goes wrong (faults.md, row 58)

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HTTP/1.1 407 P~Proxy-Authenticate: Basic realm="x"~Content-Length: 0~~ | 407 | wants a password
          HTTP/1.1 502 Bad Gateway~Content-Length: 3~~bad | 502 | cannot reach the server
          HTTP/1.1 200 OK~Content-Length: 5~~hello | 200 | bytes of its own into the tunnel
          HTTP/1.1 101 Switching~Upgrade: websocket~~ | 0 | 101
          SSH-2.0-OpenSSH_9.2~ | 0 | no HTTP/1.1 status line
          HTTP/1.1 200 O | 0 | closed in the middle
          """)
  void aProxyThatOpensNoTunnel(String answer, int status, String said) throws Exception {
    FaultServer proxy =
        proxy(
            peer -> {
              peer.readRequest();
              peer.send(answer.replace("~", "\r\n"));
              peer.shutdownOutput();
              peer.clientCloses(PATIENCE);
            });

    var failure = failure(ProxyFailedException.class, opening(client, PLAIN, heard));

    assertThat(failure).hasMessageContaining(said).hasMessageContaining("http://one.test:80: ");
    assertThat(failure.details().phase()).isEqualTo(Phase.PROXY);
    assertThat(failure.details().address()).contains(proxy.address());
    assertThat(failure.details().timeline().proxy()).isPositive();
    assertThat(failure.status().orElse(0)).isEqualTo(status);
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(detour.failed).as("it could be reached").isEmpty();
    assertThat(client.snapshot().webSockets()).isZero();
  }

  @Test
  void aProxyThatCannotBeReachedIsToldOf() throws Exception {
    try (Ports nobody = Ports.refused()) {
      detour.proxy = new Proxy(Proxy.Type.HTTP, nobody.address());

      assertThat(failure(ConnectFailedException.class, opening(client, PLAIN, heard)))
          .hasMessageContaining("http://one.test:80: to the proxy ")
          .hasMessageContaining("refused");
      assertThat(detour.failed).hasSize(1);
      assertThat(detour.failed.peek()).startsWith("http://one.test/chat /");
    }
  }

  @Test
  void aProxyThatStallsEndsAtItsDeadline() throws Exception {
    FaultServer proxy = proxy(Peer::stall);
    try (var hasty = options().tcp(t -> t.proxyTimeout(Duration.ofMillis(200))).build()) {
      assertThat(failure(ConnectTimeoutException.class, opening(hasty, PLAIN, heard)))
          .hasMessageContaining("did not answer CONNECT in time")
          .hasMessageContaining("tcp.proxyTimeout");
    }
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void theConnectTimeoutNamesTheProxy() throws Exception {
    FaultServer proxy = proxy(Peer::stall);

    var failure =
        failure(
            ConnectTimeoutException.class,
            client
                .newWebSocketBuilder()
                .connectTimeout(Duration.ofMillis(200))
                .buildAsync(PLAIN, heard));

    assertThat(failure.details().phase()).isEqualTo(Phase.PROXY);
    assertThat(failure.details().address()).contains(proxy.address());
    assertThat(failure)
        .hasMessageContaining("the WebSocket's connectTimeout of 200 ms passed")
        .hasMessageContaining("while asking the proxy for a tunnel");
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoGivesUpLeavesNoConnection(boolean closeTheClient) throws Exception {
    var asked = new CountDownLatch(1);
    FaultServer proxy =
        proxy(
            peer -> {
              peer.readRequest();
              asked.countDown();
              peer.stall();
            });
    CompletableFuture<WebSocket> opening = opening(client, PLAIN, heard);
    asked.await();

    if (closeTheClient) {
      client.shutdownNow();
      assertThat(failure(ProxyFailedException.class, opening))
          .hasMessageContaining("the client was closed");
    } else {
      opening.cancel(true);
    }

    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(heard.silent()).isTrue();
  }

  @Test
  void aProxyThatDiesInTheTlsHandshake() throws Exception {
    proxy(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 OK\r\n\r\n");
          peer.readExactly(5);
        });

    assertThat(
            failure(
                TlsFailedException.class, opening(client, URI.create("wss://one.test/"), heard)))
        .hasMessageContaining("closed");
  }

  /** Opens the tunnel, is the origin itself, and dies as the script says. */
  private void proxyThatDies(Script death) throws Exception {
    proxy(
        peer -> {
          peer.readRequest();
          peer.send("HTTP/1.1 200 Connection established\r\n\r\n");
          Frame.accept(peer);
          peer.send(Frame.text("hello").bytes());
          death.play(peer);
        });
    open(client, PLAIN);
    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text hello");
  }

  @Test
  void aProxyThatClosesBetweenMessages() throws Exception {
    proxyThatDies(Peer::shutdownOutput);
    assertThat(heard.next()).isEqualTo("close 1006 ");
  }

  @Test
  void aProxyThatDiesInAMessage() throws Exception {
    byte[] frame = Frame.text("cut off").bytes();
    proxyThatDies(
        peer -> {
          peer.send(Arrays.copyOf(frame, 5));
          peer.shutdownOutput();
        });
    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }

  @Test
  void aProxyThatResets() throws Exception {
    proxyThatDies(Peer::reset);
    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }
}
