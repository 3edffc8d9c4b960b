package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is cancelled of two requests, over HTTP/2 and over HTTP/1.1 within TLS. */
@Tag("tls")
@Timeout(60)
class HedgeOverTlsTest extends WithClient {
  private static final TestAuthority ROOT = TestAuthority.create();

  private final CountDownLatch answer = new CountDownLatch(1);
  private final CountDownLatch secondCame = new CountDownLatch(1);
  private final CompletableFuture<Integer> reset = new CompletableFuture<>(); // with which error

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .sslContext(OwnContext.trusting(ROOT))
        .hedge(h -> h.enabled(true).after(Duration.ofMillis(100)));
  }

  @AfterEach
  void letServersGo() {
    answer.countDown();
  }

  private FaultServer http2(Http2Script... scripts) throws Exception {
    FaultServer server =
        server(FaultServer.builder().tls(ROOT.localhost().tls().alpn("h2")), scripts);
    assertThat(get(server).body()).isEqualTo("at once");
    return server;
  }

  /** Answers one request; what it does with the next is the test's. */
  private static Http2Script then(Http2Script.Answer next) {
    return Http2Script.inTurn(Http2Script.answerOk("at once"), next, Http2Script.answerOk("later"));
  }

  private void awaitReset(Http2Peer peer) throws IOException {
    Http2Frame frame = peer.awaitFrame(Http2Frame.RST_STREAM);
    reset.complete(ByteBuffer.wrap(frame.payload()).getInt());
  }

  private static void await(CountDownLatch signal) throws IOException {
    try {
      signal.await();
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  private List<CloseReason> closed() {
    return witness.all(ExchangeEvent.Closed.class).stream()
        .map(ExchangeEvent.Closed::reason)
        .toList();
  }

  @Test
  void theFirstStreamIsResetWhenTheSecondIsAnswered() throws Exception {
    FaultServer server = http2(then((peer, request) -> awaitReset(peer)), Http2Script.ok("second"));

    HawserResponse<String> response = get(server);

    assertThat(response.body()).isEqualTo("second");
    assertThat(response.connection().id()).isEqualTo(2);
    assertThat(response.timeline().tls()).isPositive();
    assertThat(reset.get(20, TimeUnit.SECONDS)).isEqualTo(Http2Error.CANCEL.code());
    assertThat(get(server).statusCode()).isEqualTo(200);
    assertThat(server.connections()).isEqualTo(2);
    assertThat(closed()).as("both connections are kept").isEmpty();
  }

  @Test
  void theSecondIsResetWhenTheFirstIsAnswered() throws Exception {
    FaultServer server =
        http2(
            then(
                (peer, request) -> {
                  await(secondCame);
                  peer.ok(request, "first");
                }),
            peer -> {
              peer.handshake();
              peer.readRequest();
              secondCame.countDown();
              awaitReset(peer);
              peer.stall();
            });

    assertThat(get(server).body()).isEqualTo("first");
    assertThat(reset.get(20, TimeUnit.SECONDS)).isEqualTo(Http2Error.CANCEL.code());
    assertThat(closed()).isEmpty();
  }

  @Test
  void aSecondStreamOfTheOnlyConnectionIsOfNoUse() throws Exception {
    client.close();
    client = options().http2(h -> h.maxConnectionsPerHost(1)).listener(witness).build();
    FaultServer server =
        http2(
            then(
                (peer, request) -> {
                  await(answer);
                  peer.ok(request, "first");
                }));

    var late =
        client.sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (hedges().withheld() == 0) {
      assertThat(System.nanoTime()).isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
    answer.countDown();

    assertThat(late.get(20, TimeUnit.SECONDS).body()).isEqualTo("first");
    assertThat(hedges().sent()).isZero();
  }

  private ClientSnapshot.Hedges hedges() {
    return client.snapshot().loads().getFirst().hedges().orElseThrow();
  }

  @Test
  void whenTheSecondRefusesTheFirstStreamGoesOn() throws Exception {
    FaultServer server =
        http2(
            then(
                (peer, request) -> {
                  await(secondCame);
                  peer.connection().pause(Duration.ofMillis(50)); // the refusal is there by then
                  peer.ok(request, "first");
                }),
            Http2Script.inTurn(
                (peer, request) -> {
                  peer.resetStream(request.stream(), Http2Error.REFUSED_STREAM);
                  secondCame.countDown();
                }));

    assertThat(get(server).body()).isEqualTo("first");
    assertThat(witness.all(ExchangeEvent.Hedged.class)).hasSize(1);
    assertThat(witness.all(ExchangeEvent.HedgeWon.class)).isEmpty();
  }

  @Test
  void aLoserOverTlsAndHttp11IsClosed() throws Exception {
    var ending = new CompletableFuture<Peer.Ending>();
    FaultServer server =
        server(
            FaultServer.builder().tls(ROOT.localhost().tls().alpn("http/1.1")),
            peer -> {
              peer.readRequest();
              peer.ok("at once");
              peer.readRequest();
              ending.complete(peer.awaitClose(PATIENCE));
            },
            Script.ok("second"));
    assertThat(get(server).body()).isEqualTo("at once");

    assertThat(get(server).body()).isEqualTo("second");
    assertThat(ending.get(20, TimeUnit.SECONDS)).isNotEqualTo(Peer.Ending.OPEN);
    assertThat(witness.await(ExchangeEvent.Closed.class, 1, PATIENCE)).isTrue();
    assertThat(closed()).containsExactly(CloseReason.OVERTAKEN);
  }
}
