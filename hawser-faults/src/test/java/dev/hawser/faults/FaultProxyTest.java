package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FaultProxyTest {
  private OriginServer origin;
  private FaultProxy proxy;

  @BeforeEach
  void start() throws IOException {
    origin = OriginServer.start();
    proxy = FaultProxy.before(origin.address());
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    origin.close();
  }

  @Test
  void forwards() throws Exception {
    try (var socket = connect()) {
      request(socket, "/bytes/1000000", true);
      assertThat(readAll(socket)).hasSizeGreaterThan(1_000_000).endsWith("lmn");
      assertThat(proxy.connections()).isEqualTo(1);
      assertThat(proxy.bytesDown()).isGreaterThan(1_000_000);
      assertThat(proxy.bytesUp()).isPositive();
    }
  }

  @Test
  void delaysAndThrottles() throws Exception {
    proxy.delay(Duration.ofMillis(30), Duration.ofMillis(50));
    proxy.jitter(Duration.ofMillis(5));
    try (var socket = connect()) {
      assertThat(timed(socket, "/")).isGreaterThanOrEqualTo(Duration.ofMillis(80));
      proxy.delay(Duration.ZERO);
      proxy.throttle(100_000);
      assertThat(timed(socket, "/bytes/10000")).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }
  }

  @Test
  void cutsAndHolds() throws Exception {
    proxy.cutAfter(20);
    try (var socket = connect()) {
      request(socket, "/", false);
      assertThat(readAll(socket)).hasSize(20).startsWith("HTTP/1.1 200 OK");
    }
    proxy.cutAfter(Long.MAX_VALUE);
    proxy.holdAfter(20);
    try (var socket = connect()) {
      request(socket, "/", true);
      assertThat(read(socket, 20)).startsWith("HTTP/1.1 200 OK");
      assertSilent(socket);
      proxy.holdAfter(Long.MAX_VALUE);
      assertThat(readAll(socket)).endsWith("segment.\n");
    }
  }

  @Test
  void unplugsAndRestores() throws Exception {
    try (var socket = connect()) {
      timed(socket, "/");
      proxy.unplug();
      request(socket, "/", true);
      assertSilent(socket);
      try (var another = new Socket()) {
        assertThatThrownBy(() -> another.connect(proxy.address(), 50))
            .isInstanceOf(SocketTimeoutException.class);
      }
      proxy.restore();
      assertThat(readAll(socket)).endsWith("segment.\n");
    }
    try (var socket = connect()) {
      timed(socket, "/");
    }
  }

  @Test
  void refusesAndRestores() throws Exception {
    try (var socket = connect()) {
      timed(socket, "/");
      proxy.refuse();
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      timed(socket, "/");
      proxy.restore();
      try (var another = connect()) {
        timed(another, "/");
      }
    }
  }

  @Test
  void resetsBothSides() throws Exception {
    try (var socket = connect()) {
      timed(socket, "/");
      proxy.resetAll();
      assertThatThrownBy(() -> readAll(socket)).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void passesAResetOn() throws Exception {
    Script resets =
        peer -> {
          peer.readHead();
          peer.reset();
        };
    try (var server = FaultServer.start(resets);
        var before = FaultProxy.before(server.address());
        var socket = new Socket(before.address().getAddress(), before.port())) {
      socket.setSoTimeout(10_000);
      request(socket, "/", false);
      assertThatThrownBy(() -> readAll(socket)).isInstanceOf(SocketException.class);
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket();
    socket.connect(proxy.address(), 10_000);
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static void request(Socket socket, String path, boolean last) throws IOException {
    String close = last ? "Connection: close\r\n" : "";
    FaultServerTest.send(socket, "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + close + "\r\n");
  }

  /** How long a request takes whose answer has a length. */
  private static Duration timed(Socket socket, String path) throws IOException {
    long start = System.nanoTime();
    request(socket, path, false);
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append(read(socket, 1));
    }
    String length = head.toString().replaceAll("(?s).*Content-Length: (\\d+).*", "$1");
    read(socket, Integer.parseInt(length));
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static void assertSilent(Socket socket) throws IOException {
    socket.setSoTimeout(50);
    assertThatThrownBy(() -> socket.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    socket.setSoTimeout(10_000);
  }

  private static String read(Socket socket, int count) throws IOException {
    byte[] bytes = socket.getInputStream().readNBytes(count);
    assertThat(bytes).hasSize(count);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String readAll(Socket socket) throws IOException {
    return FaultServerTest.readAll(socket);
  }
}
