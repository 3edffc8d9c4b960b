package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PortsTest {
  @Test
  void refuses() throws Exception {
    try (var port = Ports.refused();
        var socket = new Socket()) {
      assertThatThrownBy(() -> socket.connect(port.address(), 10_000))
          .isInstanceOf(ConnectException.class)
          .hasMessageContaining("refused");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.2", "::1"})
  void swallows(String host) throws Exception {
    try (var port = Ports.blackhole(new InetSocketAddress(host, 0))) {
      for (int i = 0; i < 3; i++) {
        try (var socket = new Socket()) {
          assertThatThrownBy(() -> socket.connect(port.address(), 100))
              .isInstanceOf(SocketTimeoutException.class);
        }
      }
    }
  }
}
