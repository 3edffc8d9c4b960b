package dev.hawser.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeOptions;
import dev.hawser.faults.FaultServer;
import dev.hawser.faults.HpackFaults;
import dev.hawser.faults.Http2Endings;
import dev.hawser.faults.Http2Error;
import dev.hawser.faults.Http2Faults;
import dev.hawser.faults.Http2Floods;
import dev.hawser.faults.Http2Frame;
import dev.hawser.faults.Http2Script;
import dev.hawser.faults.Http2Settings;
import dev.hawser.http2.Http2Rig.Answer;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.NotProcessedException;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows 49 to 57 of the faults: what the caller gets, and what is on the wire. */
class Http2FaultsTest {
  /** Where the server goes on sending, it finds the connection reset and does not come to read. */
  private static final Set<String> SENDS_ON = Set.of("INITIAL_WINDOW_SIZE", "MAX_FRAME_SIZE");

  private static Arguments fault(String name, Http2Script script, String code) {
    return Arguments.of(name, script, code);
  }

  private static Arguments frame(String name, Http2Frame frame, String code) {
    return fault(name, Http2Faults.sends(frame), code);
  }

  static Stream<Arguments> connectionFaults() {
    return Stream.of(
        fault("HTTP/1.1", Http2Faults.speaksHttp1(), "PROTOCOL_ERROR"),
        fault("no SETTINGS", Http2Faults.beginsWithoutSettings(), "PROTOCOL_ERROR"),
        fault("frame too large", Http2Faults.frameTooLarge(), "FRAME_SIZE_ERROR"),
        fault("odd SETTINGS", Http2Faults.oddSettings(), "FRAME_SIZE_ERROR"),
        fault("ACK with payload", Http2Faults.settingsAckWithPayload(), "FRAME_SIZE_ERROR"),
        fault("DATA on 0", Http2Faults.onStreamZero(Http2Frame.DATA), "PROTOCOL_ERROR"),
        fault("HEADERS on 0", Http2Faults.onStreamZero(Http2Frame.HEADERS), "PROTOCOL_ERROR"),
        fault("PRIORITY on 0", Http2Faults.onStreamZero(Http2Frame.PRIORITY), "PROTOCOL_ERROR"),
        fault("RST on 0", Http2Faults.onStreamZero(Http2Frame.RST_STREAM), "PROTOCOL_ERROR"),
        fault("RST of 3", Http2Faults.wrongLength(Http2Frame.RST_STREAM, 3), "FRAME_SIZE_ERROR"),
        fault("PING of 7", Http2Faults.wrongLength(Http2Frame.PING, 7), "FRAME_SIZE_ERROR"),
        fault("GOAWAY of 7", Http2Faults.wrongLength(Http2Frame.GOAWAY, 7), "FRAME_SIZE_ERROR"),
        fault(
            "WINDOW_UPDATE of 5",
            Http2Faults.wrongLength(Http2Frame.WINDOW_UPDATE, 5),
            "FRAME_SIZE_ERROR"),
        fault(
            "SETTINGS on 1",
            Http2Faults.connectionFrameOnStream(Http2Frame.SETTINGS),
            "PROTOCOL_ERROR"),
        fault("PING on 1", Http2Faults.connectionFrameOnStream(Http2Frame.PING), "PROTOCOL_ERROR"),
        fault(
            "GOAWAY on 1",
            Http2Faults.connectionFrameOnStream(Http2Frame.GOAWAY),
            "PROTOCOL_ERROR"),
        fault("padding", Http2Faults.badPadding(), "PROTOCOL_ERROR"),
        fault("interrupted", Http2Faults.interruptedHeaders(), "PROTOCOL_ERROR"),
        fault("stray CONTINUATION", Http2Faults.strayContinuation(), "PROTOCOL_ERROR"),
        fault("DATA on idle", Http2Faults.onIdleStream(Http2Frame.DATA), "PROTOCOL_ERROR"),
        fault("HEADERS on idle", Http2Faults.onIdleStream(Http2Frame.HEADERS), "PROTOCOL_ERROR"),
        fault("RST on idle", Http2Faults.onIdleStream(Http2Frame.RST_STREAM), "PROTOCOL_ERROR"),
        fault(
            "WINDOW_UPDATE on idle",
            Http2Faults.onIdleStream(Http2Frame.WINDOW_UPDATE),
            "PROTOCOL_ERROR"),
        fault("a stream of the server's", Http2Faults.opensStream(), "PROTOCOL_ERROR"),
        fault("ENABLE_PUSH", Http2Faults.announces(Http2Settings.ENABLE_PUSH, 1), "PROTOCOL_ERROR"),
        fault(
            "INITIAL_WINDOW_SIZE",
            Http2Faults.announces(Http2Settings.INITIAL_WINDOW_SIZE, 1L << 31),
            "FLOW_CONTROL_ERROR"),
        fault(
            "MAX_FRAME_SIZE",
            Http2Faults.announces(Http2Settings.MAX_FRAME_SIZE, 100),
            "PROTOCOL_ERROR"),
        fault("window overflow", Http2Faults.windowOverflow(true), "FLOW_CONTROL_ERROR"),
        fault("no increment", Http2Faults.zeroIncrement(true), "PROTOCOL_ERROR"),
        frame(
            "PUSH_PROMISE",
            Http2Frame.pushPromise(1, 2, new byte[] {(byte) 0x82}),
            "PROTOCOL_ERROR"),
        fault("push", Http2Faults.pushes("pushed", "hello"), "PROTOCOL_ERROR"),
        fault("promise of ours", Http2Faults.promisesClientsStream(), "PROTOCOL_ERROR"),
        fault("bad index", Http2Script.inTurn(HpackFaults.badIndex()), "COMPRESSION_ERROR"),
        fault("index 0", Http2Script.inTurn(HpackFaults.indexZero()), "COMPRESSION_ERROR"),
        fault("endless index", Http2Script.inTurn(HpackFaults.endlessIndex()), "COMPRESSION_ERROR"),
        fault("table", Http2Script.inTurn(HpackFaults.tableBeyondLimit()), "COMPRESSION_ERROR"),
        fault("late table", Http2Script.inTurn(HpackFaults.lateTableSize()), "COMPRESSION_ERROR"),
        fault("Huffman", Http2Script.inTurn(HpackFaults.brokenHuffman()), "COMPRESSION_ERROR"),
        fault("cut off", Http2Script.inTurn(HpackFaults.cutOff()), "COMPRESSION_ERROR"),
        fault("SETTINGS flood", Http2Floods.settings(), "ENHANCE_YOUR_CALM"),
        fault("PING flood", Http2Floods.pings(), "ENHANCE_YOUR_CALM"),
        fault("PRIORITY flood", Http2Floods.priorities(), "ENHANCE_YOUR_CALM"),
        fault("WINDOW_UPDATE flood", Http2Floods.windowUpdates(), "ENHANCE_YOUR_CALM"),
        fault("unknown flood", Http2Floods.unknownFrames(), "ENHANCE_YOUR_CALM"),
        fault("empty DATA flood", Http2Floods.emptyData(), "ENHANCE_YOUR_CALM"),
        fault("padding flood", Http2Floods.paddingOnly(), "ENHANCE_YOUR_CALM"),
        fault("CONTINUATION flood", Http2Floods.continuations(1000), "ENHANCE_YOUR_CALM"),
        fault("empty CONTINUATION flood", Http2Floods.continuations(0), "ENHANCE_YOUR_CALM"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("connectionFaults")
  void theConnectionEndsWithItsCode(String name, Http2Script script, String code) throws Exception {
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOf(MalformedResponseException.class)
          .hasMessageContaining(code);
      assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.EXCHANGE_FAILED);
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      if (!SENDS_ON.contains(name)) {
        assertThat(server.transcript()).as(name).contains("GOAWAY 0 " + code);
      }
    }
  }

  @Test
  void framesOnAnEndedStreamEndTheConnection() throws Exception {
    for (Http2Script script : List.of(Http2Faults.dataAfterEnd(), Http2Faults.headersAfterEnd())) {
      try (var server = FaultServer.start(script);
          var rig = new Http2Rig(server.uri("/"))) {
        assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
        rig.told.awaitClosed();
        assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
        assertThat(server.transcript()).contains("GOAWAY 0 STREAM_CLOSED");
      }
    }
  }

  @Test
  void resetsOfOneStreamEndItAndAFloodOfThemTheConnection() throws Exception {
    try (var server = FaultServer.start(Http2Floods.resets());
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .hasMessageContaining("CANCEL");
      rig.told.awaitClosed();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("GOAWAY 0 ENHANCE_YOUR_CALM");
    }
  }

  static Stream<Arguments> streamFaults() {
    return Stream.of(
        Arguments.of("no :status", HpackFaults.noStatus(), "status"),
        Arguments.of("upper case", HpackFaults.upperCaseName(), "Content-Type"),
        Arguments.of("late :status", HpackFaults.lateStatus(), "status"),
        Arguments.of("pseudo-header", HpackFaults.unknownPseudoHeader(), "reason"),
        Arguments.of("connection", HpackFaults.connectionHeader(), "connection"),
        Arguments.of("line end", HpackFaults.lineEndInValue(), "line end"),
        Arguments.of("101", HpackFaults.fields(":status", "101"), "101"),
        Arguments.of("bomb", HpackFaults.bomb(10_000), "maxHeaderListSize"),
        Arguments.of("huge field", HpackFaults.hugeField(70_000), "maxHeaderListSize"),
        Arguments.of("many fields", HpackFaults.manyFields(2_500), "maxHeaderListSize"),
        Arguments.of("too short", Http2Faults.wrongLength(10, "hello"), "content-length"),
        Arguments.of("too long", Http2Faults.wrongLength(3, "hello"), "content-length"),
        Arguments.of("interim at the end", Http2Faults.endsWithInterim(), "interim"),
        Arguments.of("too many interims", Http2Faults.informs(17, 103, "hello"), "maxInterim"),
        Arguments.of("trailers without end", Http2Faults.trailersThatDoNotEnd(), "trailers"),
        Arguments.of("DATA first", Http2Faults.bodyFirst(), "DATA before"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streamFaults")
  void aFaultOfAStreamEndsTheStreamOnly(String name, Http2Script.Answer fault, String message)
      throws Exception {
    try (var server =
            FaultServer.start(Http2Script.inTurn(fault, Http2Script.answerOk("the next")));
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .as(name)
          .isInstanceOf(MalformedResponseException.class)
          .hasMessageContaining(message);
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("the next");
      assertThat(server.transcript()).contains("RST_STREAM 1 ");
    }
  }

  @Test
  void interimAnswersWithoutEndEndTheStreamThenTheConnection() throws Exception {
    try (var server = FaultServer.start(Http2Floods.interimAnswers());
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .hasMessageContaining("maxInterim");
      rig.told.awaitClosed();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("GOAWAY 0 ENHANCE_YOUR_CALM");
    }
  }

  static Stream<Arguments> streamWindowFaults() {
    return Stream.of(
        Arguments.of(Http2Faults.windowOverflow(false), "FLOW_CONTROL_ERROR"),
        Arguments.of(Http2Faults.zeroIncrement(false), "PROTOCOL_ERROR"));
  }

  @ParameterizedTest
  @MethodSource("streamWindowFaults")
  void aFaultyWindowOfAStreamEndsTheStream(Http2Script script, String code) throws Exception {
    try (var server = FaultServer.start(script);
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOf(MalformedResponseException.class)
          .hasMessageContaining("WINDOW_UPDATE");
      awaitTranscript(server, "RST_STREAM 1 " + code); // before the socket goes, and it with it
      rig.close();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
    }
  }

  private static void awaitTranscript(FaultServer server, String line) {
    long end = System.nanoTime() + Http2Rig.PATIENCE.toNanos();
    while (!server.transcript().contains(line)) {
      assertThat(System.nanoTime()).as(server.transcript()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void moreThanTheWindowEndsTheStream() throws Exception {
    try (var server = FaultServer.start(Http2Faults.dataBeyondWindow());
        var rig = new Http2Rig(server.uri("/"))) {
      Exchange exchange = rig.exchange();
      exchange.exchange(rig.origin, Http2Rig.get(server.uri("/")));
      var ended = new CountDownLatch(1);
      exchange.onClose(ended::countDown);
      ended.await();
      assertThat(exchange.isOpen()).isFalse();
      assertThatThrownBy(() -> Http2Rig.read(exchange))
          .hasMessageContaining("more of a body than it was allowed to");
      exchange.abandon();
    }
  }

  @Test
  void whatIsWellIsTaken() throws Exception {
    try (var server =
            FaultServer.start(
                Http2Script.inTurn(
                    Http2Faults.unknownFrames(),
                    Http2Faults.padded(200, "hello"),
                    Http2Faults.informs(16, 103, "hello"),
                    Http2Faults.trailers("hello", "x-checksum", "1"),
                    HpackFaults.inPieces(1, "x-a", "b"),
                    HpackFaults.fields(":status", "204"),
                    HpackFaults.fields(":status", "200", "content-length", "5")));
        var rig = new Http2Rig(server.uri("/"))) {
      for (int i = 0; i < 3; i++) {
        assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
      }
      Answer withTrailers = rig.send(Http2Rig.get(server.uri("/")));
      assertThat(withTrailers.text()).isEqualTo("hello");
      assertThat(withTrailers.trailers().map()).isEqualTo(Map.of("x-checksum", List.of("1")));
      Answer inPieces = rig.send(Http2Rig.get(server.uri("/")));
      assertThat(inPieces.head().headers().firstValue("x-a")).contains("b");
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).status()).isEqualTo(204);
      assertThat(rig.send(Http2Rig.request("HEAD", server.uri("/x?y"), null)).status())
          .isEqualTo(200);
    }
  }

  // ---- 50: the connection's end

  @Test
  void acceptedStreamsFinishAfterGoAway() throws Exception {
    for (Http2Script script :
        List.of(Http2Endings.goesAwayAfter(1, "hello"), Http2Endings.goesAwayTwice("hello"))) {
      try (var server = FaultServer.start(script);
          var rig = new Http2Rig(server.uri("/"))) {
        assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
        assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.GOAWAY);
        assertThat(rig.told.retirements).hasValue(1);
        assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
            .isInstanceOf(NotProcessedException.class);
        assertThat(rig.told.retirements).as("by who is refused, before he goes").hasValue(2);
      }
    }
  }

  @Test
  void whatWasNotProcessedMayBeRepeated() throws Exception {
    for (Http2Script script :
        List.of(Http2Endings.goesAwayUnprocessed(), Http2Endings.goesAwayInPlaceOfSettings())) {
      try (var server = FaultServer.start(script);
          var rig = new Http2Rig(server.uri("/"))) {
        assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
            .isInstanceOf(NotProcessedException.class)
            .hasMessageContaining("\"not processed\"");
        assertThat(rig.told.reason).as("to the pool, first").isEqualTo(CloseReason.GOAWAY);
      }
    }
  }

  @Test
  void whatMayHaveBeenProcessedMayNot() throws Exception {
    try (var server =
            FaultServer.start(Http2Endings.goesAwayAbruptly(Http2Error.ENHANCE_YOUR_CALM));
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(NotProcessedException.class)
          .hasMessageContaining("ENHANCE_YOUR_CALM, \"abruptly\"");
    }
  }

  @Test
  void amongSeveralOnlyThoseAboveTheLastAreRepeated() throws Exception {
    try (var server = FaultServer.start(Http2Endings.goesAwayAmong(3, "hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      var outcomes = Concurrently.run(3, () -> rig.send(Http2Rig.get(server.uri("/"))));
      assertThat(outcomes.results()).hasSize(1);
      assertThat(outcomes.failures()).hasSize(2).allMatch(NotProcessedException.class::isInstance);
    }
  }

  @Test
  void aLostConnectionFailsItsStreams() throws Exception {
    try (var server = FaultServer.start(Http2Endings.loses(3));
        var rig = new Http2Rig(server.uri("/"))) {
      var outcomes = Concurrently.run(3, () -> rig.send(Http2Rig.get(server.uri("/"))));
      assertThat(outcomes.failures())
          .hasSize(3)
          .allMatch(e -> e instanceof IOException && !(e instanceof NotProcessedException));
    }
  }

  // ---- 51, 52: streams and windows

  @Test
  void refusedStreamsAreNotProcessed() throws Exception {
    try (var server =
            FaultServer.start(
                Http2Script.inTurn(
                    Http2Faults.refuses(),
                    Http2Faults.requiresHttp1(),
                    Http2Faults.resets(Http2Error.INTERNAL_ERROR),
                    Http2Faults.resetsWithinBody(Http2Error.CANCEL),
                    Http2Script.answerOk("hello")));
        var rig = new Http2Rig(server.uri("/"))) {
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOfSatisfying(
              NotProcessedException.class, e -> assertThat(e.http1Required()).isFalse());
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOfSatisfying(
              NotProcessedException.class, e -> assertThat(e.http1Required()).isTrue());
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isNotInstanceOf(NotProcessedException.class)
          .hasMessageContaining("INTERNAL_ERROR");
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .hasMessageContaining("CANCEL");
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
    }
  }

  @Test
  void theServersLimitIsTold() throws Exception {
    var signal = new CountDownLatch(1);
    try (var server = FaultServer.start(Http2Faults.noStreamsUntil(signal, 1, "hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      rig.told.awaitCapacity(0);
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOf(NotProcessedException.class)
          .hasMessageContaining("0 requests at once");
      signal.countDown();
      rig.told.awaitCapacity(1);
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
    }
  }

  @Test
  void aLimitThatIsLoweredLeavesTheStreamsAlone() throws Exception {
    try (var server = FaultServer.start(Http2Faults.lowersMaxStreams(4, 1, "hello"));
        var rig = new Http2Rig(server.uri("/"))) {
      rig.told.awaitCapacity(4);
      var outcomes = Concurrently.run(4, () -> rig.send(Http2Rig.get(server.uri("/"))).text());
      assertThat(outcomes.results()).containsExactly("hello", "hello", "hello", "hello");
      assertThat(rig.connection.capacity()).isEqualTo(1);
    }
  }

  @Test
  void streamIdsThatAreUsedUpRetireTheConnection() throws Exception {
    try (var server = FaultServer.start(Http2Script.ok("hello"));
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.OPTIONS,
                ExchangeOptions.DEFAULTS,
                Integer.MAX_VALUE - 2)) {
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
      assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.NOT_PERSISTENT);
      assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
          .isInstanceOf(NotProcessedException.class);
    }
  }

  @Test
  void aWindowThatShrinksBelowWhatIsInFlightIsWaitedFor() throws Exception {
    byte[] body = new byte[200_000];
    for (Http2Script script :
        List.of(Http2Faults.shrinksWindow(100, "hello"), Http2Faults.tinyWindows(100, "hello"))) {
      try (var server = FaultServer.start(script);
          var rig = new Http2Rig(server.uri("/"))) {
        Answer answer =
            rig.send(Http2Rig.request("POST", server.uri("/"), BodyPublishers.ofByteArray(body)));
        assertThat(answer.text()).isEqualTo("hello");
        assertThat(server.requests().getFirst().body()).hasSize(body.length);
      }
    }
  }

  @Test
  void aWindowOfNothingMeetsTheDeadline() throws Exception {
    try (var server = FaultServer.start(Http2Faults.tinyWindows(0, "hello"));
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.OPTIONS,
                ExchangeOptions.DEFAULTS.bodyIdleTimeout(Duration.ofMillis(300)))) {
      rig.told.awaitCapacity(Http2Rig.OPTIONS.maxConcurrentStreams());
      Exchange exchange = rig.exchange();
      assertThatThrownBy(
              () ->
                  rig.run(
                      exchange,
                      Http2Rig.request(
                          "POST", server.uri("/"), BodyPublishers.ofByteArray(new byte[10]))))
          .isInstanceOf(IOException.class);
      assertThat(exchange.expired()).isTrue();
      assertThat(rig.send(Http2Rig.get(server.uri("/"))).text()).isEqualTo("hello");
    }
  }

  @Test
  void anEarlyAnswerEndsTheUpload() throws Exception {
    try (var server = FaultServer.start(Http2Faults.answersEarly(413, "too much"));
        var rig = new Http2Rig(server.uri("/"))) {
      for (int i = 0; i < 2; i++) {
        Answer answer =
            rig.send(
                Http2Rig.request(
                    "POST", server.uri("/"), BodyPublishers.ofByteArray(new byte[10_000_000])));
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.text()).isEqualTo("too much");
      }
    }
  }

  // ---- 56: silence

  @Test
  void settingsThatAreNeverAcknowledgedEndTheConnection() throws Exception {
    try (var server = FaultServer.start(Http2Faults.neverAcknowledges("hello"));
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.pings(Duration.ofSeconds(30), Duration.ofMillis(500)),
                ExchangeOptions.DEFAULTS)) {
      rig.told.awaitClosed();
      assertThat(server.awaitAllClosed(Http2Rig.PATIENCE)).isTrue();
      assertThat(server.transcript()).contains("GOAWAY 0 SETTINGS_TIMEOUT");
    }
  }

  @Test
  void aDeadPeerIsNoticedWhileAResponseIsAwaited() throws Exception {
    for (Http2Script script : List.of(Http2Faults.answersNothing(), Http2Faults.stopsReading())) {
      try (var server = FaultServer.start(script);
          var rig =
              new Http2Rig(
                  server.uri("/"),
                  Http2Rig.pings(Duration.ofMillis(400), Duration.ofMillis(400)),
                  ExchangeOptions.DEFAULTS)) {
        assertThatThrownBy(() -> rig.send(Http2Rig.get(server.uri("/"))))
            .hasMessageContaining("no sign of life");
        assertThat(rig.told.awaitClosed()).isEqualTo(CloseReason.EXCHANGE_FAILED);
      }
    }
  }

  @Test
  void aWriterThatIsStuckDoesNotHideADeadPeer() throws Exception {
    try (var server = FaultServer.builder().receiveBuffer(4096).start(Http2Faults.stopsReading());
        var rig =
            new Http2Rig(
                server.uri("/"),
                Http2Rig.pings(Duration.ofMillis(500), Duration.ofMillis(500)),
                ExchangeOptions.DEFAULTS)) {
      rig.told.awaitCapacity(Http2Rig.OPTIONS.maxConcurrentStreams());
      // Each within its window, so that the socket is what gets full.
      var outcomes =
          Concurrently.run(
              100,
              () ->
                  rig.send(
                      Http2Rig.request(
                          "POST",
                          server.uri("/?" + "q".repeat(6_000)),
                          BodyPublishers.ofByteArray(new byte[60_000]))));
      assertThat(outcomes.failures()).hasSize(100);
      rig.told.awaitClosed();
    }
  }
}
