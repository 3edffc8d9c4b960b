package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import dev.hawser.faults.TestAuthority;
import dev.hawser.faults.Tls;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieManager;
import java.net.PasswordAuthentication;
import java.net.ProtocolException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What {@code java.net.http.WebSocket} documents. The same tests run on the JDK's client and on
 * Hawser.
 */
@Timeout(60)
abstract class WebSocketContract {
  private static final TestAuthority ROOT = TestAuthority.create();

  private final List<AutoCloseable> toClose = new ArrayList<>();

  /** A builder of the client in question. */
  abstract HttpClient.Builder builder();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : toClose.reversed()) {
      each.close();
    }
  }

  HttpClient client(Consumer<HttpClient.Builder> options) {
    HttpClient.Builder builder = builder();
    options.accept(builder);
    HttpClient client = builder.build();
    toClose.add(client::shutdownNow);
    return client;
  }

  WebSocket.Builder webSocket() {
    return client(builder -> {}).newWebSocketBuilder();
  }

  FaultServer server(Script... scripts) throws IOException {
    FaultServer server = FaultServer.start(scripts);
    toClose.add(server);
    return server;
  }

  static URI uri(FaultServer server) {
    return URI.create(server.uri("/chat").toString().replaceFirst("^http", "ws"));
  }

  /** Accepts, and goes on as the script says. */
  static Script accepting(Script script) {
    return peer -> {
      Frame.accept(peer);
      script.play(peer);
    };
  }

  /** Sends each frame back, and answers a Close. */
  static Script echo() {
    return accepting(
        peer -> {
          while (true) {
            Frame frame = Frame.read(peer);
            peer.send(Frame.of(frame.first(), frame.payload()).bytes());
            if (frame.opcode() == Frame.CLOSE) {
              return;
            }
          }
        });
  }

  static Throwable failure(CompletableFuture<?> future) throws Exception {
    try {
      future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      return e.getCause();
    }
    throw new AssertionError("it did not fail");
  }

  WebSocket open(FaultServer server, WebSocket.Listener listener) throws Exception {
    return webSocket().buildAsync(uri(server), listener).get(20, TimeUnit.SECONDS);
  }

  // ---- the builder

  @Test
  void nullsAreRefusedAtOnce() {
    WebSocket.Builder builder = webSocket();
    List<Runnable> faults =
        List.of(
            () -> builder.header(null, "value"),
            () -> builder.header("name", null),
            () -> builder.connectTimeout(null),
            () -> builder.subprotocols(null),
            () -> builder.subprotocols("a", (String) null),
            () -> builder.buildAsync(null, new Heard()),
            () -> builder.buildAsync(URI.create("ws://localhost"), null));
    faults.forEach(
        fault -> assertThatThrownBy(fault::run).isInstanceOf(NullPointerException.class));
  }

  @Test
  void whatIsIllegalFailsTheFuture() throws Exception {
    URI nobody = URI.create("ws://127.0.0.1:1/");
    List<Consumer<WebSocket.Builder>> faults =
        List.of(
            b -> b.header("Sec-WebSocket-Key", "x"),
            b -> b.header("sec-websocket-protocol", "x"),
            b -> b.header("Sec-WebSocket-Extensions", "x"),
            b -> b.header("Sec-WebSocket-Version", "x"),
            b -> b.header("Sec-WebSocket-Accept", "x"),
            b -> b.header("Host", "x"),
            b -> b.header("Upgrade", "x"),
            b -> b.header("Connection", "x"),
            b -> b.header("Content-Length", "1"),
            b -> b.header("na me", "x"),
            b -> b.header("name", "va\nlue"),
            b -> b.connectTimeout(Duration.ZERO),
            b -> b.connectTimeout(Duration.ofSeconds(-1)),
            b -> b.subprotocols("with space"),
            b -> b.subprotocols(""),
            b -> b.subprotocols("a", "a"),
            b -> b.subprotocols("a,b"));
    for (int i = 0; i < faults.size(); i++) {
      WebSocket.Builder builder = webSocket();
      faults.get(i).accept(builder); // which does not throw
      assertThat(failure(builder.buildAsync(nobody, new Heard())))
          .as("fault %d", i)
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String uri : List.of("http://127.0.0.1:1/", "ws:/path", "ws://127.0.0.1:1/#fragment")) {
      assertThat(failure(webSocket().buildAsync(URI.create(uri), new Heard())))
          .as(uri)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theHandshakeIsAsRfc6455Says() throws Exception {
    var seen = new CompletableFuture<Received>();
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              seen.complete(request);
              peer.send(Frame.acceptance(request) + "Sec-WebSocket-Protocol: superchat\r\n\r\n");
              peer.stall();
            });

    WebSocket webSocket =
        webSocket()
            .header("X-One", "1")
            .subprotocols("chat", "superchat")
            .buildAsync(URI.create(uri(server) + "?a=b"), new Heard())
            .get(20, TimeUnit.SECONDS);

    assertThat(webSocket.getSubprotocol()).isEqualTo("superchat");
    Received request = seen.get();
    assertThat(request.head()).startsWith("GET /chat?a=b HTTP/1.1\r\n");
    assertThat(request.header("upgrade")).containsExactly("websocket");
    assertThat(request.header("connection")).containsExactly("Upgrade");
    assertThat(request.header("sec-websocket-version")).containsExactly("13");
    assertThat(request.header("sec-websocket-key").getFirst()).hasSize(24);
    assertThat(request.header("sec-websocket-protocol")).containsExactly("chat, superchat");
    assertThat(request.header("x-one")).containsExactly("1");
    assertThat(request.header("host")).containsExactly("127.0.0.1:" + server.uri("/").getPort());
    webSocket.abort();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 401, 403, 503})
  void anotherStatusFailsTheHandshakeWithTheResponse(int status) throws Exception {
    var server =
        server(
            Script.answer(
                "HTTP/1.1 " + status + " No\r\nX-Why: because\r\nContent-Length: 5\r\n\r\nsorry"));

    Throwable failure = failure(webSocket().buildAsync(uri(server), new Heard()));

    assertThat(failure).isInstanceOf(WebSocketHandshakeException.class);
    var response = ((WebSocketHandshakeException) failure).getResponse();
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("x-why")).contains("because");
    assertThat(response.body()).isEqualTo("sorry");
  }

  static List<String> wrongAnswers() {
    return List.of(
        "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        "HTTP/1.1 101 OK\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n",
        "HTTP/1.1 101 OK\r\n"
            + "Upgrade: h2c\r\n"
            + "Connection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: KEY\r\n\r\n",
        "HTTP/1.1 101 OK\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: KEY\r\n\r\n",
        "HTTP/1.1 101 OK\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: KEY\r\n"
            + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
        "HTTP/1.1 101 OK\r\n"
            + "Upgrade: websocket\r\n"
            + "Connection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: KEY\r\n"
            + "Sec-WebSocket-Protocol: chat\r\n\r\n");
  }

  @Test
  void aWrongAnswerFailsTheHandshake() throws Exception {
    for (String answer : wrongAnswers()) {
      var server =
          server(
              peer -> {
                Received request = peer.readRequest();
                peer.send(answer.replace("KEY", Frame.key(request)));
                peer.stall();
              });

      assertThat(failure(webSocket().buildAsync(uri(server), new Heard())))
          .as(answer)
          .isInstanceOf(WebSocketHandshakeException.class);
    }
  }

  @Test
  void nobodyThereIsAnIoException() throws Exception {
    assertThat(failure(webSocket().buildAsync(URI.create("ws://127.0.0.1:1/"), new Heard())))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theTimeoutIsOfTheWholeHandshake() throws Exception {
    var server = server(Script.answerAndStall("HTTP/1.1 101"));

    Throwable failure =
        failure(
            webSocket()
                .connectTimeout(Duration.ofMillis(300))
                .buildAsync(uri(server), new Heard()));

    assertThat(failure).isInstanceOf(HttpTimeoutException.class);
  }

  @Test
  void redirectsAreFollowedAsTheClientSays() throws Exception {
    var target = server(echo());
    var server =
        server(
            Script.answer(
                "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: "
                    + target.uri("/there")
                    + "\r\n\r\n"));
    var heard = new Heard();

    client(builder -> builder.followRedirects(Redirect.NORMAL))
        .newWebSocketBuilder()
        .buildAsync(uri(server), heard)
        .get(20, TimeUnit.SECONDS)
        .sendText("hello", true);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text hello");
    assertThat(target.requests().getFirst().head()).startsWith("GET /there ");
    assertThat(failure(webSocket().buildAsync(uri(server), new Heard())))
        .isInstanceOf(WebSocketHandshakeException.class);
  }

  @Test
  void cookiesAreSentAndStored() throws Exception {
    var cookies = new CookieManager();
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              peer.send(Frame.acceptance(request) + "Set-Cookie: a=1; Path=/\r\n\r\n");
              peer.stall();
            });
    HttpClient client = client(builder -> builder.cookieHandler(cookies));
    for (int i = 0; i < 2; i++) {
      client
          .newWebSocketBuilder()
          .buildAsync(uri(server), new Heard())
          .get(20, TimeUnit.SECONDS)
          .abort();
    }

    assertThat(server.requests().get(0).header("cookie")).isEmpty();
    assertThat(server.requests().get(1).header("cookie")).containsExactly("a=1");
  }

  // ---- passwords and proxies

  /** Lets in who gives a name and password. */
  private static Script wantingAPassword() {
    return peer -> {
      Received request = peer.readRequest();
      while (request.header("authorization").isEmpty()) {
        peer.send(
            """
            HTTP/1.1 401 No\r
            WWW-Authenticate: Basic realm="the vault"\r
            Content-Length: 0\r
            \r
            """);
        request = peer.readRequest();
      }
      peer.send(Frame.acceptance(request) + "\r\n");
      peer.stall();
    };
  }

  @Test
  void aServerThatWantsAPasswordGetsIt() throws Exception {
    var server = server(wantingAPassword());
    HttpClient client =
        client(
            builder ->
                builder.authenticator(
                    new Authenticator() {
                      @Override
                      protected PasswordAuthentication getPasswordAuthentication() {
                        return new PasswordAuthentication("user", "sesame".toCharArray());
                      }
                    }));

    client
        .newWebSocketBuilder()
        .buildAsync(uri(server), new Heard())
        .get(20, TimeUnit.SECONDS)
        .abort();

    Received request = server.requests().getLast();
    assertThat(request.header("authorization")).containsExactly("Basic dXNlcjpzZXNhbWU=");
    assertThat(request.header("upgrade")).containsExactly("websocket");
    assertThat(failure(webSocket().buildAsync(uri(server), new Heard())))
        .isInstanceOf(WebSocketHandshakeException.class);
  }

  /** A proxy passes on no upgrade, so that it is asked for a tunnel without TLS, too. */
  @ParameterizedTest
  @ValueSource(strings = {"ws://one.test/chat?a", "wss://one.test:8443/chat?a"})
  void aProxyOpensATunnel(String uri) throws Exception {
    boolean secure = uri.startsWith("wss");
    FaultServer.Builder origin = FaultServer.builder();
    if (secure) {
      origin.tls(Tls.of(ROOT.issue(leaf -> leaf.names("one.test")).serverContext()));
    }
    FaultServer server = origin.start(echo());
    toClose.add(server);
    var proxy =
        server(
            peer -> {
              peer.readRequest();
              peer.tunnelTo(server.address());
            });
    var detour = new Detour();
    detour.use(proxy);
    HttpClient client =
        client(builder -> builder.proxy(detour).sslContext(OwnContext.trusting(ROOT)));
    var heard = new Heard();

    WebSocket webSocket =
        client.newWebSocketBuilder().buildAsync(URI.create(uri), heard).get(20, TimeUnit.SECONDS);
    webSocket.sendText("through it", true);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text through it");
    webSocket.abort();
    assertThat(detour.asked).containsExactly(URI.create(uri.replaceFirst("^ws", "http")));
    assertThat(proxy.requests().getFirst().requestLine())
        .isEqualTo("CONNECT one.test:" + (secure ? 8443 : 80) + " HTTP/1.1");
    assertThat(server.requests().getFirst().target()).isEqualTo("/chat?a");
  }

  // ---- receiving

  @Test
  void onlyWhatWasAskedForIsDelivered() throws Exception {
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.text("one").bytes());
                  peer.send(Frame.text("two").bytes());
                  peer.stall();
                }));
    var heard = new Heard(false);
    WebSocket webSocket = open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    webSocket.request(1);
    assertThat(heard.next()).isEqualTo("text one");
    Thread.onSpinWait();
    assertThat(heard.silent()).isTrue();
    webSocket.request(1);
    assertThat(heard.next()).isEqualTo("text two");
    assertThatThrownBy(() -> webSocket.request(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> webSocket.request(-1)).isInstanceOf(IllegalArgumentException.class);
    webSocket.abort();
  }

  @Test
  void whatComesWithTheAnswerIsNotLost() throws Exception {
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              String frame = new String(Frame.text("early").bytes(), StandardCharsets.ISO_8859_1);
              peer.send(Frame.acceptance(request) + "\r\n" + frame + frame);
              peer.stall();
            });
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text early");
    assertThat(heard.next()).isEqualTo("text early");
    webSocket.abort();
  }

  @Test
  void aCharacterMayBeSplitOverFragments() throws Exception {
    byte[] text = "aé€😀z".getBytes(StandardCharsets.UTF_8);
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.of(Frame.TEXT).bytes());
                  for (byte b : text) {
                    peer.send(Frame.of(Frame.CONTINUATION, b).bytes());
                  }
                  peer.send(Frame.of(Frame.FIN | Frame.PING, (byte) '!').bytes());
                  peer.send(Frame.of(Frame.FIN | Frame.CONTINUATION).bytes());
                  peer.stall();
                }));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("ping !");
    assertThat(heard.next()).isEqualTo("text aé€😀z");
    webSocket.abort();
  }

  @Test
  void pingsAreAnswered() throws Exception {
    var answer = new CompletableFuture<String>();
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.of(Frame.FIN | Frame.PING, "abc".getBytes()).bytes());
                  answer.complete(Frame.readUntil(peer, Frame.PONG).text());
                  peer.stall();
                }));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("abc");
    webSocket.abort();
  }

  // ---- closing

  @Test
  void aCloseIsAnswered() throws Exception {
    var answer = new CompletableFuture<Frame>();
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.close(4000, "done").bytes());
                  answer.complete(Frame.read(peer));
                }));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("close 4000 done");
    assertThat(webSocket.isInputClosed()).isTrue();
    Frame frame = answer.get(20, TimeUnit.SECONDS);
    assertThat(frame.opcode()).isEqualTo(Frame.CLOSE);
    assertThat(frame.code()).isEqualTo(4000);
    assertThat(frame.masked()).isTrue();
    assertThat(frame.payload()).hasSize(2); // an empty reason
    assertThat(webSocket.isOutputClosed()).isTrue();
  }

  @Test
  void aCloseWithoutACodeIs1005AndAnsweredWith1000() throws Exception {
    var answer = new CompletableFuture<Frame>();
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.of(Frame.FIN | Frame.CLOSE).bytes());
                  answer.complete(Frame.read(peer));
                }));
    var heard = new Heard();
    open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("close 1005 ");
    assertThat(answer.get(20, TimeUnit.SECONDS).code()).isEqualTo(1000);
  }

  @Test
  void anEndWithoutACloseIs1006() throws Exception {
    var server = server(accepting(peer -> peer.shutdownOutput()));
    var heard = new Heard();
    open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("close 1006 ");
  }

  @Test
  void theListenerDecidesWhenAndWithWhatACloseIsAnswered() throws Exception {
    var answer = new CompletableFuture<Frame>();
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.close(1001, "").bytes());
                  Frame first = Frame.read(peer);
                  assertThat(first.text()).isEqualTo("last words");
                  answer.complete(Frame.read(peer));
                }));
    var heard =
        new Heard() {
          @Override
          public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            super.onClose(webSocket, code, reason);
            return new CompletableFuture<Void>(); // never
          }
        };
    WebSocket webSocket = open(server, heard);

    assertThat(heard.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1001);
    assertThat(webSocket.isOutputClosed()).isFalse();
    webSocket.sendText("last words", true).get(20, TimeUnit.SECONDS);
    webSocket.sendClose(4242, "mine").get(20, TimeUnit.SECONDS);

    assertThat(answer.get(20, TimeUnit.SECONDS).code()).isEqualTo(4242);
  }

  @Test
  void sendCloseClosesTheOutputOnly() throws Exception {
    var server =
        server(
            accepting(
                peer -> {
                  Frame close = Frame.read(peer);
                  peer.send(Frame.text("still").bytes());
                  peer.send(Frame.close(close.code(), "").bytes());
                }));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS))
        .isSameAs(webSocket);
    assertThat(webSocket.isOutputClosed()).isTrue();
    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text still");
    assertThat(heard.next()).isEqualTo("close 1000 ");
    assertThat(failure(webSocket.sendText("late", true))).isInstanceOf(IOException.class);
    assertThat(failure(webSocket.sendBinary(ByteBuffer.allocate(1), true)))
        .isInstanceOf(IOException.class);
    assertThat(failure(webSocket.sendPing(ByteBuffer.allocate(1)))).isInstanceOf(IOException.class);
    assertThat(failure(webSocket.sendClose(1000, ""))).isInstanceOf(IOException.class);
  }

  @Test
  void illegalCodesAndReasonsChangeNothing() throws Exception {
    WebSocket webSocket = open(server(echo()), new Heard());
    for (int code :
        new int[] {
          -1, 0, 999, 1002, 1003, 1004, 1005, 1006, 1007, 1009, 1010, 1012, 1013, 1015, 1016, 2999,
          5000, 65_536
        }) {
      assertThat(failure(webSocket.sendClose(code, "")))
          .as("%d", code)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(failure(webSocket.sendClose(1000, "x".repeat(124))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(failure(webSocket.sendClose(1000, "é".repeat(62))))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(failure(webSocket.sendClose(1000, "\ud800")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> webSocket.sendClose(1000, null))
        .isInstanceOf(NullPointerException.class);

    assertThat(webSocket.isOutputClosed()).isFalse();
    webSocket.sendClose(3000, "x".repeat(123)).get(20, TimeUnit.SECONDS);
  }

  // ---- sending

  @Test
  void messagesAndPartsOfThemGoOut() throws Exception {
    var heard = new Heard();
    WebSocket webSocket = open(server(echo()), heard);
    assertThat(heard.next()).isEqualTo("open");

    webSocket.sendText("Hello, ", false).get(20, TimeUnit.SECONDS);
    webSocket.sendText("wörld 😀", true).get(20, TimeUnit.SECONDS);
    assertThat(heard.next()).isEqualTo("text Hello, wörld 😀");

    webSocket.sendText("", true).get(20, TimeUnit.SECONDS);
    assertThat(heard.next()).isEqualTo("text ");

    ByteBuffer data = ByteBuffer.wrap("-abc-".getBytes()).position(1).limit(4);
    webSocket.sendBinary(data, true).get(20, TimeUnit.SECONDS);
    assertThat(data.remaining()).isZero();
    assertThat(data.array()).isEqualTo("-abc-".getBytes());
    assertThat(heard.next()).isEqualTo("binary abc");

    webSocket.sendBinary(ByteBuffer.allocateDirect(2).asReadOnlyBuffer(), true).get();
    assertThat(heard.next()).isEqualTo("binary \0\0");

    webSocket.sendPong(ByteBuffer.wrap("p".getBytes())).get(20, TimeUnit.SECONDS);
    assertThat(heard.next()).isEqualTo("pong p");
    webSocket.sendClose(1000, "").get(20, TimeUnit.SECONDS);
    assertThat(heard.next()).isEqualTo("close 1000 ");
  }

  @Test
  void aPartOfAnotherKindIsRefused() throws Exception {
    var heard = new Heard();
    WebSocket webSocket = open(server(echo()), heard);
    webSocket.sendText("begun", false).get(20, TimeUnit.SECONDS);

    assertThat(failure(webSocket.sendBinary(ByteBuffer.allocate(1), true)))
        .isInstanceOf(IllegalStateException.class);
    webSocket.sendText(".", true).get(20, TimeUnit.SECONDS);

    assertThat(heard.next()).isEqualTo("open");
    assertThat(heard.next()).isEqualTo("text begun.");
    webSocket.abort();
  }

  @Test
  void oneSendAtATime() throws Exception {
    var go = new CountDownLatch(1);
    var server =
        FaultServer.builder()
            .receiveBuffer(4096)
            .start(
                accepting(
                    peer -> {
                      peer.await(go);
                      peer.stall();
                    }));
    toClose.add(server);
    WebSocket webSocket = open(server, new Heard());
    ByteBuffer large = ByteBuffer.allocate(64 * 1024 * 1024); // more than the kernel takes

    CompletableFuture<WebSocket> pending = webSocket.sendBinary(large, true);
    assertThat(failure(webSocket.sendText("x", true))).isInstanceOf(IllegalStateException.class);
    assertThat(failure(webSocket.sendBinary(ByteBuffer.allocate(1), true)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(pending.isDone()).isFalse();
    go.countDown();
    pending.get(30, TimeUnit.SECONDS);
    webSocket.sendText("x", true).get(20, TimeUnit.SECONDS);
    webSocket.abort();
  }

  @Test
  void longPingsAreRefused() throws Exception {
    WebSocket webSocket = open(server(echo()), new Heard());

    assertThat(failure(webSocket.sendPing(ByteBuffer.allocate(126))))
        .isInstanceOf(IllegalArgumentException.class);
    webSocket.sendPing(ByteBuffer.allocate(125)).get(20, TimeUnit.SECONDS);
    webSocket.abort();
  }

  @Test
  void malformedTextIsAnIoException() throws Exception {
    WebSocket webSocket = open(server(echo()), new Heard());

    assertThat(failure(webSocket.sendText("half \ud83d", true))).isInstanceOf(IOException.class);
    webSocket.abort();
  }

  // ---- ends

  @Test
  void abortEndsBothAndTellsNobody() throws Exception {
    var ended = new CompletableFuture<Boolean>();
    var server =
        server(accepting(peer -> ended.complete(peer.clientCloses(Duration.ofSeconds(20)))));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);
    assertThat(heard.next()).isEqualTo("open");

    webSocket.abort();
    webSocket.abort();

    assertThat(webSocket.isInputClosed()).isTrue();
    assertThat(webSocket.isOutputClosed()).isTrue();
    assertThat(ended.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(heard.silent()).isTrue();
    assertThat(failure(webSocket.sendText("x", true))).isInstanceOf(IOException.class);
  }

  @Test
  void aListenerThatThrowsIsToldItsOwnError() throws Exception {
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.text("x").bytes());
                  peer.stall();
                }));
    var mine = new IllegalStateException("mine");
    var heard =
        new Heard() {
          @Override
          public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            throw mine;
          }
        };
    WebSocket webSocket = open(server, heard);

    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isSameAs(mine);
    assertThat(webSocket.isInputClosed()).isTrue();
    assertThat(webSocket.isOutputClosed()).isTrue();
  }

  @Test
  void aServerThatBreaksTheProtocolIsAnError() throws Exception {
    var server =
        server(
            accepting(
                peer -> {
                  peer.send(Frame.of(Frame.FIN | 3).bytes());
                  peer.stall();
                }));
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isInstanceOf(ProtocolException.class);
    assertThat(webSocket.isInputClosed()).isTrue();
    assertThat(webSocket.isOutputClosed()).isTrue();
  }

  @Test
  void aResetIsAnError() throws Exception {
    var go = new CountDownLatch(1);
    var server =
        server(
            accepting(
                peer -> {
                  peer.await(go);
                  peer.reset();
                }));
    var heard = new Heard();
    open(server, heard);
    assertThat(heard.next()).isEqualTo("open");
    go.countDown();

    assertThat(heard.error.get(20, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }
}
