package dev.hawser.http2;

import static dev.hawser.faults.Http2Faults.promise;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeOptions;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Faults;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Request;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Http2Settings;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Promise;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pushed streams: what is on the wire when a server promises well, badly, or without end. */
@Timeout(60)
class Http2PushTest {
  /** Who takes whatever is pushed. */
  private static final class Taker extends Http2Rig.Silent {
    private final BlockingQueue<Promise> promises = new LinkedBlockingQueue<>();

    @Override
    public boolean takesPushes() {
      return true;
    }

    @Override
    public void promised(Promise promise) {
      promises.add(promise);
    }

    Promise next() throws InterruptedException {
      Promise next = promises.poll(30, TimeUnit.SECONDS);
      assertThat(next).as("a promise").isNotNull();
      return next;
    }
  }

  private final Taker taker = new Taker();

  private Http2Rig.Answer send(Http2Rig rig, FaultServer server) throws IOException {
    return rig.run(
        rig.connection.exchange(Long.MAX_VALUE, taker), Http2Rig.get(server.uri("/first")));
  }

  private static Http2Rig.Answer receive(Http2Rig rig, Promise promise) throws IOException {
    return rig.run(promise.accept(new Http2Rig.Silent()), Http2Rig.get(promise.uri()));
  }

  // ---- well

