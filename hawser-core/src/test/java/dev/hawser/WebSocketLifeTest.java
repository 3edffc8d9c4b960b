package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Peer;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** WebSockets in the life of their client, and what the JDK's contract leaves to its words. */
@Tag("one-carrier")
@Timeout(60)
class WebSocketLifeTest extends WithClient {
  private WebSocket open(FaultServer server, WebSocket.Listener listener) throws Exception {
    return open(client, server, listener);
  }

  private static WebSocket open(
      HawserClient client, FaultServer server, WebSocket.Listener listener) throws Exception {
    return client
        .newWebSocketBuilder()
        .buildAsync(WebSocketContract.uri(server), listener)
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void isCountedOutsideThePool() throws Exception {
    WebSocket webSocket = open(server(WebSocketContract.echo()), new Heard());

    assertThat(client.snapshot().webSockets()).isEqualTo(1);
    assertThat(client.snapshot().open()).isZero();

    webSocket.sendClose(1000, "");
    assertThat(witness.await(ExchangeEvent.Completed.class, 1, PATIENCE)).isTrue();
    assertThat(client.snapshot().webSockets()).isZero();
    assertThat(witness.all(ExchangeEvent.Completed.class).getFirst().status()).isEqualTo(101);
  }

  @Test
  void shutdownWaitsForIt() throws Exception {
    var heard = new Heard();
    WebSocket webSocket = open(server(WebSocketContract.echo()), heard);

    client.shutdown();
    assertThat(client.awaitTermination(Duration.ofMillis(50))).isFalse();
    assertThat(
            WebSocketContract.failure(
                client
                    .newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:1/"), new Heard())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");

    webSocket.sendText("still", true);
    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text still");
    webSocket.sendClose(1000, "");
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
  }

  @Test
  void shutdownNowEndsIt() throws Exception {
    var heard = new Heard(false);
    WebSocket webSocket = open(server(WebSocketContract.accepting(Peer::stall)), heard);
    CompletableFuture<WebSocket> opening =
        client
            .newWebSocketBuilder()
            .buildAsync(WebSocketContract.uri(server(Peer::stall)), new Heard());

    client.shutdownNow();

    assertThat(heard.error.get(20, TimeUnit.SECONDS)).hasMessageContaining("client was closed");
    assertThat(webSocket.isOutputClosed()).isTrue();
    assertThat(WebSocketContract.failure(opening)).hasMessageContaining("client was closed");
    assertThat(client.awaitTermination(PATIENCE)).isTrue();
  }

  @Test
  void overTls() throws Exception {
    TestAuthority root = TestAuthority.create();
    var server =
        server(
            FaultServer.builder().tls(Tls.of(root.localhost().serverContext())),
            peer -> {
              WebSocketContract.echo().play(peer);
            });
    try (var trusting = Hawser.newBuilder().sslContext(root.clientContext()).build()) {
      var heard = new Heard();
      WebSocket webSocket =
          trusting
              .newWebSocketBuilder()
              .buildAsync(
                  URI.create(server.uri("/").toString().replaceFirst("^https", "wss")), heard)
              .get(20, TimeUnit.SECONDS);

      assertThat(heard.next()).isEqualTo("open");
      String text = "ä".repeat(100_000);
      webSocket.sendText(text, true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text " + text);
      webSocket.sendClose(1000, "").get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("close 1000 ");
    }
    Throwable untrusted =
        WebSocketContract.failure(
            client
                .newWebSocketBuilder()
                .buildAsync(
                    URI.create(server.uri("/").toString().replaceFirst("^https", "wss")),
                    new Heard()));
    assertThat(untrusted).isInstanceOf(TlsFailedException.class);
  }

  @Test
  void aStageThatFailsIsTheListenersError() throws Exception {
    var stage = new CompletableFuture<Void>();
    var server =
        server(
            WebSocketContract.accepting(
                peer -> {
                  peer.send(Frame.text("x").bytes());
                  peer.stall();
                }));
    var heard =
        new Heard() {
          @Override
          public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            super.onText(webSocket, data, last);
            return stage;
          }
        };
    open(server, heard);
    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text x");

    var mine = new IllegalStateException("mine");
    stage.completeExceptionally(mine);

    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isSameAs(mine);
  }

  @Test
  void whatFollowsASendMayBlockAndSendAgain() throws Exception {
    var heard = new Heard();
    WebSocket webSocket = open(server(WebSocketContract.echo()), heard);

    webSocket
        .sendText("one", true)
        .thenRun(() -> webSocket.sendText("two", true).join()) // on whatever thread this is
        .get(20, TimeUnit.SECONDS);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text one");
    assertThat(heard.next()).isEqualTo("text two");
    webSocket.sendClose(1000, "");
    assertThat(heard.next()).isEqualTo("close 1000 ");
  }

  @Test
  void anAnswerNeverMeetsTheSendThatItAnswers() throws Exception {
    int rounds = 2_000;
    var done = new CompletableFuture<Integer>();
    var heard =
        new Heard() {
          private int count;

          @Override
          public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            if (++count == rounds) {
              done.complete(count);
              webSocket.sendClose(1000, "");
            } else {
              webSocket
                  .sendText("next", true)
                  .whenComplete(
                      (sent, e) -> {
                        if (e != null) {
                          done.completeExceptionally(e);
                        }
                      });
            }
            webSocket.request(1);
            return null;
          }
        };
    open(server(WebSocketContract.echo()), heard).sendText("first", true);

    assertThat(done.get(40, TimeUnit.SECONDS)).isEqualTo(rounds);
  }

  @Test
  void anInterruptOfTheListenersThreadIsItsOwn() throws Exception {
    var heard =
        new Heard() {
          @Override
          public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            Thread.currentThread().interrupt();
            return super.onText(webSocket, data, last);
          }
        };
    WebSocket webSocket = open(server(WebSocketContract.echo()), heard);

    assertThat(heard.next()).isEqualTo("open");
    for (int i = 0; i < 3; i++) {
      webSocket.sendText("x", true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text x");
    }
    webSocket.sendClose(1000, "");
    assertThat(heard.next()).isEqualTo("close 1000 ");
  }

  @Test
  void theListenerIsCalledOnTheClientsExecutor() throws Exception {
    var threads = ConcurrentHashMap.<String>newKeySet();
    try (var executor = Executors.newSingleThreadExecutor(work -> new Thread(work, "the user's"));
        var with = Hawser.newBuilder().executor(executor).build()) {
      var heard =
          new Heard() {
            @Override
            public void onOpen(WebSocket webSocket) {
              threads.add(Thread.currentThread().getName());
              super.onOpen(webSocket);
            }

            @Override
            public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
              threads.add(Thread.currentThread().getName());
              return super.onText(webSocket, data, last);
            }
          };
      WebSocket webSocket = open(with, server(WebSocketContract.echo()), heard);
      webSocket
          .sendText("x", true)
          .thenRun(() -> threads.add(Thread.currentThread().getName()))
          .get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("open");
      assertThat(heard.next()).isEqualTo("text x");
      webSocket.sendClose(1000, "");
      assertThat(heard.next()).isEqualTo("close 1000 ");

      assertThat(threads).contains("the user's");
    }
  }

  @Test
  void quietOnesHoldLittle() throws Exception {
    var server = server(WebSocketContract.echo());
    var sockets = new java.util.ArrayList<WebSocket>();
    var listeners = new java.util.ArrayList<Heard>();
    for (int i = 0; i < 300; i++) {
      var heard = new Heard();
      listeners.add(heard);
      sockets.add(open(server, heard));
    }
    assertThat(client.snapshot().webSockets()).isEqualTo(300);
    // No more than a small buffer each: the memory budget is for ten thousand of them.
    assertThat(client.snapshot().bufferBytes()).isLessThanOrEqualTo(300 * 4096 + 4 * 16_384);
    for (WebSocket each : sockets) {
      each.sendText("hello", true);
    }
    for (Heard each : listeners) {
      assertThat(each.next()).isEqualTo("open");
      assertThat(each.next()).isEqualTo("text hello");
    }
    sockets.forEach(each -> each.sendClose(1000, ""));
  }
}
