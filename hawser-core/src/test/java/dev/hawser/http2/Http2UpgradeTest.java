package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ExchangeOptions;
import dev.hawser.Origin;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Http2Script;
import dev.hawser.io.Buffers;
import dev.hawser.io.Input;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** HTTP/1.1 that becomes HTTP/2 with its first request. */
class Http2UpgradeTest {
  @Test
  void theRequestThatAskedIsTheFirstStream() throws Exception {
    var watchdog = new Watchdog(Ticker.SYSTEM);
    var buffers = new Buffers(1 << 20);
    try (var server = FaultServer.start(Http2Script.ok("hello"))) {
      var transport = new PlainTransport(SocketChannel.open(server.address()), watchdog, buffers);
      transport.write(
          ascii(
              "GET /first HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                  + "Upgrade: h2c\r\nHTTP2-Settings: "
                  + Http2Connection.upgradeSettings(Http2Rig.OPTIONS, false)
                  + "\r\n\r\n"));
      passOverHead(transport.input());
      var upgraded =
          Http2Connection.upgrade(
              transport,
              Http2Rig.OPTIONS,
              ExchangeOptions.DEFAULTS,
              watchdog,
              buffers,
              Ticker.SYSTEM,
              Origin.of(server.uri("/")),
              false,
              Ticker.NEVER,
              new Http2Rig.Silent());
      var first = upgraded.exchange();
      var origin = Origin.of(server.uri("/"));
      assertThat(first.exchange(origin, Http2Rig.get(server.uri("/first"))).statusCode())
          .isEqualTo(200);
      assertThat(new String(Http2Rig.read(first), StandardCharsets.UTF_8)).isEqualTo("hello");
      assertThat(first.nothingSent()).isFalse();
      first.finish();
      var second = upgraded.connection().exchange(Ticker.NEVER, new Http2Rig.Silent());
      second.exchange(origin, Http2Rig.get(server.uri("/second")));
      assertThat(new String(Http2Rig.read(second), StandardCharsets.UTF_8)).isEqualTo("hello");
      second.finish();
      upgraded.connection().shutDown();
      for (Thread thread : upgraded.connection().threads()) {
        assertThat(thread.join(Http2Rig.PATIENCE)).isTrue();
      }
      assertThat(buffers.used()).isZero();
      assertThat(server.transcript()).contains("HEADERS 3 ");
    }
  }

  private static ByteBuffer ascii(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static void passOverHead(Input input) throws IOException {
    while (true) {
      input.fill();
      String text =
          new String(
              input.array(), input.position(), input.remaining(), StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end >= 0) {
        assertThat(text).startsWith("HTTP/1.1 101");
        input.position(input.position() + end + 4);
        return;
      }
    }
  }
}
