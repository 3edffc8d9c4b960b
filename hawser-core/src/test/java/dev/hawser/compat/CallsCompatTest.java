package dev.hawser.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Ports;
import dev.hawser.faults.Script;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** {@code send} and {@code sendAsync}: deadlines, failures, futures, threads; a client's end. */
@OnBothClients
class CallsCompatTest extends WithBothClients {
  private static final Duration SHORT = Duration.ofMillis(200);

  private CompletableFuture<HttpResponse<String>> sendAsync(String path) {
    return client.sendAsync(to(path).build(), BodyHandlers.ofString());
  }

  /** A server that reads a request and answers nothing. */
  private static FaultServer silent() throws IOException {
    return FaultServer.start(Script.answerAndStall(""));
  }

  // ---- deadlines

  @Test
  void aTimeoutBeforeTheHeadIsAnHttpTimeout() throws Exception {
    HttpRequest request = to("/delay/30000").timeout(SHORT).build();

    assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
        .isInstanceOf(HttpTimeoutException.class)
        .isNotInstanceOf(HttpConnectTimeoutException.class);
    assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()).get())
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(HttpTimeoutException.class);
    assertThat(get("/bytes/1").body()).isEqualTo(letters(1));
  }

  @Test
  void whetherTheTimeoutCoversTheBody() throws Exception {
    HttpRequest request = to("/drip/2/700").timeout(Duration.ofSeconds(1)).build();

    String outcome = "the body";
    try {
      client.send(request, BodyHandlers.ofString());
    } catch (HttpTimeoutException e) {
      outcome = "HttpTimeoutException";
    }

    assertThat(outcome).isEqualTo(Difference.SLOW_BODY.of(subject));
  }

  @Test
  void aConnectTimeoutHasItsOwnType() throws Exception {
    try (var blackhole = Ports.blackhole();
        HttpClient hasty = builder().connectTimeout(SHORT).build()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + blackhole.port() + "/")).build();

      assertThatThrownBy(() -> hasty.send(request, BodyHandlers.ofString()))
          .isInstanceOf(HttpConnectTimeoutException.class);
    }
  }

  @Test
  void whoIsNotThereIsAConnectException() throws Exception {
    try (var refused = Ports.refused()) {
      for (String host : new String[] {"127.0.0.1:" + refused.port(), "no-such-host.invalid"}) {
        var request = HttpRequest.newBuilder(URI.create("http://" + host + "/")).build();

        assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
            .isInstanceOf(ConnectException.class);
        assertThatThrownBy(() -> client.sendAsync(request, BodyHandlers.ofString()).join())
            .isInstanceOf(CompletionException.class)
            .hasCauseInstanceOf(ConnectException.class);
      }
    }
  }

  // ---- futures

  @Test
  void whatAnActionSeesOfAFailure() throws Exception {
    try (var server =
        FaultServer.start(Script.answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel"))) {
      Throwable seen =
          client
              .sendAsync(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
              .handle((response, e) -> e)
              .get(10, TimeUnit.SECONDS);

      assertThat(seen)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(IOException.class);
    }
  }

  @Test
  void eachOfManyGetsItsOwnAnswer() throws Exception {
    var calls = IntStream.range(0, 60).mapToObj(i -> sendAsync("/bytes/" + i)).toList();

    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).get(20, TimeUnit.SECONDS).body()).isEqualTo(letters(i));
    }
  }

  @Test
  void cancellingEndsTheExchange() throws Exception {
    for (boolean derived : new boolean[] {false, true}) {
      try (var server = silent()) {
        CompletableFuture<HttpResponse<String>> call =
            client.sendAsync(
                HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
        CompletableFuture<?> cancelled = derived ? call.thenApply(HttpResponse::body) : call;
        assertThat(server.awaitRequests(1, Duration.ofSeconds(10))).isTrue();

        assertThat(cancelled.cancel(true)).isTrue();

        assertThatThrownBy(cancelled::join)
            .satisfiesAnyOf(
                e -> assertThat(e).isInstanceOf(CancellationException.class),
                e -> assertThat(e).hasCauseInstanceOf(CancellationException.class));
        assertThat(server.awaitAllClosed(Duration.ofSeconds(10))).isTrue();
      }
    }
  }

  @Test
  void cancellingOverHttp2ResetsTheStreamAlone() throws Exception {
    if (subject.version() == Version.HTTP_1_1) {
      return; // the connection ends, as above
    }
    for (boolean derived : new boolean[] {false, true}) {
      try (var server = overHttp2(awaitsReset(), Http2Script.answerOk("the next"))) {
        HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
        CompletableFuture<HttpResponse<String>> call =
            client.sendAsync(request, BodyHandlers.ofString());
        CompletableFuture<?> cancelled = derived ? call.thenApply(HttpResponse::body) : call;
        assertThat(server.awaitRequests(1, Duration.ofSeconds(10))).isTrue();

        assertThat(cancelled.cancel(true)).isTrue();

        assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("the next");
        assertThat(server.connections()).isEqualTo(1);
        assertThat(server.transcript()).contains("RST_STREAM 1 CANCEL");
      }
    }
  }

  private static Http2Script.Answer awaitsReset() {
    return (peer, request) -> peer.awaitFrame(Http2Frame.RST_STREAM);
  }

  private static FaultServer overHttp2(Http2Script.Answer... answers) throws IOException {
    return FaultServer.builder()
        .tls(Tls.of(ROOT.localhost().serverContext()).alpn("h2"))
        .start(Http2Script.inTurn(answers));
  }

  @Test
  void anInterruptEndsTheCallAndItsExchange() throws Exception {
    try (var server = silent()) {
      var thrown = new AtomicReference<Throwable>();
      Thread caller =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      send(HttpRequest.newBuilder(server.uri("/")));
                    } catch (Exception e) {
                      thrown.set(e);
                    }
                  });
      assertThat(server.awaitRequests(1, Duration.ofSeconds(10))).isTrue();
      caller.interrupt();
      caller.join();

      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      assertThat(server.awaitAllClosed(Duration.ofSeconds(10))).isTrue();
    }
  }

  @Test
  void whereActionsRun() throws Exception {
    try (var executor = Executors.newSingleThreadExecutor(r -> new Thread(r, "the executor"));
        HttpClient executing = builder().executor(executor).build()) {
      String thread =
          executing
              .sendAsync(to("/delay/100").build(), BodyHandlers.ofString())
              .thenApply(response -> Thread.currentThread().getName())
              .get(10, TimeUnit.SECONDS);

      assertThat(thread.replaceAll("-worker-.*", "")).isEqualTo(Difference.ACTIONS.of(subject));
    }
  }

  // ---- a client's end

  @Test
  void afterTheShutdownNothingIsTaken() throws Exception {
    assertThat(client.isTerminated()).isFalse();

    client.shutdown();

    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> sendAsync("/").get()).hasCauseInstanceOf(IOException.class);
    assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
    assertThat(client.isTerminated()).isTrue();
    client.close();
  }

  @Test
  void aShutdownLetsCallsEnd() throws Exception {
    CompletableFuture<HttpResponse<String>> call = sendAsync("/drip/3/150");

    client.shutdown();

    assertThat(client.awaitTermination(Duration.ofMillis(10))).isFalse();
    assertThat(client.isTerminated()).isFalse();
    assertThat(call.get(10, TimeUnit.SECONDS).body()).isEqualTo("abc");
    client.close();
    assertThat(client.isTerminated()).isTrue();
  }

  @Test
  void closeWaitsForCalls() throws Exception {
    CompletableFuture<HttpResponse<String>> call = sendAsync("/drip/3/150");

    client.close();

    assertThat(client.isTerminated()).isTrue();
    assertThat(call.get(10, TimeUnit.SECONDS).body()).isEqualTo("abc");
  }

  @Test
  void aShutdownNowEndsCalls() throws Exception {
    try (var server = silent()) {
      CompletableFuture<HttpResponse<String>> call =
          client.sendAsync(
              HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
      assertThat(server.awaitRequests(1, Duration.ofSeconds(10))).isTrue();

      client.shutdownNow();

      assertThatThrownBy(() -> call.get(10, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IOException.class);
      assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
    }
  }
}
