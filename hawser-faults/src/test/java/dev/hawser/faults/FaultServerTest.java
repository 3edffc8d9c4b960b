package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class FaultServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Test
  void readsRequestsWithEitherKindOfBodyAndAnswers() throws Exception {
    try (var server = FaultServer.start(Script.ok("hello"));
        var client = connect(server)) {
      send(client, "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(read(client, 5 + 38)).endsWith("\r\n\r\nhello");
      send(client, "PUT /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: 1\r\nx: 2\r\n\r\n");
      send(client, "2;q=1\r\nde\r\n1\r\nf\r\n0\r\nT: v\r\n\r\n");
      assertThat(read(client, 5 + 38)).startsWith("HTTP/1.1 200 OK\r\n");

      assertThat(server.requests()).extracting(Received::method).containsExactly("POST", "PUT");
      assertThat(server.requests()).extracting(Received::target).containsExactly("/a", "/b");
      assertThat(server.requests()).extracting(Received::text).containsExactly("abc", "def");
      assertThat(server.requests().getLast().header("x")).containsExactly("1", "2");
      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.open()).isEqualTo(1);
      assertThat(server.transcript())
          .contains("> POST /a HTTP/1.1", "< HTTP/1.1 200 OK", "< hello");

      client.close();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.failures()).isEmpty();
    }
  }

  @Test
  void eachConnectionHasItsScriptAndTheLastRepeats() throws Exception {
    try (var server = FaultServer.start(peer -> peer.send("1"), peer -> peer.send("2"))) {
      for (String expected : new String[] {"1", "2", "2"}) {
        try (var client = connect(server)) {
          assertThat(readAll(client)).isEqualTo(expected);
        }
      }
      assertThat(server.awaitConnections(3, PATIENCE)).isTrue();
      assertThat(server.awaitConnections(4, Duration.ZERO)).isFalse();
    }
  }

  @Test
  void resets() throws Exception {
    try (var server = FaultServer.start(Script.resetOnAccept())) {
      assertThatThrownBy(
              () -> {
                try (var client = connect(server)) { // which may see it already
                  readAll(client);
                }
              })
          .isInstanceOf(SocketException.class);
    }
  }

  @Test
  void closesAfterSoManyRequestsOrWhenIdle() throws Exception {
    try (var server =
        FaultServer.start(
            Script.closeAfter(2, peer -> peer.send("a")),
            Script.closeWhenIdle(Duration.ofMillis(20), peer -> peer.send("b")))) {
      try (var client = connect(server)) {
        send(client, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assertThat(readAll(client)).isEqualTo("aa");
      }
      try (var client = connect(server)) {
        send(client, "GET / HTTP/1.1\r\n\r\n");
        assertThat(readAll(client)).isEqualTo("b");
      }
    }
  }

  @Test
  void seesHowTheClientCloses() throws Exception {
    var ending = new AtomicReference<Peer.Ending>();
    Script waits = peer -> ending.set(peer.awaitClose(PATIENCE));
    try (var server = FaultServer.start(waits)) {
      try (var client = connect(server)) {
        send(client, "passed over");
      }
      assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(ending).hasValue(Peer.Ending.FIN);

      try (var client = connect(server)) {
        client.setSoLinger(true, 0);
      }
      assertThat(server.awaitConnections(2, PATIENCE)).isTrue();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(ending).hasValue(Peer.Ending.RESET);
    }
    try (var server = FaultServer.start(peer -> ending.set(peer.awaitClose(Duration.ZERO)));
        var client = connect(server)) {
      assertThat(readAll(client)).isEmpty();
      assertThat(ending).hasValue(Peer.Ending.OPEN);
    }
  }

  @Test
  void sendsSlowlyAndForever() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> peer.sendSlowly("abc", Duration.ofMillis(1)),
            peer -> peer.sendForever("x".repeat(1000), 1_000_000))) {
      try (var client = connect(server)) {
        assertThat(readAll(client)).isEqualTo("abc");
      }
      try (var client = connect(server)) {
        assertThat(readAll(client)).hasSize(1_000_000);
      }
      try (var client = connect(server)) {
        read(client, 10);
      }
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
    }
  }

  @Test
  void reportsWhatAScriptThrows() throws Exception {
    Script fails =
        peer -> {
          throw new AssertionError("not as expected");
        };
    try (var server = FaultServer.start(fails);
        var client = connect(server)) {
      assertThat(readAll(client)).isEmpty();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.failures()).singleElement().isInstanceOf(AssertionError.class);
    }
  }

  @Test
  void closingEndsScriptsThatWait() throws Exception {
    var never = new CountDownLatch(1);
    Script[] waiting = {
      Peer::stall,
      Script.neverRead(),
      peer -> peer.await(never),
      Peer::readRequest,
      peer -> peer.pause(Duration.ofHours(1)),
      peer -> peer.sendForever("x", Long.MAX_VALUE)
    };
    var server = FaultServer.start(waiting);
    for (int i = 0; i < waiting.length; i++) {
      connect(server);
    }
    assertThat(server.awaitConnections(waiting.length, PATIENCE)).isTrue();
    server.close();
    assertThat(server.open()).isZero();
    assertThat(server.failures()).isEmpty();
  }

  @Test
  void restartsOnTheSamePort() throws Exception {
    int port;
    try (var server = FaultServer.start(Peer::stall);
        var client = connect(server)) {
      port = server.port();
      assertThat(server.awaitConnections(1, PATIENCE)).isTrue();
      server.resetConnections();
      assertThatThrownBy(() -> readAll(client)).isInstanceOf(SocketException.class);
    }
    try (var server = FaultServer.builder().port(port).start(Script.ok("again"))) {
      assertThat(server.uri("/x")).hasToString("http://127.0.0.1:" + port + "/x");
    }
  }

  @Test
  void listensOnOtherAddresses() throws Exception {
    try (var server =
            FaultServer.start(
                new InetSocketAddress(InetAddress.getByName("127.0.0.2"), 0), Script.ok(""));
        var client = connect(server)) {
      assertThat(client.getInetAddress().getHostAddress()).isEqualTo("127.0.0.2");
    }
  }

  static Socket connect(FaultServer server) throws IOException {
    var socket = new Socket();
    socket.connect(server.address(), 10_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  static String read(Socket socket, int count) throws IOException {
    return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
  }

  static String readAll(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }
}
