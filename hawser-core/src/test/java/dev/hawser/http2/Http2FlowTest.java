package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.ExchangeOptions;
import dev.hawser.FileBody;
import dev.hawser.faults.Http2Settings;
import dev.hawser.faults.OriginServer;
import dev.hawser.http2.Http2Rig.Answer;
import dev.hawser.wire.Exchange;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies both ways, with a server that keeps an eye on the windows. */
class Http2FlowTest {
  private static OriginServer server(Http2Settings settings) throws Exception {
    return OriginServer.builder().http2(settings).start();
  }

  @Test
  @Tag("one-carrier")
  void manyCallersManyRequestsOneConnection() throws Exception {
    try (var server = server(Http2Settings.none().maxConcurrentStreams(100));
        var rig = new Http2Rig(server.uri("/"))) {
      var number = new AtomicInteger();
      var outcomes =
          Concurrently.run(
              64,
              () -> {
                var random = ThreadLocalRandom.current();
                for (int i = 0; i < 2_000; i++) {
                  byte[] body =
                      (number.getAndIncrement() + "x".repeat(random.nextInt(1_000)))
                          .getBytes(StandardCharsets.US_ASCII);
                  Answer answer =
                      rig.send(
                          Http2Rig.request(
                              "POST", server.uri("/echo"), BodyPublishers.ofByteArray(body)));
                  assertThat(answer.body()).isEqualTo(body);
                }
                return true;
              });
      assertThat(outcomes.failures()).isEmpty();
      assertThat(server.requests()).isEqualTo(128_000);
      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.violations()).isEmpty();
    }
  }

  @Test
  void aHundredMegabytesEachWayThroughSmallWindows() throws Exception {
    try (var server =
            server(Http2Settings.none().maxConcurrentStreams(100).initialWindowSize(20_000));
        var rig =
            new Http2Rig(
                server.uri("/"), Http2Rig.windows(65_535, 65_535), ExchangeOptions.DEFAULTS)) {
      Answer up =
          rig.send(
              Http2Rig.request(
                  "POST",
                  server.uri("/upload"),
                  BodyPublishers.ofByteArray(new byte[100_000_000])));
      assertThat(up.text().strip()).isEqualTo("100000000");
      assertThat(drain(rig, server, 100_000_000)).isEqualTo(100_000_000);
      assertThat(server.violations()).isEmpty();
    }
  }

  @Test
  void aFileGoesUp(@TempDir Path folder) throws Exception {
    Path file = Files.write(folder.resolve("body"), new byte[3_000_000]);
    try (var server = server(Http2Settings.none());
        var rig = new Http2Rig(server.uri("/"))) {
      Answer up = rig.send(Http2Rig.request("POST", server.uri("/upload"), FileBody.of(file)));
      assertThat(up.text().strip()).isEqualTo("3000000");
    }
  }

  @Test
  void smallRequestsPassALargeUpload() throws Exception {
    try (var server = server(Http2Settings.none().initialWindowSize(10_000_000));
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange upload = rig.exchange();
      Thread uploading =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      rig.run(
                          upload,
                          Http2Rig.request(
                              "POST",
                              server.uri("/upload"),
                              BodyPublishers.ofByteArray(new byte[200_000_000])));
                    } catch (Exception e) {
                      throw new AssertionError(e);
                    }
                  });
      int small = 0;
      while (uploading.isAlive() && small < 500) {
        rig.send(Http2Rig.get(server.uri("/")));
        small++;
      }
      assertThat(small).isGreaterThan(20);
      uploading.join();
      assertThat(server.violations()).isEmpty();
    }
  }

  @Test
  void aConsumerThatDoesNotReadStallsItsOwnStreamOnly() throws Exception {
    try (var server = server(Http2Settings.none());
        var rig =
            new Http2Rig(
                server.uri("/"), Http2Rig.windows(65_535, 1_000_000), ExchangeOptions.DEFAULTS)) {
      // More slow ones than the connection's window would hold together.
      var slow = new Exchange[20];
      for (int i = 0; i < slow.length; i++) {
        slow[i] = rig.exchange();
        slow[i].exchange(rig.origin, Http2Rig.get(server.uri("/bytes/3000000")));
      }
      for (int i = 0; i < 3; i++) {
        assertThat(drain(rig, server, 5_000_000)).isEqualTo(5_000_000);
      }
      for (Exchange exchange : slow) {
        assertThat(Http2Rig.read(exchange)).hasSize(3_000_000);
        exchange.finish();
      }
      assertThat(server.violations()).isEmpty();
    }
  }

  @Test
  void memoryThatIsShortKeepsWindowsSmall() throws Exception {
    try (var server = server(Http2Settings.none());
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.windows(65_535, 16_000_000),
                ExchangeOptions.DEFAULTS.memoryBudget(150_000))) {
      assertThat(drain(rig, server, 50_000_000)).isEqualTo(50_000_000);
    }
  }

  private static long drain(Http2Rig rig, OriginServer server, long bytes) throws Exception {
    Exchange exchange = rig.exchange();
    exchange.exchange(rig.origin, Http2Rig.get(server.uri("/bytes/" + bytes)));
    long received = 0;
    for (ByteBuffer part = exchange.body().next(); part != null; part = exchange.body().next()) {
      received += part.remaining();
    }
    exchange.finish();
    return received;
  }
}