  @Test
  void whatIsPromisedIsReceivedOnItsOwnStream() throws Exception {
    try (var server = FaultServer.start(Http2Faults.pushes("pushed", "hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      assertThat(send(rig, server).text()).isEqualTo("hello");
      Promise promise = taker.next();
      assertThat(promise.method()).isEqualTo("GET");
      assertThat(promise.uri()).isEqualTo(server.uri("/pushed"));
      assertThat(receive(rig, promise).text()).isEqualTo("pushed");

      rig.connection.shutDown();
      rig.told.awaitClosed();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript())
          .containsSubsequence("SETTINGS 0 ENABLE_PUSH=0", "ENABLE_PUSH=1", "HEADERS 1 ")
          .contains("GOAWAY 0 NO_ERROR last 2");
    }
  }

  @Test
  void pushIsAnnouncedOnceAndOnlyWhereItIsWanted() throws Exception {
    try (var server = FaultServer.start(Http2Script.ok("hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      rig.send(Http2Rig.get(server.uri("/")));
      assertThat(server.transcript()).doesNotContain("ENABLE_PUSH=1");
      send(rig, server);
      send(rig, server);
      assertThat(server.transcript())
          .containsSubsequence("HEADERS 1 ", "ENABLE_PUSH=1", "HEADERS 3 ", "HEADERS 5 ")
          .containsOnlyOnce("ENABLE_PUSH=1");
    }
  }

  @Test
  void aPaddedPromiseMayComeInPieces() throws Exception {
    Http2Script script =
        Http2Faults.onFirstRequest(
            (peer, request) -> {
              byte[] block =
                  peer.encode(
                      ":method",
                      "HEAD",
                      ":scheme",
                      "http",
                      ":authority",
                      request.header(":authority").getFirst(),
                      ":path",
                      "/a?b=c",
                      "accept",
                      "text/plain");
              byte[] start =
                  ByteBuffer.allocate(1 + 4 + 3 + 7)
                      .put((byte) 7)
                      .putInt(4)
                      .put(block, 0, 3)
                      .array();
              peer.send(new Http2Frame(Http2Frame.PUSH_PROMISE, Http2Frame.PADDED, 1, start));
              byte[] rest = Arrays.copyOfRange(block, 3, block.length);
              peer.send(Http2Frame.continuation(1, Http2Frame.END_HEADERS, rest));
              peer.ok(request, "hello");
              peer.headersOnly(4, 200, "content-length", "5");
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      assertThat(send(rig, server).text()).isEqualTo("hello");
      Promise promise = taker.next();
      assertThat(promise.method()).isEqualTo("HEAD");
      assertThat(promise.uri()).isEqualTo(server.uri("/a?b=c"));
      assertThat(promise.headers().firstValue("Accept")).contains("text/plain");
      assertThat(receive(rig, promise).status()).isEqualTo(200);
    }
  }

  @Test
  void moreThanAWindowComesAsItIsRead() throws Exception {
    String large = "x".repeat(1_000_000);
    Http2Script script =
        Http2Faults.onFirstRequest(
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/large");
              peer.ok(request, "hello");
              peer.answer(on(2, request), 200, large.getBytes(StandardCharsets.UTF_8));
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      assertThat(receive(rig, taker.next()).text()).isEqualTo(large);
    }
  }

  /** The promised request, as far as an answer to it needs to know. */
  private static Http2Request on(int stream, Http2Request request) {
    return new Http2Request(request.connection(), stream, request.fields(), true, new byte[0]);
  }

  @Test
  void aRetiredConnectionStaysUntilWhatIsPushedHasCome() throws Exception {
    Http2Script script =
        Http2Faults.onFirstRequest(
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/pushed");
              peer.ok(request, "hello");
              peer.goAway(1, Http2Error.NO_ERROR, "going down");
              peer.headers(2, 200);
              peer.lastData(2, "pushed");
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      assertThat(receive(rig, taker.next()).text()).isEqualTo("pushed");
      assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.GOAWAY);
    }
  }

  // ---- badly

  private static Arguments fault(String name, Http2Script.Answer answer) {
    return Arguments.of(name, Http2Faults.onFirstRequest(answer), "PROTOCOL_ERROR");
  }

  static Stream<Arguments> connectionFaults() {
    return Stream.of(
        fault("odd", (peer, request) -> promise(peer, request, 3, "GET", "/")),
        fault("zero", (peer, request) -> promise(peer, request, 0, "GET", "/")),
        fault(
            "the same twice",
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/");
              promise(peer, request, 2, "GET", "/");
            }),
        fault(
            "lower",
            (peer, request) -> {
              promise(peer, request, 4, "GET", "/");
              promise(peer, request, 2, "GET", "/");
            }),
        fault("on stream 0", (peer, request) -> promise(peer, on(0, request), 2, "GET", "/")),
        fault("on an idle one", (peer, request) -> promise(peer, on(5, request), 2, "GET", "/")),
        fault(
            "on a pushed one",
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/");
              promise(peer, on(2, request), 4, "GET", "/");
            }),
        fault("HEADERS of none", (peer, request) -> peer.headers(2, 200)),
        fault(
            "DATA of what is only promised",
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/");
              peer.lastData(2, "hello");
            }),
        fault(
            "HEADERS of what comes after it",
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/");
              peer.headers(6, 200);
            }),
        Arguments.of(
            "short",
            Http2Faults.sends(new Http2Frame(Http2Frame.PUSH_PROMISE, 4, 1, new byte[3])),
            "FRAME_SIZE_ERROR"),
        Arguments.of(
            "without end",
            Http2Faults.onFirstRequest(
                (peer, request) -> {
                  byte[] block = peer.encode(":method", "GET");
                  peer.flood(i -> Http2Frame.pushPromise(1, (int) (2 * i + 2), block), 1_000_000);
                }),
            "ENHANCE_YOUR_CALM"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("connectionFaults")
  void theConnectionEndsWithItsCode(String name, Http2Script script, String code) throws Exception {
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> send(rig, server))
          .isInstanceOf(MalformedResponseException.class)
          .hasMessageContaining(code);
      assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.EXCHANGE_FAILED);
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript()).as(name).contains("GOAWAY 0 " + code);
    }
  }

  @Test
  void aPromiseOnAStreamThatHasEndedEndsTheConnection() throws Exception {
    Http2Script script =
        Http2Faults.onFirstRequest(
            (peer, request) -> {
              peer.ok(request, "hello");
              promise(peer, request, 2, "GET", "/");
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      assertThat(send(rig, server).text()).isEqualTo("hello");
      rig.told.awaitClosed();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("GOAWAY 0 PROTOCOL_ERROR");
    }
  }

  private static Http2Script.Answer promises(String... fields) {
    return (peer, request) -> {
      promiseInPieces(peer, peer.encode(fields));
      peer.headers(2, 200, "x-more", "it has not heard yet"); // and what the client passes over
      peer.lastData(2, "pushed");
      peer.ok(request, "hello");
    };
  }

  private static void promiseInPieces(Http2Peer peer, byte[] block) throws IOException {
    byte[] promised = {0, 0, 0, 2};
    peer.send(new Http2Frame(Http2Frame.PUSH_PROMISE, 0, 1, promised));
    for (int at = 0; at < block.length; at += 10_000) {
      int end = Math.min(block.length, at + 10_000);
      int flags = end == block.length ? Http2Frame.END_HEADERS : 0;
      peer.send(Http2Frame.continuation(1, flags, Arrays.copyOfRange(block, at, end)));
    }
  }

  static Stream<Arguments> refused() {
    String[] good = {":method", "GET", ":scheme", "http", ":path", "/"};
    return Stream.of(
        Arguments.of("a foreign host", with(good, ":authority", "example.org"), "PROTOCOL_ERROR"),
        Arguments.of("another port", with(good, ":authority", "127.0.0.1:1"), "PROTOCOL_ERROR"),
        Arguments.of("no authority", good, "PROTOCOL_ERROR"),
        Arguments.of("no URI", with(good, ":authority", "a b"), "PROTOCOL_ERROR"),
        Arguments.of("a status", with(good, ":status", "200"), "PROTOCOL_ERROR"),
        Arguments.of("upper case", with(good, "X-Upper", "1"), "PROTOCOL_ERROR"),
        Arguments.of(
            "a large one",
            with(good, ":authority", "127.0.0.1", "x-large", "x".repeat(70_000)),
            "REFUSED_STREAM"));
  }

  private static String[] with(String[] fields, String... more) {
    return Stream.concat(Stream.of(fields), Stream.of(more)).toArray(String[]::new);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void theTableStaysInStepWithWhatIsRefused(String name, String[] fields, String code)
      throws Exception {
    try (var server =
            FaultServer.start(
                Http2Script.inTurn(promises(fields), Http2Script.answerOk("the next")));
        var rig = new Http2Rig(server.uri("/"))) {
      assertThat(send(rig, server).text()).isEqualTo("hello");
      assertThat(send(rig, server).text()).isEqualTo("the next");
      assertThat(taker.promises).as(name).isEmpty();
      assertThat(server.transcript()).contains("RST_STREAM 2 " + code);
    }
  }

  @Test
  void aRequestThatIsNotSafeIsRefused() throws Exception {
    for (String method : new String[] {"POST", "OPTIONS", "CONNECT"}) {
      try (var server =
              FaultServer.start(
                  Http2Script.inTurn(
                      (peer, request) -> {
                        promise(peer, request, 2, method, "/");
                        peer.ok(request, "hello");
                      },
                      Http2Script.answerOk("hello")));
          var rig = new Http2Rig(server.uri("/"))) {
        assertThat(send(rig, server).text()).isEqualTo("hello");
        assertThat(send(rig, server).text()).isEqualTo("hello");
        assertThat(taker.promises).isEmpty();
        assertThat(server.transcript()).contains("RST_STREAM 2 PROTOCOL_ERROR");
      }
    }
  }

  @Test
  void whoTakesNoneGetsNone() throws Exception {
    try (var server =
            FaultServer.start(
                Http2Script.inTurn(
                    Http2Script.answerOk("hello"),
                    (peer, request) -> {
                      promise(peer, request, 2, "GET", "/");
                      peer.headers(2, 200);
                      peer.lastData(2, "pushed");
                      peer.ok(request, "hello");
                    },
                    Http2Script.answerOk("the next")));
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("the next");
      assertThat(server.transcript()).contains("RST_STREAM 2 REFUSED_STREAM");
    }
  }

  @Test
  void thereAreNoMoreAtOnceThanAnnounced() throws Exception {
    Http2Script script =
        Http2Script.inTurn(
            (peer, request) -> {
              for (int i = 1; i <= Pushes.MOST + 1; i++) {
                promise(peer, request, 2 * i, "GET", "/" + i);
              }
              peer.ok(request, "hello");
            },
            (peer, request) -> {
              promise(peer, request, 1000, "GET", "/again");
              peer.ok(request, "hello");
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      assertThat(taker.promises).hasSize(Pushes.MOST);
      taker.promises.forEach(Promise::refuse);
      taker.promises.clear();
      send(rig, server);
      taker.next().refuse();
      assertThat(server.transcript())
          .contains("MAX_CONCURRENT_STREAMS=" + Pushes.MOST)
          .contains("RST_STREAM 202 REFUSED_STREAM")
          .contains("RST_STREAM 2 CANCEL");
    }
  }

  // ---- what does not come

  private static Http2Script.Answer then(Http2Script.Answer after) {
    return (peer, request) -> {
      promise(peer, request, 2, "GET", "/pushed");
      peer.ok(request, "hello");
      after.answer(peer, request);
    };
  }

  @Test
  void aResetOrALostConnectionFailsWhatIsPushed() throws Exception {
    Http2Script reset =
        Http2Faults.onFirstRequest(
            then((peer, request) -> peer.resetStream(2, Http2Error.INTERNAL_ERROR)));
    Http2Script lost =
        peer -> {
          peer.handshake();
          then((p, request) -> p.headers(2, 200)).answer(peer, peer.readRequest());
        };
    for (Http2Script script : new Http2Script[] {reset, lost}) {
      try (var server = FaultServer.start(script);
          var rig = new Http2Rig(server.uri("/"))) {
        send(rig, server);
        Promise promise = taker.next();
        assertThatThrownBy(() -> receive(rig, promise)).isInstanceOf(IOException.class);
      }
    }
  }

  @Test
  void whatIsNeverSentEndsWithTheHeadTimeout() throws Exception {
    try (var server = FaultServer.start(Http2Faults.onFirstRequest(then((peer, request) -> {})));
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.OPTIONS,
                ExchangeOptions.DEFAULTS.headTimeout(Duration.ofMillis(300)))) {
      send(rig, server);
      Exchange exchange = taker.next().accept(new Http2Rig.Silent());
      URI uri = server.uri("/");
      assertThatThrownBy(() -> rig.run(exchange, Http2Rig.get(uri)))
          .isInstanceOf(IOException.class);
      assertThat(exchange.expired()).isTrue();
    }
  }

  @Test
  void whoGivesUpResetsTheStreamAlone() throws Exception {
    try (var server =
            FaultServer.start(
                Http2Script.inTurn(
                    then((peer, request) -> peer.headers(2, 200)),
                    (peer, request) -> {
                      peer.lastData(2, "late");
                      peer.ok(request, "the next");
                    }));
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      Exchange exchange = taker.next().accept(new Http2Rig.Silent());
      exchange.exchange(rig.origin, Http2Rig.get(server.uri("/pushed")));
      exchange.abandon();
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("the next");
      assertThat(server.transcript()).contains("RST_STREAM 2 CANCEL");
    }
  }

  @Test
  void pushesDoNotCountAsRequests() throws Exception {
    Http2Script script =
        Http2Script.inTurn(
            Http2Settings.none().maxConcurrentStreams(1),
            then((Http2Peer peer, Http2Request request) -> {}),
            (peer, request) -> {
              peer.headers(2, 200);
              peer.lastData(2, "pushed");
              peer.ok(request, "the next");
            });
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      send(rig, server);
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("the next");
      assertThat(receive(rig, taker.next()).text()).isEqualTo("pushed");
    }
  }
}
