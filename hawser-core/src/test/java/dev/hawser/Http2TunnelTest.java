package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Endings;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.TestIdentity;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 by ALPN with an origin that only a proxy can reach. */
@Tag("tls")
@Timeout(60)
class Http2TunnelTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final TestIdentity IDENTITY = ROOT.issue(leaf -> leaf.names("one.test"));
  private static final URI ONE = URI.create("https://one.test/");
  private static final int HERD = 50;

  private final Detour detour = new Detour();

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder().proxy(detour).sslContext(OwnContext.trusting(ROOT));
  }

  private FaultServer origin(Script... scripts) throws IOException {
    return server(FaultServer.builder().tls(Tls.of(IDENTITY.serverContext()).alpn("h2")), scripts);
  }

  /** A proxy that leads to this server, whoever is asked for. */
  private FaultServer proxyTo(InetSocketAddress address) throws IOException {
    FaultServer proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.tunnelTo(address);
            });
    detour.use(proxy);
    return proxy;
  }

  private HawserResponse<String> get() throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(ONE));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aColdHerdOpensOneTunnel(boolean socks) throws Exception {
    try (var origin = OriginServer.builder().tls(IDENTITY.serverContext()).http2().start()) {
      FaultServer proxy;
      if (socks) {
        proxy = server(SocksTest.leadingTo(origin.address()));
        detour.useSocks(proxy);
      } else {
        proxy = proxyTo(origin.address());
      }

      List<HawserResponse<String>> responses = new ArrayList<>();
      try (var herd = Executors.newVirtualThreadPerTaskExecutor()) {
        Callable<HawserResponse<String>> call = this::get;
        for (var answer : herd.invokeAll(Collections.nCopies(HERD, call))) {
          responses.add(answer.get());
        }
      }

      assertThat(responses)
          .allSatisfy(
              response -> {
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(response.version()).isEqualTo(Version.HTTP_2);
                assertThat(response.connection().proxied()).isTrue();
                assertThat(response.connection().origin())
                    .isEqualTo(new Origin("https", "one.test", 443));
              });
      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(origin.requests()).isEqualTo(HERD);
      assertThat(witness.all(ExchangeEvent.Tunnelled.class)).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTunnelThatEndsEndsItsStreams(boolean reset) throws Exception {
    int streams = 5;
    FaultServer origin =
        origin(
            Http2Script.inTurn(
                (peer, request) -> {
                  peer.headers(request.stream(), 200);
                  peer.data(request.stream(), "begun");
                }),
            Http2Script.ok("afresh"));
    FaultServer proxy = proxyTo(origin.address());
    List<InputStream> bodies = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      InputStream body =
          client.send(HttpRequest.newBuilder(ONE).build(), BodyHandlers.ofInputStream()).body();
      assertThat(body.readNBytes(5)).asString().isEqualTo("begun");
      bodies.add(body);
    }
    assertThat(proxy.connections()).isEqualTo(1);

    if (reset) {
      proxy.resetConnections();
    } else {
      proxy.closeConnections();
    }

    for (InputStream body : bodies) {
      assertThatThrownBy(body::read).isInstanceOf(IOException.class);
    }
    assertThat(get().body()).isEqualTo("afresh");
    assertThat(proxy.connections()).isEqualTo(2);
  }

  @Test
  void whatAGoawayThroughItDoesNotCoverIsSentByAnother() throws Exception {
    FaultServer origin = origin(Http2Endings.goesAwayUnprocessed(), Http2Script.ok("elsewhere"));
    FaultServer proxy = proxyTo(origin.address());

    HawserResponse<String> response =
        send(HttpRequest.newBuilder(ONE).POST(BodyPublishers.ofString("once")));

    assertThat(response.body()).isEqualTo("elsewhere");
    assertThat(proxy.connections()).isEqualTo(2);
  }

  @Test
  void whatAGoawayCoversIsAnsweredWhileOthersGoByAnother() throws Exception {
    var goesAway = new CountDownLatch(1);
    var answer = new CountDownLatch(1);
    FaultServer origin =
        origin(
            Script.http2(
                peer -> {
                  peer.handshake();
                  var request = peer.readRequest();
                  peer.goAway(request.stream(), dev.hawser.faults.Http2Error.NO_ERROR, "restart");
                  goesAway.countDown();
                  peer.connection().await(answer);
                  peer.ok(request, "the last");
                  peer.awaitClose(PATIENCE);
                }),
            Http2Script.ok("elsewhere"));
    FaultServer proxy = proxyTo(origin.address());
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HawserResponse<String>> last = callers.submit(() -> get());
      goesAway.await();
      assertThat(get().body()).isEqualTo("elsewhere");
      answer.countDown();
      assertThat(last.get().body()).isEqualTo("the last");
    }
    assertThat(proxy.connections()).isEqualTo(2);
  }
}
