package dev.hawser.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** A relay that delays. */
class LongPathTest {
  @Test
  void whatGoesInComesOutHalfARoundTripLater() throws IOException {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = LongPath.open(server.getLocalPort());
      try (var client = new Socket(InetAddress.getLoopbackAddress(), port);
          var accepted = server.accept()) {
        long start = System.nanoTime();
        client.getOutputStream().write(1);
        assertThat(accepted.getInputStream().read()).isEqualTo(1);
        accepted.getOutputStream().write(2);
        assertThat(client.getInputStream().read()).isEqualTo(2);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(50_000_000);
      }
    }
  }

  @Test
  void itsRateIsLimited() throws IOException {
    byte[] bytes = new byte[5_000_000]; // 40 ms of the link
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = LongPath.open(server.getLocalPort());
      try (var client = new Socket(InetAddress.getLoopbackAddress(), port);
          var accepted = server.accept()) {
        Thread writer = Thread.ofVirtual().start(() -> write(accepted, bytes));
        long start = System.nanoTime();
        assertThat(client.getInputStream().readNBytes(bytes.length)).hasSize(bytes.length);
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(40_000_000);
        writer.interrupt();
      }
    }
  }

  private static void write(Socket to, byte[] bytes) {
    try {
      to.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
