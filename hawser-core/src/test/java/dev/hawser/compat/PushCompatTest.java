package dev.hawser.compat;

import static dev.hawser.faults.Http2Faults.promise;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Peer;
import dev.hawser.faults.Http2Request;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Script;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Server push: what a {@link PushPromiseHandler} is asked, and what comes of its answers. */
@OnBothClients
class PushCompatTest extends WithBothClients {
  private FaultServer server;

  /** Over HTTP/2 it pushes two responses with its first. */
  @BeforeEach
  void openServer() throws IOException {
    server =
        subject.version() == Version.HTTP_2
            ? pushing(
                (peer, request) -> {
                  promiseTwo(peer, request);
                  for (int stream : new int[] {2, 4}) {
                    peer.headers(stream, 200, "x-stream", String.valueOf(stream));
                    peer.lastData(stream, "pushed on " + stream);
                  }
                })
            : FaultServer.start(Script.ok("hello"));
  }

  /** So that there is something to be reset. */
  private void neverKeepsItsWord() throws IOException {
    if (subject.version() == Version.HTTP_2) {
      server.close();
      server = pushing(PushCompatTest::promiseTwo);
    }
  }

  private static void promiseTwo(Http2Peer peer, Http2Request request) throws IOException {
    promise(peer, request, 2, "GET", "/a");
    promise(peer, request, 4, "GET", "/b");
    peer.ok(request, "hello");
  }

  private static FaultServer pushing(Http2Script.Answer first) throws IOException {
    return FaultServer.builder()
        .tls(Tls.of(ROOT.localhost().serverContext()).alpn("h2"))
        .start(Http2Script.inTurn(first, Http2Script.answerOk("the next")));
  }

  @AfterEach
  void closeServer() throws IOException {
    server.close();
  }

  private HttpResponse<String> first(PushPromiseHandler<String> handler) throws Exception {
    return client
        .sendAsync(
            HttpRequest.newBuilder(server.uri("/first")).build(), BodyHandlers.ofString(), handler)
        .get(20, TimeUnit.SECONDS);
  }

