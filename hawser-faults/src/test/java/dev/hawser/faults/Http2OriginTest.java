package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The good server over HTTP/2, as the JDK's client and a bare one see it. */
class Http2OriginTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final TestAuthority AUTHORITY = TestAuthority.create();

  @Test
  void answersAsOverHttp1() throws Exception {
    for (boolean secure : new boolean[] {false, true}) {
      try (var origin = origin(Http2Settings.none(), secure);
          var client = client()) {
        for (int count : new int[] {0, 1, 16_384, 16_385, 65_520, 65_536, 3_000_003}) {
          String letters = "abcdefghijklmnopqrstuvwxyz".repeat(count / 26 + 1).substring(0, count);
          assertThat(get(client, origin, "/bytes/" + count).body()).isEqualTo(letters);
          assertThat(get(client, origin, "/chunked/" + count).body()).isEqualTo(letters);
        }
        assertThat(get(client, origin, "/").version()).isEqualTo(Version.HTTP_2);
        assertThat(get(client, origin, "/drip/3/1").body()).isEqualTo("abc");
        assertThat(get(client, origin, "/drip/0/1").body()).isEmpty();
        assertThat(get(client, origin, "/delay/5").body()).isEqualTo("after 5 ms\n");
        assertThat(get(client, origin, "/headers").body())
            .contains("host: 127.0.0.1", "user-agent: ");
        assertThat(get(client, origin, "/trailers").body()).isEqualTo("trailers follow\n");
        assertThat(get(client, origin, "/status/204").statusCode()).isEqualTo(204);
        assertThat(get(client, origin, "/bytes/-1").statusCode()).isEqualTo(400);
        assertThat(get(client, origin, "/nothing").statusCode()).isEqualTo(404);
        assertThat(origin.connections()).isEqualTo(1);
        assertThat(origin.requestsPerConnection()).containsExactly(origin.requests());
        assertThat(origin.violations()).isEmpty();
      }
    }
  }

  @Test
  void echoesThroughWindowsOfAnySize() throws Exception {
    for (int window : new int[] {1, 1000, 65_535, 1 << 20}) {
      try (var origin = origin(Http2Settings.none().initialWindowSize(window), true);
          var client = client()) {
        for (int count : new int[] {0, 5, window == 1 ? 100 : 300_000}) {
          String text = "x".repeat(count);
          assertThat(post(client, origin, "/echo", text).body()).isEqualTo(text);
          assertThat(post(client, origin, "/upload", text).body()).isEqualTo(count + "\n");
        }
        assertThat(origin.violations()).isEmpty();
      }
    }
  }

  @Test
  void takesSmallFramesOnlyAndNoTable() throws Exception {
    try (var origin = origin(Http2Settings.none().headerTableSize(0).maxFrameSize(16_384), true);
        var client = client()) {
      for (int i = 0; i < 20; i++) {
        assertThat(post(client, origin, "/echo", "x".repeat(50_000)).body()).hasSize(50_000);
      }
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void countsStreamsAndAllowsNoMore() throws Exception {
    try (var origin = origin(Http2Settings.none().maxConcurrentStreams(2), false);
        var client = new Http2Client(origin.address())) {
      assertThat(client.await(Http2Frame.SETTINGS).toString()).contains("MAX_CONCURRENT_STREAMS=2");
      client.get("/delay/10000");
      client.get("/delay/10000");
      client.get("/");
      assertThat(client.await(Http2Frame.RST_STREAM)).hasToString("RST_STREAM 5 REFUSED_STREAM");
      assertThat(origin.streamsAtOnce()).isEqualTo(2);
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void goesAwayGracefullyUnderLoad() throws Exception {
    try (var origin = origin(Http2Settings.none().maxConcurrentStreams(1000), true);
        var client = client()) {
      get(client, origin, "/");
      for (int round = 1; round <= 3; round++) {
        var calls =
            IntStream.range(0, 100)
                .mapToObj(
                    i -> client.sendAsync(request(origin, "/delay/20"), BodyHandlers.ofString()))
                .toList();
        origin.goAway();
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
        assertThat(calls).allSatisfy(c -> assertThat(c.join().body()).isEqualTo("after 20 ms\n"));
      }
      assertThat(origin.connections()).isGreaterThan(1);
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void goesAwayInTwoSteps() throws Exception {
    try (var origin = origin(Http2Settings.none(), false);
        var client = new Http2Client(origin.address())) {
      client.get("/bytes/5");
      client.frames(3);
      origin.goAway();
      assertThat(client.frames(2)).containsExactly("GOAWAY 0 NO_ERROR last 2147483647", "PING 0");
      client.get("/bytes/6"); // crossed the GOAWAY on the way
      assertThat(client.frames(2)).last().isEqualTo("DATA 3 end-stream 6 bytes");
      client.send(new Http2Frame(Http2Frame.PING, Http2Frame.ACK, 0, new byte[8]));
      assertThat(client.frames(1)).containsExactly("GOAWAY 0 NO_ERROR last 3");
      client.finish();
    }
  }

  @Test
  void misbehavesWithSingleRequests() throws Exception {
    var reset = new CountDownLatch(1);
    try (var origin = origin(Http2Settings.none(), true);
        var client = client()) {
      origin.onHttp2(
          exchange -> {
            switch (exchange.target()) {
              case "/refused" -> exchange.reset(Http2Error.REFUSED_STREAM);
              case "/cut" -> exchange.resetWithinBody(Http2Error.INTERNAL_ERROR);
              case "/stall" -> {
                exchange.stall();
                reset.countDown();
              }
              case "/early" -> exchange.answerEarly(413);
              default -> {
                exchange.inform(103, "link", "</a.css>");
                exchange.padding(255).dataFrames(7).headerFrames(3).trailers("x-sum", "1").answer();
              }
            }
          });
      assertThat(get(client, origin, "/bytes/1000").body()).hasSize(1000);
      assertThatThrownBy(() -> get(client, origin, "/cut")).isInstanceOf(IOException.class);
      assertThat(post(client, origin, "/early", "x".repeat(1000)).statusCode()).isEqualTo(413);
      CompletableFuture<?> stalled =
          client.sendAsync(request(origin, "/stall"), BodyHandlers.ofString());
      get(client, origin, "/");
      stalled.cancel(true);
      reset.await();
      assertThat(get(client, origin, "/").body()).hasSize(64);
      assertThat(origin.violations()).isEmpty();
    }
  }

  @Test
  void oddAnswersAreOnTheWire() throws Exception {
    try (var origin = origin(Http2Settings.none(), false);
        var client = new Http2Client(origin.address())) {
      origin.onHttp2(exchange -> exchange.padding(3).dataFrames(4).trailers("x-sum", "1").answer());
      client.get("/bytes/6");
      assertThat(client.frames(5).subList(2, 5))
          .containsExactly(
              "DATA 1 padded 8 bytes",
              "DATA 1 padded 6 bytes",
              "HEADERS 1 end-stream end-headers x-sum 1");
      origin.onHttp2(exchange -> exchange.reset(Http2Error.REFUSED_STREAM));
      client.get("/");
      assertThat(client.frames(1)).containsExactly("RST_STREAM 3 REFUSED_STREAM");
    }
  }

  @Test
  void findsWhatAClientMustNotDo() throws Exception {
    try (var origin = origin(Http2Settings.none(), false)) {
      List<Http2Frame> bad =
          List.of(
              Http2Frame.data(9, 0, new byte[1]),
              Http2Frame.windowUpdate(0, Integer.MAX_VALUE),
              Http2Frame.continuation(1, 0, new byte[1]),
              Http2Frame.headers(2, Http2Frame.END_HEADERS, new byte[] {(byte) 0x82}),
              Http2Frame.data(1, 0, new byte[16_385]));
      for (Http2Frame frame : bad) {
        try (var client = new Http2Client(origin.address())) {
          client.send(frame);
          assertThat(client.await(Http2Frame.GOAWAY).toString()).doesNotContain("NO_ERROR");
          client.finish();
        }
      }
      assertThat(origin.violations()).hasSize(bad.size());
    }
  }

  @Test
  void dropsItsConnections() throws Exception {
    try (var origin = origin(Http2Settings.none(), true);
        var client = client()) {
      get(client, origin, "/");
      CompletableFuture<?> call =
          client.sendAsync(request(origin, "/delay/10000"), BodyHandlers.ofString());
      get(client, origin, "/");
      origin.resetConnections();
      assertThat(call).failsWithin(PATIENCE);
      assertThat(get(client, origin, "/").body()).hasSize(64);
    }
  }

  @Test
  void speaksHttp1WhenNobodyAskedForMore() throws Exception {
    try (var origin = origin(Http2Settings.none(), true);
        var plain =
            HttpClient.newBuilder()
                .version(Version.HTTP_1_1)
                .sslContext(AUTHORITY.clientContext())
                .build();
        var without = OriginServer.builder().tls(AUTHORITY.localhost().serverContext()).start();
        var client = client()) {
      assertThat(get(plain, origin, "/").version()).isEqualTo(Version.HTTP_1_1);
      assertThat(get(client, without, "/").version()).isEqualTo(Version.HTTP_1_1);
    }
  }

  private static OriginServer origin(Http2Settings settings, boolean secure) throws IOException {
    var builder = OriginServer.builder().http2(settings);
    return (secure ? builder.tls(AUTHORITY.localhost().serverContext()) : builder).start();
  }

  private static HttpClient client() {
    return HttpClient.newBuilder().sslContext(AUTHORITY.clientContext()).build();
  }

  private static HttpRequest request(OriginServer origin, String path) {
    return HttpRequest.newBuilder(origin.uri(path)).timeout(PATIENCE).build();
  }

  private static HttpResponse<String> get(HttpClient client, OriginServer origin, String path)
      throws Exception {
    return client.send(request(origin, path), BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(
      HttpClient client, OriginServer origin, String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(origin.uri(path))
            .timeout(PATIENCE)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
