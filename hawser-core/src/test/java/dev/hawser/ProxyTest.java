package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** By a proxy to origins whose names nobody here can resolve: {@code *.test}. */
@Tag("tls")
@Timeout(60)
class ProxyTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestIdentity IDENTITY =
      ROOT.issue(leaf -> leaf.names("one.test", "two.test"));

  private final Detour selector = new Detour();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .proxy(selector)
        .sslContext(OwnContext.trusting(ROOT))
        .tcp(t -> t.proxyTimeout(Duration.ofSeconds(5)));
  }

  private HawserResponse<String> get(String uri) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(uri)));
  }

  private FaultServer origin(Script script) throws IOException {
    return server(
        FaultServer.builder().tls(Tls.of(IDENTITY.serverContext()).alpn("http/1.1")), script);
  }

  /** A proxy that opens every tunnel to this server. */
  private FaultServer proxyTo(InetSocketAddress address) throws IOException {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.tunnelTo(address);
            });
    selector.use(proxy);
    return proxy;
  }

  // ---- http: the proxy passes on requests

  @Test
  void aRequestNamesAllOfItsUriAndItsConnectionIsUsedForEveryOrigin() throws Exception {
    FaultServer proxy = server(Script.ok("passed on"));
    selector.use(proxy);

    assertThat(get("http://one.test/a?b=c#d").body()).isEqualTo("passed on");
    assertThat(get("http://two.test:8080").body()).isEqualTo("passed on");
    HawserResponse<String> last = get("http://user:secret@one.test/%20");

    List<Received> requests = proxy.requests();
    assertThat(requests)
        .extracting(Received::requestLine)
        .containsExactly(
            "GET http://one.test/a?b=c HTTP/1.1",
            "GET http://two.test:8080/ HTTP/1.1",
            "GET http://one.test/%20 HTTP/1.1");
    assertThat(requests)
        .extracting(request -> request.header("host"))
        .containsExactly(List.of("one.test"), List.of("two.test:8080"), List.of("one.test"));
    assertThat(proxy.connections()).isEqualTo(1);
    assertThat(last.connection().proxied()).isTrue();
    assertThat(last.connection().remoteAddress()).isEqualTo(proxy.address());
    assertThat(last.connection().origin().port()).isEqualTo(proxy.port());
    assertThat(last.timeline().reused()).isTrue();
    assertThat(selector.asked.peek()).isEqualTo(URI.create("http://one.test/a?b=c#d"));
  }

  @Test
  void theSelectorDecidesForEachRequest() throws Exception {
    FaultServer proxy = server(Script.ok("by the proxy"));
    FaultServer direct = server(Script.ok("direct"));
    selector.use(proxy);

    assertThat(get("http://one.test/").body()).isEqualTo("by the proxy");
    HawserResponse<String> response = get(direct);

    assertThat(response.body()).isEqualTo("direct");
    assertThat(response.connection().proxied()).isFalse();
    assertThat(direct.requests().getFirst().target()).isEqualTo("/");
  }

  @Test
  void aRedirectIsAskedForAnew() throws Exception {
    FaultServer direct = server(Script.ok("direct"));
    FaultServer proxy =
        server(
            Script.keepAlive(
                peer ->
                    peer.send(
                        "HTTP/1.1 302 Found\r\nLocation: "
                            + direct.uri("/there")
                            + "\r\nContent-Length: 0\r\n\r\n")));
    selector.use(proxy);
    try (HawserClient following =
        options().followRedirects(java.net.http.HttpClient.Redirect.NORMAL).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://one.test/"))
              .header("Proxy-Authorization", "Basic b246b25l")
              .build();

      assertThat(following.send(request, BodyHandlers.ofString()).body()).isEqualTo("direct");

      assertThat(proxy.requests().getFirst().header("proxy-authorization")).hasSize(1);
      assertThat(direct.requests().getFirst().head().toLowerCase(java.util.Locale.ROOT))
          .startsWith("get /there http/1.1")
          .doesNotContain("proxy-authorization");
    }
  }

  @Test
  void aProxyThatRefusesConnectionsIsToldOf() throws Exception {
    try (Ports nobody = Ports.refused()) {
      selector.proxy = new Proxy(Proxy.Type.HTTP, nobody.address());

      assertThatThrownBy(() -> get("http://one.test/x"))
          .isInstanceOf(ConnectFailedException.class)
          .hasMessageContaining("http://one.test:80: to the proxy ")
          .hasMessageContaining("refused");
      assertThatThrownBy(() -> get("https://one.test/y"))
          .isInstanceOf(ConnectFailedException.class);

      assertThat(selector.failed).hasSize(2);
      assertThat(selector.failed.peek()).startsWith("http://one.test/x /").contains("refused");
    }
  }

  @Test
  void aProxysNameIsResolvedLikeAnyOther() throws Exception {
    FaultServer proxy = server(Script.ok("found"));
    selector.proxy =
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("Localhost", proxy.port()));

    assertThat(get("http://one.test/").body()).isEqualTo("found");

    selector.proxy =
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("no.invalid", 3128));
    assertThatThrownBy(() -> get("http://one.test/"))
        .isInstanceOf(ConnectFailedException.class)
        .hasMessageContaining("to the proxy no.invalid:3128: ");
    assertThat(selector.failed).hasSize(1);
  }

  // ---- https: it opens a tunnel

  @Test
  void aTunnelIsOpenedOnceAndTlsIsWithTheOrigin() throws Exception {
    FaultServer origin = origin(Script.ok("secret"));
    FaultServer proxy = proxyTo(origin.address());

    HawserResponse<String> first = get("https://one.test/a");
    HawserResponse<String> second = get("https://one.test/b");

    assertThat(first.body()).isEqualTo("secret");
    assertThat(proxy.requests()).hasSize(1);
    assertThat(proxy.requests().getFirst().head())
        .isEqualTo("CONNECT one.test:443 HTTP/1.1\r\nHost: one.test\r\nUser-Agent: Hawser\r\n\r\n");
    assertThat(origin.requests()).extracting(Received::target).containsExactly("/a", "/b");
    assertThat(first.timeline().proxy().isPositive()).isTrue();
    assertThat(first.timeline().tls().isPositive()).isTrue();
    assertThat(second.timeline().proxy().isZero()).isTrue();
    assertThat(second.timeline().reused()).isTrue();
    assertThat(second.connection().proxied()).isTrue();
    assertThat(second.connection().origin()).isEqualTo(new Origin("https", "one.test", 443));
    assertThat(witness.all(ExchangeEvent.Tunnelled.class)).hasSize(1);
  }

  @Test
  void eachOriginHasItsOwnTunnel() throws Exception {
    FaultServer origin = origin(Script.ok("fine"));
    FaultServer proxy = proxyTo(origin.address());

    get("https://one.test/");
    get("https://two.test/");

    assertThat(proxy.requests())
        .extracting(Received::target)
        .containsExactly("one.test:443", "two.test:443");
  }

  @Test
  void whatIsForTheProxyDoesNotGoThroughTheTunnel() throws Exception {
    FaultServer origin = origin(Script.ok("fine"));
    FaultServer proxy = proxyTo(origin.address());

    send(
        HttpRequest.newBuilder(URI.create("https://one.test/"))
            .header("Proxy-Authorization", "Bearer for-the-proxy")
            .header("Proxy-Note", "hello")
            .header("Authorization", "Bearer for-the-origin"));
    get("https://one.test/without");

    assertThat(proxy.requests()).hasSize(2); // who has no token does not get that tunnel
    Received connect = proxy.requests().getFirst();
    assertThat(connect.header("proxy-authorization")).containsExactly("Bearer for-the-proxy");
    assertThat(connect.header("proxy-note")).containsExactly("hello");
    assertThat(connect.header("authorization")).isEmpty();
    Received request = origin.requests().getFirst();
    assertThat(request.header("proxy-authorization")).isEmpty();
    assertThat(request.header("proxy-note")).isEmpty();
    assertThat(request.header("authorization")).containsExactly("Bearer for-the-origin");
  }

  @Test
  void aPasswordInTheClearIsNotForTunnels() throws Exception {
    FaultServer proxy = proxyTo(origin(Script.ok("fine")).address());

    send(
        HttpRequest.newBuilder(URI.create("https://one.test/"))
            .header("Proxy-Authorization", "Basic b246b25l"));

    assertThat(proxy.requests().getFirst().header("proxy-authorization")).isEmpty();
  }

  @Test
  void aTunnelWhoseOriginClosesIsReplacedUnnoticed() throws Exception {
    FaultServer origin = origin(Script.closeAfter(1, peer -> peer.ok("fine")));
    FaultServer proxy = proxyTo(origin.address());
    for (int i = 0; i < 5; i++) {
      assertThat(get("https://one.test/").body()).isEqualTo("fine");
    }
    assertThat(proxy.connections()).isEqualTo(5);
  }

  // ---- what goes wrong (faults.md, row 58)

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          HTTP/1.1 407 P~Proxy-Authenticate: Basic realm="x"~Content-Length: 0~~ | 407 | wants a password
          HTTP/1.1 502 Bad Gateway~Content-Length: 3~~bad | 502 | cannot reach the server
          HTTP/1.1 403 Forbidden~Connection: close~~no | 403 | does not want to
          HTTP/1.1 302 Found~Location: https://evil.test/~Content-Length: 0~~ | 302 | may be no proxy
          HTTP/1.1 200 OK~Content-Length: 5~~hello | 200 | bytes of its own into the tunnel
          SSH-2.0-OpenSSH_9.2~ | 0 | no HTTP/1.1 status line
          HTTP/1.1 101 Switching~~ | 0 | 101
          """)
  void aProxyThatOpensNoTunnel(String answer, int status, String said) throws Exception {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.send(answer.replace("~", "\r\n"));
              peer.clientCloses(PATIENCE);
            });
    selector.use(proxy);

    ProxyFailedException failure =
        catchThrowableOfType(ProxyFailedException.class, () -> get("https://one.test/"));

    assertThat(failure).hasMessageContaining(said).hasMessageContaining("https://one.test:443: ");
    assertThat(failure.details().phase()).isEqualTo(Phase.PROXY);
    assertThat(failure.details().address()).contains(proxy.address());
    assertThat(failure.status().orElse(0)).isEqualTo(status);
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
    assertThat(client.snapshot().open()).isZero();
    assertThat(selector.failed).as("it could be reached").isEmpty();

    proxyTo(origin(Script.ok("now")).address());
    assertThat(get("https://one.test/").body()).isEqualTo("now");
  }

  @Test
  void aProxyThatDoesNotAnswerEndsAtItsDeadline() throws Exception {
    try (HawserClient hasty = options().tcp(t -> t.proxyTimeout(Duration.ofMillis(200))).build()) {
      FaultServer proxy = server(Peer::stall);
      selector.use(proxy);

      assertThatThrownBy(
              () ->
                  hasty.send(
                      HttpRequest.newBuilder(URI.create("https://one.test/")).build(),
                      BodyHandlers.ofString()))
          .isInstanceOf(ConnectTimeoutException.class)
          .hasMessageContaining("did not answer CONNECT in time")
          .hasMessageContaining("while asking the proxy for a tunnel")
          .hasMessageContaining("tcp.proxyTimeout");
      assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aProxyThatDiesBeforeItAnswers(boolean reset) throws Exception {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              if (reset) {
                peer.reset();
              }
            });
    selector.use(proxy);

    assertThatThrownBy(() -> get("https://one.test/"))
        .isInstanceOf(ProxyFailedException.class)
        .hasMessageContaining(reset ? "reset" : "closed before any byte");
  }

  @Test
  void aProxyThatDiesInTheTlsHandshake() throws Exception {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\n\r\n");
              peer.readExactly(5);
            });
    selector.use(proxy);

    assertThatThrownBy(() -> get("https://one.test/"))
        .isInstanceOf(TlsFailedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void anInterruptEndsTheWaitForATunnel() throws Exception {
    var asked = new CountDownLatch(1);
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              asked.countDown();
              peer.stall();
            });
    selector.use(proxy);
    var ended = new ConcurrentLinkedQueue<Throwable>();
    Thread caller =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    get("https://one.test/");
                  } catch (IOException | InterruptedException e) {
                    ended.add(e);
                  }
                });
    asked.await();
    caller.interrupt();
    caller.join();

    assertThat(ended.peek()).isInstanceOf(InterruptedException.class);
    client.shutdownNow();
    assertThat(proxy.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void aGoodServerThroughATunnel() throws Exception {
    try (var origin = OriginServer.builder().tls(Tls.of(IDENTITY.serverContext())).start()) {
      proxyTo(origin.address());
      for (int i = 0; i < 100; i++) {
        assertThat(get("https://two.test/").statusCode()).isBetween(200, 404);
      }
      assertThat(origin.connections()).isEqualTo(1);
    }
  }
}
