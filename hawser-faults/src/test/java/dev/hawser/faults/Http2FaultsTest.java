package dev.hawser.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class Http2FaultsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String OK = "HEADERS 1 end-headers :status 200";

  /** What is on the wire when a GET has come; SETTINGS are left out. */
  static Stream<Arguments> faults() {
    return Stream.of(
        arguments(Http2Faults.beginsWithoutSettings(), List.of("PING 0")),
        arguments(Http2Faults.frameTooLarge(), List.of(OK, "DATA 1 end-stream 16385 bytes")),
        arguments(Http2Faults.onStreamZero(Http2Frame.DATA), List.of("DATA 0 end-headers 8 bytes")),
        arguments(
            Http2Faults.onStreamZero(Http2Frame.RST_STREAM),
            List.of("RST_STREAM 0 PROTOCOL_ERROR")),
        arguments(Http2Faults.wrongLength(Http2Frame.PING, 7), List.of("PING 0")),
        arguments(
            Http2Faults.wrongLength(Http2Frame.WINDOW_UPDATE, 5), List.of("WINDOW_UPDATE 1 +0")),
        arguments(
            Http2Faults.connectionFrameOnStream(Http2Frame.GOAWAY),
            List.of("GOAWAY 1 NO_ERROR last 0")),
        arguments(Http2Faults.badPadding(), List.of(OK, "DATA 1 padded 3 bytes")),
        arguments(Http2Faults.interruptedHeaders(), List.of("HEADERS 1", "PING 0")),
        arguments(Http2Faults.strayContinuation(), List.of("CONTINUATION 1 end-headers")),
        arguments(
            Http2Faults.onIdleStream(Http2Frame.DATA),
            List.of("DATA 101 end-stream end-headers 8 bytes")),
        arguments(
            Http2Faults.opensStream(), List.of("HEADERS 2 end-stream end-headers :status 200")),
        arguments(
            Http2Faults.dataAfterEnd(),
            List.of(
                OK + " content-length 5",
                "DATA 1 end-stream 5 bytes",
                "DATA 1 end-stream 4 bytes")),
        arguments(
            Http2Faults.headersAfterEnd(),
            List.of(
                OK + " content-length 5",
                "DATA 1 end-stream 5 bytes",
                "HEADERS 1 end-stream end-headers :status 200")),
        arguments(
            Http2Faults.goesAwayAfter(1, "hello"),
            List.of(
                "GOAWAY 0 NO_ERROR last 1", OK + " content-length 5", "DATA 1 end-stream 5 bytes")),
        arguments(
            Http2Faults.goesAwayUnprocessed(),
            List.of("GOAWAY 0 NO_ERROR last 0 \"not processed\"")),
        arguments(
            Http2Faults.goesAwayTwice(""),
            List.of(
                "GOAWAY 0 NO_ERROR last 2147483647",
                "GOAWAY 0 NO_ERROR last 1",
                "HEADERS 1 end-stream end-headers :status 200 content-length 0")),
        arguments(
            Http2Faults.goesAwayAbruptly(Http2Error.INTERNAL_ERROR),
            List.of("GOAWAY 0 INTERNAL_ERROR last 1 \"abruptly\"")),
        arguments(Http2Faults.windowOverflow(true), List.of("WINDOW_UPDATE 0 +2147483647")),
        arguments(Http2Faults.zeroIncrement(false), List.of("WINDOW_UPDATE 1 +0")),
        arguments(
            Http2Faults.dataBeyondWindow(),
            List.of(
                OK,
                "DATA 1 16384 bytes",
                "DATA 1 16384 bytes",
                "DATA 1 16384 bytes",
                "DATA 1 16384 bytes")),
        arguments(
            Http2Faults.pushes("pushed", ""),
            List.of(
                "PUSH_PROMISE 1 end-headers of 2",
                "HEADERS 1 end-stream end-headers :status 200 content-length 0",
                "HEADERS 2 end-headers :status 200",
                "DATA 2 end-stream 6 bytes")),
        arguments(Http2Faults.promisesClientsStream(), List.of("PUSH_PROMISE 1 end-headers of 3")),
        arguments(
            Http2Faults.answersEarly(413, ""),
            List.of("HEADERS 1 end-stream end-headers :status 413", "RST_STREAM 1 NO_ERROR")),
        stream(Http2Faults.refuses(), "RST_STREAM 1 REFUSED_STREAM"),
        stream(Http2Faults.requiresHttp1(), "RST_STREAM 1 HTTP_1_1_REQUIRED"),
        stream(
            Http2Faults.resetsWithinBody(Http2Error.CANCEL),
            OK,
            "DATA 1 6 bytes",
            "RST_STREAM 1 CANCEL"),
        stream(
            Http2Faults.unknownFrames(),
            "0xfa 0 3 bytes",
            "0xfb 1 0 bytes",
            OK,
            "0xfc 1 1000 bytes",
            "DATA 1 end-stream 5 bytes"),
        stream(Http2Faults.padded(10, "hello"), OK, "DATA 1 end-stream padded 16 bytes"),
        stream(
            Http2Faults.wrongLength(9, "hello"),
            OK + " content-length 9",
            "DATA 1 end-stream 5 bytes"),
        stream(Http2Faults.endsWithInterim(), "HEADERS 1 end-stream end-headers :status 103"),
        stream(
            Http2Faults.trailers("hello", "x-sum", "1"),
            OK + " trailer x-sum",
            "DATA 1 5 bytes",
            "HEADERS 1 end-stream end-headers x-sum 1"),
        stream(
            Http2Faults.trailersThatDoNotEnd(),
            OK,
            "DATA 1 5 bytes",
            "HEADERS 1 end-headers x-checksum 1"),
        stream(Http2Faults.bodyFirst(), "DATA 1 end-stream 5 bytes"),
        stream(
            HpackFaults.upperCaseName(),
            "HEADERS 1 end-stream end-headers :status 200 Content-Type text/plain"),
        stream(
            HpackFaults.lateStatus(),
            "HEADERS 1 end-stream end-headers content-type text/plain :status 200"),
        stream(HpackFaults.noStatus(), "HEADERS 1 end-stream end-headers content-type text/plain"),
        stream(
            HpackFaults.manyFields(3),
            "HEADERS 1 end-stream end-headers :status 200 x-0 v x-1 v x-2 v"),
        stream(HpackFaults.inPieces(1, "a", "b"), "HEADERS 1 end-stream", "CONTINUATION 1"),
        stream(HpackFaults.hugeField(100_000), "HEADERS 1 end-stream", "CONTINUATION 1"));
  }

  private static Arguments stream(Http2Script.Answer answer, String... frames) {
    return arguments(Http2Script.inTurn(answer), List.of(frames));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void areOnTheWire(Http2Script fault, List<String> frames) throws Exception {
    try (var server = FaultServer.start(fault);
        var client = new Http2Client(server.address())) {
      client.get("/");
      assertThat(client.frames(frames.size())).isEqualTo(frames);
      client.close();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.failures()).isEmpty();
    }
  }

  static Stream<Http2Script> floods() {
    return Stream.of(
        Http2Floods.settings(),
        Http2Floods.pings(),
        Http2Floods.resets(),
        Http2Floods.priorities(),
        Http2Floods.windowUpdates(),
        Http2Floods.unknownFrames(),
        Http2Floods.emptyData(),
        Http2Floods.paddingOnly(),
        Http2Floods.interimAnswers(),
        Http2Floods.continuations(0),
        Http2Floods.continuations(1000));
  }

  @ParameterizedTest
  @MethodSource("floods")
  void floodsGoOnUntilTheClientEnds(Http2Script flood) throws Exception {
    try (var server = FaultServer.start(flood);
        var client = new Http2Client(server.address())) {
      client.get("/");
      int type = -1;
      for (int i = 0; i < 5000; i++) {
        type = client.read().type();
      }
      for (int i = 0; i < 100; i++) {
        assertThat(client.read().type()).isEqualTo(type);
      }
      client.send(Http2Frame.goAway(0, Http2Error.ENHANCE_YOUR_CALM.code(), ""));
      client.finish();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("h2 > GOAWAY 0 ENHANCE_YOUR_CALM");
      assertThat(server.failures()).isEmpty();
    }
  }

  /** What another's decoder does not take. */
  static Stream<Http2Script.Answer> brokenBlocks() {
    return Stream.of(
        HpackFaults.badIndex(),
        HpackFaults.indexZero(),
        HpackFaults.endlessIndex(),
        HpackFaults.brokenHuffman(),
        HpackFaults.cutOff());
  }

  @ParameterizedTest
  @MethodSource("brokenBlocks")
  void brokenBlocksCannotBeDecoded(Http2Script.Answer answer) throws Exception {
    try (var server =
            Http2PeerTest.secure().start(Http2Script.inTurn(answer), Http2Script.ok("again"));
        var client = Http2PeerTest.secureClient()) {
      assertThatThrownBy(() -> Http2PeerTest.get(client, server, "/1"))
          .isInstanceOf(IOException.class);
      assertThat(Http2PeerTest.get(client, server, "/2").body()).isEqualTo("again");
      assertThat(server.transcript(1)).contains("h2 > GOAWAY 0 ");
    }
  }

  @Test
  void aBombIsSmallOnTheWire() throws Exception {
    try (var server = FaultServer.start(Http2Script.inTurn(HpackFaults.bomb(10_000)));
        var client = new Http2Client(server.address())) {
      client.get("/");
      Http2Frame bomb = client.await(Http2Frame.HEADERS);

      assertThat(bomb.payload()).hasSizeLessThan(15_000);
      List<Http2Field> fields = new Hpack(4096).decode(bomb.payload());
      assertThat(fields).hasSize(10_002);
      assertThat(fields.getLast().value()).hasSize(4000);
    }
  }

  @Test
  void tinyAndShrunkWindowsCarryABodyAllTheSame() throws Exception {
    for (Http2Script script :
        List.of(Http2Faults.tinyWindows(7, "done"), Http2Faults.shrinksWindow(1000, "done"))) {
      try (var server = Http2PeerTest.secure().start(script);
          var client = Http2PeerTest.secureClient()) {
        var upload =
            HttpRequest.newBuilder(server.uri("/"))
                .POST(BodyPublishers.ofString("u".repeat(700)))
                .timeout(PATIENCE)
                .build();
        assertThat(client.send(upload, BodyHandlers.ofString()).body()).isEqualTo("done");
        assertThat(server.requests().getFirst().body()).hasSize(700);
      }
    }
  }

  @Test
  void noStreamIsAllowedUntilTheSignal() throws Exception {
    var signal = new CountDownLatch(1);
    try (var server = FaultServer.start(Http2Faults.noStreamsUntil(signal, 3, "hello"));
        var client = new Http2Client(server.address())) {
      assertThat(client.await(Http2Frame.SETTINGS))
          .hasToString("SETTINGS 0 MAX_CONCURRENT_STREAMS=0");
      client.send(Http2Frame.settingsAck());
      signal.countDown();
      client.await(Http2Frame.SETTINGS); // the acknowledgement of ours
      assertThat(client.await(Http2Frame.SETTINGS))
          .hasToString("SETTINGS 0 MAX_CONCURRENT_STREAMS=3");
      client.get("/");
      assertThat(client.frames(2)).last().isEqualTo("DATA 1 end-stream 5 bytes");
    }
  }

  @Test
  void fewerStreamsAreAllowedWhileSomeAreOpen() throws Exception {
    try (var server = FaultServer.start(Http2Faults.lowersMaxStreams(2, 1, ""));
        var client = new Http2Client(server.address())) {
      client.send(Http2Frame.settingsAck());
      client.get("/");
      client.get("/");
      client.await(Http2Frame.SETTINGS);
      client.await(Http2Frame.SETTINGS);
      assertThat(client.await(Http2Frame.SETTINGS))
          .hasToString("SETTINGS 0 MAX_CONCURRENT_STREAMS=1");
      client.send(Http2Frame.settingsAck());
      assertThat(client.frames(2)).allSatisfy(frame -> assertThat(frame).startsWith("HEADERS "));
    }
  }

  @Test
  void silences() throws Exception {
    try (var server = FaultServer.start(Http2Faults.neverAcknowledges("hello"));
        var client = new Http2Client(server.address())) {
      client.get("/");
      assertThat(client.frames(2)).last().isEqualTo("DATA 1 end-stream 5 bytes");
      assertThat(server.transcript()).doesNotContain("h2 < SETTINGS 0 ack");
    }
    try (var server = FaultServer.start(Http2Faults.answersNothing());
        var client = new Http2Client(server.address())) {
      client.get("/");
      client.send(Http2Frame.ping(1));
      client.finish();
      assertThat(server.awaitAllClosed(PATIENCE)).isTrue();
      assertThat(server.transcript())
          .contains("h2 > HEADERS 1", "h2 > PING 0 1")
          .doesNotContain("h2 < PING", "h2 < HEADERS");
    }
    var server = FaultServer.start(Http2Faults.stopsReading());
    try (var client = new Http2Client(server.address())) {
      client.get("/");
      client.await(Http2Frame.SETTINGS);
      server.close();
      assertThat(server.failures()).isEmpty();
    }
  }

  @Test
  void anotherClientRepeatsWhatWasNotProcessedAndFallsBack() throws Exception {
    var scripts =
        List.of(
            Http2Faults.goesAwayUnprocessed(),
            Http2Faults.goesAwayTwice("hello"),
            Http2Script.inTurn(Http2Faults.refuses(), Http2Script.answerOk("hello")),
            Http2Script.inTurn(Http2Faults.unknownFrames()),
            Http2Script.inTurn(Http2Faults.padded(200, "hello")),
            Http2Script.inTurn(Http2Faults.informs(3, 103, "hello")),
            Http2Script.inTurn(Http2Faults.trailers("hello", "x-sum", "1")));
    for (Http2Script script : scripts) {
      try (HttpClient client = Http2PeerTest.secureClient();
          var server = Http2PeerTest.secure().start(script, Http2Script.ok("hello"))) {
        var response = Http2PeerTest.get(client, server, "/");
        assertThat(response.body()).as(server.transcript()).isEqualTo("hello");
        assertThat(server.failures()).isEmpty();
      }
    }
  }
}
