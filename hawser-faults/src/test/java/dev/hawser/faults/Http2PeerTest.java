package dev.hawser.faults;

import static java.nio.charset.StandardCharsets.US_ASCII;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class Http2PeerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final TestAuthority AUTHORITY = TestAuthority.create();

  @Test
  void answersAClientThatAsksForAnUpgrade() throws Exception {
    try (var client = HttpClient.newHttpClient();
        var server = FaultServer.start(Http2Script.ok("hello"))) {
      for (int i = 1; i <= 2; i++) {
        HttpResponse<String> response = get(client, server, "/" + i);
        assertThat(response.body()).isEqualTo("hello");
        assertThat(response.version()).isEqualTo(Version.HTTP_2);
      }

      assertThat(server.connections()).isEqualTo(1);
      assertThat(server.requests()).extracting(Received::target).containsExactly("/1", "/2");
      assertThat(server.requests())
          .extracting(r -> r.header("host"))
          .allSatisfy(host -> assertThat(host).containsExactly(server.authority()));
      assertThat(server.transcript())
          .containsSubsequence(
              "h2 > GET /1 HTTP/1.1 Upgrade: [h2c]\n",
              "h2 < 101\n",
              "h2 > PREFACE\n",
              "h2 > SETTINGS 0 ",
              "h2 < SETTINGS 0\n",
              "h2 < SETTINGS 0 ack\n",
              "h2 < HEADERS 1 end-headers :status 200 content-length 5\n",
              "h2 < DATA 1 end-stream 5 bytes\n",
              "h2 > HEADERS 3 end-stream end-headers ",
              ":path /2",
              "h2 < DATA 3 end-stream 5 bytes\n");
      assertThat(server.failures()).isEmpty();
    }
  }

  @Test
  void answersWithinTls() throws Exception {
    byte[] large = "0123456789".repeat(100_000).getBytes(US_ASCII);
    try (var client = secureClient();
        var server =
            secure()
                .start(
                    Script.http2(
                        peer -> {
                          peer.handshake();
                          Http2Request upload = peer.readRequest();
                          peer.answer(upload, 200, upload.body());
                          peer.stall();
                        }))) {
      HttpResponse<byte[]> response =
          client.send(
              HttpRequest.newBuilder(server.uri("/echo"))
                  .POST(BodyPublishers.ofByteArray(large))
                  .build(),
              BodyHandlers.ofByteArray());

      assertThat(response.body()).isEqualTo(large);
      assertThat(response.version()).isEqualTo(Version.HTTP_2);
      assertThat(server.requests().getFirst().body()).isEqualTo(large);
      assertThat(server.transcript()).contains("* TLS: ", "h2 > PREFACE");
    }
  }

  @Test
  void answersAClientThatKnowsBefore() throws Exception {
    try (var server = FaultServer.start(Http2Script.ok("hello"));
        var client = new Http2Client(server.address())) {
      client.get("/a");
      assertThat(client.frames(2))
          .containsExactly(
              "HEADERS 1 end-headers :status 200 content-length 5", "DATA 1 end-stream 5 bytes");
    }
  }

  @Test
  void alpnMayAnswerSomethingElseOrNothing() throws Exception {
    Tls tls = Tls.of(AUTHORITY.localhost().serverContext());
    for (Tls other : List.of(tls, tls.alpn("http/1.1"))) {
      try (var client = secureClient();
          var server = FaultServer.builder().tls(other).start(Script.ok("plain"))) {
        assertThat(get(client, server, "/").version()).isEqualTo(Version.HTTP_1_1);
      }
    }
  }

  @Test
  void sortsWhatComesForSeveralStreams() throws Exception {
    Http2Script secondFirst =
        peer -> {
          peer.handshake();
          Http2Request first = peer.readHead();
          Http2Request second = peer.readRequest();
          peer.ok(second, "second");
          peer.ok(first.withBody(peer.readBody(first)), "first");
        };
    try (var server = FaultServer.start(secondFirst);
        var client = new Http2Client(server.address())) {
      int first = client.post("/1");
      client.send(Http2Frame.data(first, 0, "ab".getBytes(US_ASCII)));
      client.get("/2");
      client.send(Http2Frame.data(first, Http2Frame.END_STREAM, "c".getBytes(US_ASCII)));

      assertThat(client.frames(3))
          .containsExactly(
              "WINDOW_UPDATE 0 +2",
              "WINDOW_UPDATE 1 +2",
              "HEADERS 3 end-headers :status 200 content-length 6");
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript()).containsSubsequence("h2 < DATA 3", "h2 < DATA 1");
    }
  }

  /** A script that only writes finds the connection reset: its transcript still says why. */
  @Test
  void whatCameBeforeTheResetIsInTheTranscript() throws Exception {
    Http2Script writesOn =
        peer -> {
          peer.readPreface();
          peer.settings(Http2Settings.none());
          for (int i = 0; true; i++) {
            peer.ping(i);
          }
        };
    try (var server = FaultServer.start(writesOn);
        var client = new Http2Client(server.address())) {
      client.await(Http2Frame.PING);
      client.send(Http2Frame.goAway(0, Http2Error.PROTOCOL_ERROR.code(), ""));
      client.close(); // with PINGs unread, which resets

      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("h2 > GOAWAY 0 PROTOCOL_ERROR");
    }
  }

  @Test
  void staysWithinTheClientsWindowsAndFrames() throws Exception {
    try (var server = FaultServer.start(Http2Script.ok("x".repeat(40_000)));
        var client =
            new Http2Client(server.address(), Http2Settings.none().initialWindowSize(10))) {
      client.get("/");
      assertThat(client.frames(2)).last().isEqualTo("DATA 1 10 bytes");
      client.send(Http2Frame.windowUpdate(1, 100_000));
      assertThat(client.frames(3))
          .containsExactly(
              "DATA 1 16384 bytes", "DATA 1 16384 bytes", "DATA 1 end-stream 7222 bytes");
    }
  }

  @Test
  void answersPingsUnlessMuted() throws Exception {
    Http2Script goesDeaf =
        peer -> {
          peer.handshake();
          peer.awaitFrame(Http2Frame.PING);
          peer.mute();
          peer.stall();
        };
    try (var server = FaultServer.start(goesDeaf);
        var client = new Http2Client(server.address())) {
      client.send(Http2Frame.ping(7));
      assertThat(client.frames(1)).containsExactly("PING 0 ack");
      client.send(Http2Frame.ping(8));
      client.close();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript())
          .contains("h2 < PING 0 ack 7", "h2 > PING 0 8")
          .doesNotContain("h2 < PING 0 ack 8");
    }
  }

  @Test
  void seesHowTheClientClosesAndWhatItSaysBefore() throws Exception {
    var ending = new AtomicReference<Peer.Ending>();
    var seen = new CountDownLatch(1);
    Http2Script waits =
        peer -> {
          peer.handshake();
          ending.set(peer.awaitClose(PATIENCE));
          seen.countDown();
        };
    try (var server = FaultServer.start(waits)) {
      try (var client = new Http2Client(server.address())) {
        client.send(Http2Frame.goAway(0, Http2Error.ENHANCE_YOUR_CALM.code(), "enough"));
        client.await(Http2Frame.SETTINGS);
        client.await(Http2Frame.SETTINGS);
      }
      seen.await();
      assertThat(ending).hasValue(Peer.Ending.FIN);
      assertThat(server.transcript()).contains("h2 > GOAWAY 0 ENHANCE_YOUR_CALM last 0 \"enough\"");
    }
  }

  @Test
  void aClientThatSpeaksHttp1FailsTheScript() throws Exception {
    try (var client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();
        var server = FaultServer.start(Http2Script.ok("hello"))) {
      assertThatThrownBy(() -> get(client, server, "/")).isInstanceOf(IOException.class);
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.failures())
          .isNotEmpty()
          .allSatisfy(
              failure -> assertThat(failure).hasMessageContaining("does not ask for HTTP/2"));
    }
  }

  @Test
  void aFloodEndsWithTheClientAndItsEndIsInTheTranscript() throws Exception {
    try (var server = FaultServer.start(Http2Floods.pings());
        var client = new Http2Client(server.address())) {
      client.get("/");
      for (int i = 0; i < 20_000; i++) {
        client.await(Http2Frame.PING);
      }
      client.send(Http2Frame.goAway(0, Http2Error.ENHANCE_YOUR_CALM.code(), ""));
      client.finish();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript())
          .contains(" lines more\n", "h2 > GOAWAY 0 ENHANCE_YOUR_CALM")
          .hasSizeLessThan(100_000);
      assertThat(server.failures()).isEmpty();
    }
  }

  @Test
  void requestsAtOnceAreAnsweredOnOneConnection() throws Exception {
    try (var client = secureClient();
        var server = secure().start(Http2Script.ok("hello"))) {
      get(client, server, "/first");
      var calls =
          IntStream.range(0, 50)
              .mapToObj(
                  i ->
                      client.sendAsync(
                          HttpRequest.newBuilder(server.uri("/" + i)).build(),
                          BodyHandlers.ofString()))
              .toList();
      CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
      assertThat(calls).allSatisfy(call -> assertThat(call.join().body()).isEqualTo("hello"));
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  static FaultServer.Builder secure() {
    return FaultServer.builder().tls(Tls.of(AUTHORITY.localhost().serverContext()).alpn("h2"));
  }

  static HttpClient secureClient() {
    return HttpClient.newBuilder().sslContext(AUTHORITY.clientContext()).build();
  }

  static HttpResponse<String> get(HttpClient client, FaultServer server, String path)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(server.uri(path)).timeout(PATIENCE).build(),
        BodyHandlers.ofString());
  }
}
