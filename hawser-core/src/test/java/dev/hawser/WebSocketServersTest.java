package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.server.WebSocketServer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Echoes of servers of other makes: plain, within TLS, compressed with and without takeover. */
@Timeout(120)
class WebSocketServersTest {
  private static final TestAuthority ROOT = TestAuthority.create();
  private static final AtomicReference<String> EXTENSIONS = new AtomicReference<>();
  private static final int LARGE = 8 * 1024 * 1024;

  /** A server that sends messages back. */
  private record Echo(URI uri, AutoCloseable stop) implements AutoCloseable {
    @Override
    public void close() throws Exception {
      stop.close();
    }
  }

  private static Echo start(String make) throws Exception {
    return switch (make) {
      case "jetty" -> jetty(false);
      case "jetty-tls" -> jetty(true);
      default -> javaWebSocket();
    };
  }

  private static Echo jetty(boolean tls) throws Exception {
    var server = new Server();
    ServerConnector connector;
    if (tls) {
      var ssl = new SslContextFactory.Server();
      ssl.setSslContext(ROOT.localhost().serverContext());
      connector = new ServerConnector(server, ssl);
    } else {
      connector = new ServerConnector(server);
    }
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(
        WebSocketUpgradeHandler.from(
            server,
            container -> {
              container.setMaxTextMessageSize(LARGE);
              container.setMaxBinaryMessageSize(LARGE);
              container.addMapping("/", (request, response, callback) -> new JettyEcho());
            }));
    server.start();
    return new Echo(
        URI.create((tls ? "wss" : "ws") + "://localhost:" + connector.getLocalPort() + "/"),
        server::stop);
  }

  /** Jetty's side. */
  public static final class JettyEcho implements Session.Listener.AutoDemanding {
    private Session session;

    @Override
    public void onWebSocketOpen(Session opened) {
      session = opened;
      EXTENSIONS.set(opened.getUpgradeResponse().getExtensions().toString());
    }

    @Override
    public void onWebSocketText(String message) {
      session.sendText(message, Callback.NOOP);
    }

    @Override
    public void onWebSocketBinary(ByteBuffer payload, Callback callback) {
      session.sendBinary(payload, callback);
    }
  }

  private static Echo javaWebSocket() throws Exception {
    var started = new CountDownLatch(1);
    var server =
        new WebSocketServer(
            new InetSocketAddress("127.0.0.1", 0),
            1,
            List.of(new Draft_6455(new PerMessageDeflateExtension()))) {
          @Override
          public void onOpen(org.java_websocket.WebSocket socket, ClientHandshake handshake) {}

          @Override
          public void onClose(
              org.java_websocket.WebSocket socket, int code, String reason, boolean remote) {}

          @Override
          public void onMessage(org.java_websocket.WebSocket socket, String message) {
            socket.send(message);
          }

          @Override
          public void onMessage(org.java_websocket.WebSocket socket, ByteBuffer message) {
            socket.send(message);
          }

          @Override
          public void onError(org.java_websocket.WebSocket socket, Exception e) {}

          @Override
          public void onStart() {
            started.countDown();
          }
        };
    server.setDaemon(true);
    server.start();
    assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
    return new Echo(
        URI.create("ws://127.0.0.1:" + server.getPort() + "/"), () -> server.stop(1_000));
  }

  @ParameterizedTest
  @CsvSource({
    "jetty, false, true",
    "jetty, true, true",
    "jetty, true, false",
    "jetty-tls, false, true",
    "jetty-tls, true, true",
    "java-websocket, false, true",
    "java-websocket, true, true",
    "java-websocket, true, false"
  })
  void echoes(String make, boolean compression, boolean takeover) throws Exception {
    try (var echo = start(make);
        var client =
            Hawser.newBuilder()
                .sslContext(ROOT.clientContext())
                .webSocket(w -> w.compression(compression).contextTakeover(takeover))
                .build()) {
      var heard = new Bytes();
      WebSocket webSocket =
          client.newWebSocketBuilder().buildAsync(echo.uri(), heard).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("open");

      for (String text :
          List.of(
              "hello",
              "",
              "hello",
              "wörld 😀",
              "a",
              "x".repeat(125),
              "y".repeat(126),
              "z".repeat(65_535),
              "ä€😀".repeat(30_000))) {
        webSocket.sendText(text, true).get(20, TimeUnit.SECONDS);
        assertThat(heard.next()).isEqualTo("text " + text);
      }
      if (make.startsWith("jetty")) {
        assertThat(EXTENSIONS.get().contains("permessage-deflate")).isEqualTo(compression);
      }
      webSocket.sendText("in ", false).get(20, TimeUnit.SECONDS);
      webSocket.sendText("", false).get(20, TimeUnit.SECONDS);
      webSocket.sendText("parts", true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text in parts");
      webSocket.sendText("ends ", false).get(20, TimeUnit.SECONDS);
      webSocket.sendText("with nothing", false).get(20, TimeUnit.SECONDS);
      webSocket.sendText("", true).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("text ends with nothing");

      byte[] large = new byte[3_000_001];
      new Random(42).nextBytes(large);
      webSocket.sendBinary(ByteBuffer.wrap(large), true).get(20, TimeUnit.SECONDS);
      assertThat(heard.message.get(20, TimeUnit.SECONDS)).isEqualTo(large);

      webSocket.sendPing(ByteBuffer.wrap("p".getBytes())).get(20, TimeUnit.SECONDS);
      assertThat(heard.next()).isEqualTo("pong p");
      webSocket.sendClose(1000, "bye").get(20, TimeUnit.SECONDS);
      assertThat(heard.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1000);
      client.shutdown();
      assertThat(client.awaitTermination(WithClient.PATIENCE)).isTrue();
      assertThat(client.snapshot().bufferBytes()).isZero();
    }
  }

  /** Puts a binary message together. */
  private static final class Bytes extends Heard {
    private final ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private final CompletableFuture<byte[]> message = new CompletableFuture<>();

    @Override
    public CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
      byte[] part = new byte[data.remaining()];
      data.get(part);
      parts.writeBytes(part);
      if (last) {
        message.complete(parts.toByteArray());
      }
      webSocket.request(1);
      return null;
    }
  }
}
