package dev.hawser;

import static dev.hawser.faults.Http2Faults.promise;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Faults;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Script;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server push through the whole client; the first request asks for HTTP/2 in clear text. */
@Timeout(60)
class ServerPushTest extends WithClient {
  private final CompletableFuture<CompletableFuture<HttpResponse<String>>> pushed =
      new CompletableFuture<>();

  private CompletableFuture<HttpResponse<String>> send(
      HttpRequest.Builder request, PushPromiseHandler<String> handler) {
    return client.sendAsync(request.build(), BodyHandlers.ofString(), handler);
  }

  private PushPromiseHandler<String> accepting() {
    return (initiating, promised, acceptor) ->
        pushed.complete(acceptor.apply(BodyHandlers.ofString()));
  }

  private static HttpRequest.Builder to(FaultServer server) {
    return HttpRequest.newBuilder(server.uri("/first"));
  }

  private static <V> V get(CompletableFuture<V> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  /** Promises, and what it then does is the test's. */
  private static Http2Script promises(Http2Script.Answer then) {
    return Http2Script.inTurn(
        (peer, request) -> {
          promise(peer, request, 2, "GET", "/pushed");
          then.answer(peer, request);
        },
        Http2Script.answerOk("the next"));
  }

  @Test
  void theRequestThatAsksForHttp2MayBePushedTo() throws Exception {
    FaultServer server = server(Http2Faults.pushes("pushed", "hello"));
    HttpRequest request = to(server).build();
    var pushes = new ConcurrentHashMap<HttpRequest, CompletableFuture<HttpResponse<String>>>();

    HttpResponse<String> response =
        get(
            client.sendAsync(
                request,
                BodyHandlers.ofString(),
                PushPromiseHandler.of(promised -> BodyHandlers.ofString(), pushes)));

    assertThat(response.body()).isEqualTo("hello");
    assertThat(pushes).hasSize(1);
    HttpRequest promised = pushes.keys().nextElement();
    assertThat(promised).isEqualTo(HttpRequest.newBuilder(server.uri("/pushed")).build());
    var answer = (HawserResponse<String>) get(pushes.get(promised));
    assertThat(answer.body()).isEqualTo("pushed");
    assertThat(answer.request()).isSameAs(promised);
    assertThat(answer.connection().id())
        .isEqualTo(((HawserResponse<String>) response).connection().id());
    assertThat(witness.all(ExchangeEvent.Started.class)).hasSize(2);
    assertThat(witness.all(ExchangeEvent.RequestSent.class)).hasSize(1);
  }

  @Test
  void theEndOfTheBodyWaitsForTheHandler() throws Exception {
    var asked = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    FaultServer server = server(Http2Faults.pushes("pushed", "hello"));
    CompletableFuture<HttpResponse<String>> call =
        send(
            to(server),
            (initiating, promised, acceptor) -> {
              asked.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              accepting().applyPushPromise(initiating, promised, acceptor);
            });
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(
            witness.await(
                () -> witness.all(ExchangeEvent.HeadReceived.class).size() == 1, PATIENCE))
        .isTrue();
    assertThat(call).isNotDone();
    go.countDown();

    assertThat(get(call).body()).isEqualTo("hello");
    assertThat(pushed).isDone();
    assertThat(get(pushed.join()).body()).isEqualTo("pushed");
  }

  @Test
  void whatIsAcceptedOutlivesTheCallThatItCameWith() throws Exception {
    var timedOut = new CountDownLatch(1);
    FaultServer server =
        server(
            promises(
                (peer, request) -> {
                  peer.connection().await(timedOut);
                  peer.headers(2, 200);
                  peer.lastData(2, "pushed");
                }));

    CompletableFuture<HttpResponse<String>> call =
        send(to(server).timeout(Duration.ofMillis(500)), accepting());

    assertThatThrownBy(() -> get(call)).hasCauseInstanceOf(HttpTimeoutException.class);
    timedOut.countDown();
    assertThat(get(get(pushed)).body()).isEqualTo("pushed");
  }

  @Test
  void itsConnectionIsNotIdleMeanwhile() throws Exception {
    var late = new CountDownLatch(1);
    FaultServer server =
        server(
            promises(
                (peer, request) -> {
                  peer.ok(request, "hello");
                  peer.headers(2, 200);
                  peer.data(2, "pu");
                  peer.connection().await(late);
                  peer.lastData(2, "shed");
                }));
    var received = new CompletableFuture<CompletableFuture<HttpResponse<InputStream>>>();
    CompletableFuture<HttpResponse<InputStream>> call =
        client.sendAsync(
            to(server).build(),
            BodyHandlers.ofInputStream(),
            (initiating, promised, acceptor) ->
                received.complete(acceptor.apply(BodyHandlers.ofInputStream())));
    get(call).body().readAllBytes();
    try (InputStream body = get(get(received)).body()) {
      client.drain(server.uri("/"));
      client.shutdown();
      assertThat(client.snapshot().leased()).isEqualTo(1);
      late.countDown();
      assertThat(new String(body.readAllBytes(), StandardCharsets.US_ASCII)).isEqualTo("pushed");
    }
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
    assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
  }

  @Test
  void shutdownNowEndsIt() throws Exception {
    FaultServer server = server(promises((peer, request) -> peer.ok(request, "hello")));
    assertThat(get(send(to(server), accepting())).body()).isEqualTo("hello");

    client.shutdownNow();

    assertThatThrownBy(() -> get(pushed.join()))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("the client was closed");
  }

  @Test
  void cancellingItsFutureResetsItsStream() throws Exception {
    FaultServer server =
        server(
            promises(
                (peer, request) -> {
                  peer.ok(request, "hello");
                  peer.headers(2, 200);
                  peer.awaitFrame(Http2Frame.RST_STREAM);
                }));
    get(send(to(server), accepting()));

    assertThat(pushed.join().cancel(true)).isTrue();

    assertThat(get(server).body()).isEqualTo("the next");
    assertThat(server.transcript()).contains("RST_STREAM 2 CANCEL");
  }

  @Test
  void whatTheServerResetsFails() throws Exception {
    FaultServer server =
        server(
            promises(
                (peer, request) -> {
                  peer.resetStream(2, Http2Error.INTERNAL_ERROR);
                  peer.ok(request, "hello");
                }));

    assertThat(get(send(to(server), accepting())).body()).isEqualTo("hello");

    assertThatThrownBy(() -> get(pushed.join()))
        .hasCauseInstanceOf(ExchangeException.class)
        .hasMessageContaining("INTERNAL_ERROR");
    assertThat(get(server).body()).isEqualTo("the next");
  }

  @Test
  void aBodyOnAnExecutorAndItsHandlerToo() throws Exception {
    try (var executor = Executors.newSingleThreadExecutor(Thread::new);
        HawserClient onExecutor = Hawser.newBuilder().executor(executor).build()) {
      FaultServer server = server(Http2Faults.pushes("pushed", "hello"));
      var thread = new CompletableFuture<Thread>();
      onExecutor
          .sendAsync(
              to(server).build(),
              BodyHandlers.ofString(),
              (initiating, promised, acceptor) -> {
                thread.complete(Thread.currentThread());
                accepting().applyPushPromise(initiating, promised, acceptor);
              })
          .get(20, TimeUnit.SECONDS);
      assertThat(get(pushed.join()).body()).isEqualTo("pushed");
      assertThat(thread.join().isVirtual()).isFalse();
    }
  }
}
