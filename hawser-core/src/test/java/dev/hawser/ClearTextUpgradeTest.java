package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Request;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Http2Settings;
import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/2 in clear text, with servers that are asked for it. */
@Timeout(60)
class ClearTextUpgradeTest extends WithClient {
  private static final String SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

  private final Queue<Received> received = new ConcurrentLinkedQueue<>();

  /** Answers over HTTP/1.1 and notes what came. */
  private Script http1() {
    return peer -> {
      while (true) {
        received.add(peer.readRequest());
        peer.ok("over HTTP/1.1");
      }
    };
  }

  private Script once(Script answer) {
    return peer -> {
      received.add(peer.readRequest());
      answer.play(peer);
    };
  }

  private List<Boolean> asked() {
    return received.stream().map(each -> each.header("upgrade").contains("h2c")).toList();
  }

  // ---- servers that agree

  @Test
  void theFirstRequestAsksAndOthersFollowOverHttp2() throws Exception {
    FaultServer server = server(Http2Script.ok("hello"));

    HawserResponse<String> first = get(server);
    HawserResponse<String> second = send(HttpRequest.newBuilder(server.uri("/second")));

    assertThat(first.body()).isEqualTo("hello");
    assertThat(first.version()).isEqualTo(Version.HTTP_2);
    assertThat(first.connection().version()).isEqualTo(Version.HTTP_2);
    assertThat(second.version()).isEqualTo(Version.HTTP_2);
    assertThat(second.timeline().reused()).isTrue();
    assertThat(server.connections()).isEqualTo(1);
    assertThat(server.transcript()).contains("Upgrade: [h2c]").contains("HEADERS 3 ");
    assertThat(witness.all(ExchangeEvent.RequestSent.class)).hasSize(2);
  }