  /** The connection carries on after whatever has been refused. */
  private void theNext() throws Exception {
    if (subject.version() == Version.HTTP_2) {
      assertThat(first(null).body()).isEqualTo("the next");
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  private int pushes() {
    return subject.version() == Version.HTTP_2 ? 2 : 0;
  }

  @Test
  void aMapIsFullWhenTheBodyHasCome() throws Exception {
    var pushed = new ConcurrentHashMap<HttpRequest, CompletableFuture<HttpResponse<String>>>();

    assertThat(first(PushPromiseHandler.of(request -> BodyHandlers.ofString(), pushed)).body())
        .isEqualTo("hello");

    assertThat(pushed).hasSize(pushes());
    Map<String, String> bodies =
        pushed.entrySet().stream()
            .collect(
                Collectors.toMap(
                    each -> each.getKey().uri().getPath(), each -> each.getValue().join().body()));
    if (pushes() > 0) {
      assertThat(bodies).isEqualTo(Map.of("/a", "pushed on 2", "/b", "pushed on 4"));
      HttpRequest asked = pushed.keys().nextElement();
      HttpResponse<String> response = pushed.get(asked).join();
      assertThat(asked.method()).isEqualTo("GET");
      assertThat(asked.uri()).isEqualTo(server.uri(asked.uri().getPath()));
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("x-stream")).isPresent();
      assertThat(response.uri()).isEqualTo(asked.uri());
      assertThat(response.version()).isEqualTo(Version.HTTP_2);
      assertThat(response.request()).isEqualTo(asked);
      assertThat(response.previousResponse()).isEmpty();
    }
    theNext();
  }

  /** What happens to each promise, by its path. */
  private Map<String, CompletableFuture<HttpResponse<String>>> answering(
      Function<
              Function<BodyHandler<String>, CompletableFuture<HttpResponse<String>>>,
              CompletableFuture<HttpResponse<String>>>
          answer)
      throws Exception {
    ConcurrentMap<String, CompletableFuture<HttpResponse<String>>> answers =
        new ConcurrentHashMap<>();
    HttpResponse<String> response =
        first(
            (initiating, promised, acceptor) -> {
              assertThat(initiating.uri()).isEqualTo(server.uri("/first"));
              CompletableFuture<HttpResponse<String>> future = answer.apply(acceptor);
              answers.put(
                  promised.uri().getPath(), future == null ? new CompletableFuture<>() : future);
            });
    assertThat(response.body()).isEqualTo("hello");
    assertThat(answers).hasSize(pushes());
    return answers;
  }

  private void isReset(int stream) {
    if (pushes() > 0) {
      assertThat(server.transcript()).contains("RST_STREAM " + stream + " CANCEL");
    }
  }

  @Test
  void whatIsNotAcceptedIsCancelled() throws Exception {
    neverKeepsItsWord();
    answering(acceptor -> null);

    theNext();
    isReset(2);
    isReset(4);
  }

  @Test
  void aHandlerMayAcceptOnce() throws Exception {
    answering(
            acceptor -> {
              CompletableFuture<HttpResponse<String>> first =
                  acceptor.apply(BodyHandlers.ofString());
              assertThatThrownBy(() -> acceptor.apply(BodyHandlers.ofString()))
                  .isInstanceOf(IllegalStateException.class);
              return first;
            })
        .values()
        .forEach(each -> assertThat(each.join().body()).startsWith("pushed"));
    theNext();
  }

  @Test
  void withoutABodyHandlerItHasNotAccepted() throws Exception {
    neverKeepsItsWord();
    answering(
        acceptor -> {
          assertThatThrownBy(() -> acceptor.apply(null)).isInstanceOf(NullPointerException.class);
          return null;
        });
    theNext();
    isReset(2);
  }

  @Test
  void aHandlerThatThrowsHasNotAccepted() throws Exception {
    neverKeepsItsWord();
    var accepted = new ConcurrentHashMap<String, CompletableFuture<HttpResponse<String>>>();
    HttpResponse<String> response =
        first(
            (initiating, promised, acceptor) -> {
              if (promised.uri().getPath().equals("/b")) {
                accepted.put("/b", acceptor.apply(BodyHandlers.ofString()));
              }
              throw new IllegalArgumentException("of the user's");
            });

    assertThat(response.body()).isEqualTo("hello");
    for (CompletableFuture<HttpResponse<String>> each : accepted.values()) {
      assertThatThrownBy(() -> each.get(20, TimeUnit.SECONDS))
          .hasCauseInstanceOf(IllegalArgumentException.class);
    }
    theNext();
    isReset(2);
    isReset(4);
  }

  @Test
  void withoutAHandlerThereIsNoPush() throws Exception {
    try (FaultServer silent = pushing(Http2Script.answerOk("hello"))) {
      if (subject.version() == Version.HTTP_2) {
        client.send(HttpRequest.newBuilder(silent.uri("/")).build(), BodyHandlers.ofString());
        assertThat(silent.transcript()).contains("ENABLE_PUSH=0");
      }
    }
  }

  @Test
  void cancellingAPushedResponseResetsItsStream() throws Exception {
    if (subject.version() == Version.HTTP_1_1) {
      return;
    }
    server.close();
    server =
        pushing(
            (peer, request) -> {
              promise(peer, request, 2, "GET", "/a");
              peer.ok(request, "hello");
              peer.awaitFrame(Http2Frame.RST_STREAM);
            });
    var pushed = new CompletableFuture<CompletableFuture<HttpResponse<String>>>();
    first(
        (initiating, promised, acceptor) ->
            pushed.complete(acceptor.apply(BodyHandlers.ofString())));

    String outcome = "nothing";
    pushed.join().cancel(true);
    try {
      client
          .sendAsync(HttpRequest.newBuilder(server.uri("/next")).build(), BodyHandlers.ofString())
          .get(2, TimeUnit.SECONDS);
      outcome = "RST_STREAM";
    } catch (TimeoutException e) {
      // the server waits for it
    }

    assertThat(outcome).isEqualTo(Difference.CANCELLED_PUSH.of(subject));
  }
}