  @Test
  void aColdStartOpensOneConnection() throws Exception {
    try (OriginServer origin = OriginServer.builder().http2().start()) {
      HttpRequest request = HttpRequest.newBuilder(origin.uri("/")).build();
      var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 32; i++) {
        calls.add(client.sendAsync(request, BodyHandlers.ofString()));
      }
      for (var call : calls) {
        call.get();
      }
      // Those who found it slow had connections of their own, which do not stay.
      for (int i = 0; i < 4; i++) {
        assertThat(client.send(request, BodyHandlers.ofString()).version())
            .isEqualTo(Version.HTTP_2);
      }
      assertThat(client.snapshot().open()).isEqualTo(1);
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void aBodyGoesOverHttp1UntilHttp2IsThere() throws Exception {
    try (OriginServer origin = OriginServer.builder().http2().start()) {
      var post = HttpRequest.newBuilder(origin.uri("/echo")).POST(BodyPublishers.ofString("body"));
      var get = HttpRequest.newBuilder(origin.uri("/"));

      assertThat(send(post).version()).isEqualTo(Version.HTTP_1_1);
      client.drain(origin.uri("/"));
      assertThat(send(get).version()).isEqualTo(Version.HTTP_2);
      assertThat(send(post).version()).isEqualTo(Version.HTTP_2);
    }
  }

  @Test
  void connectionsOfHttp1AreNotUsedAnyMore() throws Exception {
    var busy = new CountDownLatch(1);
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.await(busy);
              peer.ok("slow");
            },
            Http2Script.ok("hello"));
    var post = HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("body"));
    var slow = client.sendAsync(post.build(), BodyHandlers.ofString());
    assertThat(witness.await(() -> server.connections() == 1, PATIENCE)).isTrue();

    assertThat(get(server).version()).isEqualTo(Version.HTTP_2);
    busy.countDown();
    assertThat(slow.get().body()).isEqualTo("slow");

    assertThat(get(server).version()).isEqualTo(Version.HTTP_2);
    assertThat(client.snapshot().counters().closed()).containsEntry(CloseReason.SUPERSEDED, 1L);
  }

  @Test
  void aHeadHasNoBodyAndCountsAsOne() throws Exception {
    FaultServer server =
        server(
            Http2Script.inTurn(
                (peer, request) -> peer.headersOnly(request.stream(), 200, "content-length", "5")));

    var head = HttpRequest.newBuilder(server.uri("/")).HEAD();
    assertThat(send(head).version()).isEqualTo(Version.HTTP_2);
    assertThat(send(head).body()).isEmpty();
  }

  @Test
  void framesMayComeInTheSegmentOfThe101() throws Exception {
    FaultServer server =
        server(
            peer -> {
              peer.readRequest();
              peer.send(concat(SWITCHING, Http2Frame.settings(Http2Settings.none()).bytes()));
              var http2 = new Http2Peer(peer);
              http2.readPreface();
              http2.ackSettings();
              http2.headers(1, 200);
              http2.lastData(1, "hello");
              http2.stall();
            });

    assertThat(get(server).body()).isEqualTo("hello");
  }

  private static byte[] concat(String head, byte[] more) {
    byte[] first = head.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  // ---- who does not ask

  @Test
  void aServerOfHttp1IsAskedOnce() throws Exception {
    FaultServer server = server(http1());

    for (int i = 0; i < 3; i++) {
      assertThat(get(server).version()).isEqualTo(Version.HTTP_1_1);
      client.drain(server.uri("/"));
    }

    assertThat(asked()).containsExactly(true, false, false);
    assertThat(received.peek().header("connection")).containsExactly("Upgrade, HTTP2-Settings");
    assertThat(received.peek().header("http2-settings")).hasSize(1);
  }

  @Test
  void whoWantsHttp1DoesNotAsk() throws Exception {
    FaultServer server = server(http1());

    send(HttpRequest.newBuilder(server.uri("/")).version(Version.HTTP_1_1));
    send(HttpRequest.newBuilder(server.uri("/")).POST(BodyPublishers.ofString("body")));
    send(HttpRequest.newBuilder(server.uri("/")).DELETE());

    assertThat(asked()).containsExactly(false, false, false);
  }

  @Test
  void nobodyWaitsLongForAnAnswer() throws Exception {
    var slow = new CountDownLatch(1);
    FaultServer server =
        server(
            once(
                peer -> {
                  peer.await(slow);
                  peer.ok("slow");
                }),
            http1());
    var first =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(server.awaitRequests(1, PATIENCE)).isTrue();

    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    assertThat(first).isNotDone();
    slow.countDown();
    assertThat(first.get().body()).isEqualTo("slow");
    assertThat(asked()).containsExactly(true, false);
  }

  // ---- servers that stumble

  @Test
  void a426IsTheAnswer() throws Exception {
    FaultServer server =
        server(
            once(
                peer ->
                    peer.send(
                        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2\r\n"
                            + "Connection: Upgrade\r\nContent-Length: 0\r\n\r\n")));

    assertThat(get(server).statusCode()).isEqualTo(426);
  }

  @Test
  void a101ThatNobodyAskedForIsRefused() throws Exception {
    FaultServer server = server(once(peer -> peer.send(SWITCHING)));

    assertThatThrownBy(
            () -> send(HttpRequest.newBuilder(server.uri("/")).version(Version.HTTP_1_1)))
        .hasMessageContaining("101 Switching Protocols, which nobody asked for");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SWITCHING, // and closes
        SWITCHING + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        SWITCHING + "This is no frame of HTTP/2, nor of anything else. This is no frame of HTTP/2."
      })
  void whoAgreesAndDoesNotSpeakHttp2GetsTheRequestWithoutTheQuestion(String answer)
      throws Exception {
    FaultServer server = server(once(peer -> peer.send(answer)), http1());

    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");

    client.drain(server.uri("/"));
    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    assertThat(asked()).containsExactly(true, false, false);
    assertThat(client.snapshot().counters().repeats()).isEqualTo(1);
  }

  @Test
  void whoHangsUpOnTheQuestionIsNotAskedAgain() throws Exception {
    FaultServer server = server(once(peer -> {}), http1());

    assertThatThrownBy(() -> get(server)).hasMessageContaining("closed before any byte");
    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    assertThat(asked()).containsExactly(true, false);
  }

  @Test
  void anotherProtocolIsRefused() throws Exception {
    FaultServer server =
        server(once(peer -> peer.send(SWITCHING.replace("h2c", "websocket"))), http1());

    assertThatThrownBy(() -> get(server))
        .hasMessageContaining("101 Switching Protocols to [websocket] where h2c was asked for");
    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
  }

  @Test
  void silenceAfterThe101EndsWithTheRequestsTime() throws Exception {
    FaultServer server =
        server(
            once(
                peer -> {
                  peer.send(SWITCHING);
                  peer.stall();
                }),
            http1());

    assertThatThrownBy(
            () -> send(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(300))))
        .isInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void soDoesSilenceInPlaceOfThe101() throws Exception {
    FaultServer server = server(once(peer -> peer.stall()), http1());

    assertThatThrownBy(
            () -> send(HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(300))))
        .isInstanceOf(HttpTimeoutException.class);
    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    assertThat(asked()).containsExactly(true, false);
  }

  @Test
  void whatIsRefusedAtOnceGoesElsewhereAndDoesNotAsk() throws Exception {
    FaultServer server =
        server(
            Script.http2(
                peer -> {
                  peer.handshake();
                  peer.goAway(0, Http2Error.NO_ERROR, "not now");
                  peer.stall();
                }),
            http1());

    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    assertThat(asked()).containsExactly(false);
  }

  @Test
  void whoRequiresHttp1AfterItHasAgreedIsNotAskedAgain() throws Exception {
    FaultServer server =
        server(
            Http2Script.inTurn(
                (peer, request) -> peer.resetStream(1, Http2Error.HTTP_1_1_REQUIRED)),
            http1());

    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");
    client.drain(server.uri("/"));
    assertThat(get(server).body()).isEqualTo("over HTTP/1.1");

    assertThat(asked()).containsExactly(false, false);
    assertThat(server.transcript()).containsOnlyOnce("Upgrade: [h2c]");
  }

  @Test
  void aResetOfTheFirstStreamIsThatRequestsAlone() throws Exception {
    FaultServer server =
        server(
            Http2Script.inTurn(
                (peer, request) -> peer.resetStream(1, Http2Error.INTERNAL_ERROR),
                Http2Script.answerOk("hello")));

    assertThatThrownBy(() -> get(server)).isInstanceOf(IOException.class);
    assertThat(get(server).version()).isEqualTo(Version.HTTP_2);
    assertThat(server.connections()).isEqualTo(1);
  }

  // ---- callers who give up

  @Test
  void cancelledBeforeTheAnswerItMayBeAskedAgain() throws Exception {
    FaultServer server = server(once(peer -> peer.stall()), Http2Script.ok("hello"));
    var call =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(server.awaitRequests(1, PATIENCE)).isTrue();

    call.cancel(true);

    assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
    assertThat(get(server).version()).isEqualTo(Version.HTTP_2);
  }

  @Test
  void cancelledAfterThe101TheConnectionStays() throws Exception {
    var first = new CountDownLatch(1);
    FaultServer server =
        server(
            Http2Script.inTurn(
                (Http2Peer peer, Http2Request request) -> first.countDown(),
                Http2Script.answerOk("hello")));
    var call =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    assertThat(first.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(witness.await(() -> client.snapshot().hosts().getFirst().streams() == 1, PATIENCE))
        .isTrue();

    call.cancel(true);

    assertThat(get(server).body()).isEqualTo("hello");
    assertThat(server.connections()).isEqualTo(1);
  }
}
