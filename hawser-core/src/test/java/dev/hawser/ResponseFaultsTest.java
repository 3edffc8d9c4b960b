package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faulty answers, over real sockets: a typed error on time that says what and where, the connection
 * closed and never used again, nothing leaked, and the next call works. In the texts, {@code ~}
 * stands for CRLF.
 */
@Timeout(30)
class ResponseFaultsTest {
  private HawserClient client;

  @BeforeEach
  void openClient() {
    client =
        Hawser.newBuilder()
            .exchange(
                e -> e.headTimeout(Duration.ofMillis(700)).bodyIdleTimeout(Duration.ofMillis(700)))
            .build();
  }

  @AfterEach
  void nothingIsLeaked() throws Exception {
    try (var server = FaultServer.start(Script.ok("fine"))) {
      assertThat(get(server)).isEqualTo("fine");
    }
    ClientSnapshot snapshot = client.snapshot();
    assertThat(snapshot.leased()).isZero();
    assertThat(snapshot.waiting()).isZero();
    client.close();
    assertThat(client.isTerminated()).isTrue();
    assertThat(client.snapshot().open()).isZero();
    assertThat(client.snapshot().bufferBytes()).isZero();
  }

  private String get(FaultServer server) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
        .body();
  }

  static Stream<Arguments> malformed() {
    String ok = "HTTP/1.1 200 OK~";
    String chunked = ok + "Transfer-Encoding: chunked~~";
    return Stream.of(
        Arguments.of("1 SSH banner", "SSH-2.0-OpenSSH_9.6~", "SSH server"),
        Arguments.of("1 TLS record", "\u0015\u0003\u0003\u0000\u0002\u0002F", "TLS: use https"),
        Arguments.of("1 HTTP/0.9", "<html>hello", "HTTP/0.9"),
        Arguments.of("1 HTTP/2 frame", "\0\0\u0012\u0004\0\0\0\0\0\0\0", "HTTP/2 frame"),
        Arguments.of("1 HTTP/2.0", "HTTP/2.0 200 OK~~", "another version"),
        Arguments.of("1 code 99", "HTTP/1.1 99 X~~", "no HTTP/1.1 status line"),
        Arguments.of("1 code 1000", "HTTP/1.1 1000 X~~", "no HTTP/1.1 status line"),
        Arguments.of("3 space before colon", ok + "A : b~~", "white space before the colon"),
        Arguments.of("3 no colon", ok + "nonsense~~", "without a colon"),
        Arguments.of("3 NUL", ok + "A: b\0c~~", "NUL"),
        Arguments.of("3 bare CR", ok + "A: b\rc~~", "bare CR"),
        Arguments.of(
            "4 two lengths", ok + "Content-Length: 4~Content-Length: 5~~hello", "different values"),
        Arguments.of("4 negative", ok + "Content-Length: -5~~hello", "not one number"),
        Arguments.of("4 plus", ok + "Content-Length: +5~~hello", "not one number"),
        Arguments.of(
            "4 huge", ok + "Content-Length: 99999999999999999999~~hello", "not one number"),
        Arguments.of("5 both", ok + "Content-Length: 5~Transfer-Encoding: chunked~~0~~", "both"),
        Arguments.of(
            "5a gzip, chunked", ok + "Transfer-Encoding: gzip, chunked~~0~~", "did not ask"),
        Arguments.of("5a xchunked", ok + "Transfer-Encoding: xchunked~~0~~", "unknown"),
        Arguments.of("6 not hex", chunked + "xyz~hello~0~~", "no hexadecimal"),
        Arguments.of("6 0x", chunked + "0x5~hello~0~~", "after a chunk size"),
        Arguments.of("6 negative", chunked + "-5~hello~0~~", "no hexadecimal"),
        Arguments.of("6 17 digits", chunked + "00000000000000005~hello~0~~", "chunk size"),
        Arguments.of("6 beyond 2^63", chunked + "ffffffffffffffff~hello~0~~", "chunk size"),
        Arguments.of(
            "6 extension", chunked + "5;" + "x".repeat(5000) + "~hello~0~~", "maxChunkExtension"),
        Arguments.of("6 no CRLF after data", chunked + "5~helloXX0~~", "CRLF after a chunk"),
        Arguments.of("6 bare LF", chunked + "5\nhello~0~~", "after a chunk size"),
        Arguments.of(
            "6 endless trailers", chunked + "0~" + "A: b~".repeat(20_000), "trailer section"),
        Arguments.of("7 short chunked", chunked + "5~hel", "before its last chunk"),
        Arguments.of(
            "7 short length", ok + "Content-Length: 10~~hel", "closed after 3 of 10 bytes"),
        Arguments.of("10 thousands of 1xx", "HTTP/1.1 102 Processing~~".repeat(3000), "maxInterim"),
        Arguments.of("10 101", "HTTP/1.1 101 Switching Protocols~~", "101"),
        Arguments.of("13 before any byte", "", "closed before any byte"),
        Arguments.of(
            "13 in the status line", "HTTP/1.1 20", "in the middle of the response's head"),
        Arguments.of("13 in a header", ok + "Content-Le", "in the middle of the response's head"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void isAnErrorAndTheConnectionIsClosed(String name, String response, String message)
      throws Exception {
    try (var server = FaultServer.start(Script.answer(response.replace("~", "\r\n")))) {

      Throwable thrown = catchThrowable(() -> get(server));

      assertThat(thrown)
          .as(name)
          .isInstanceOf(ExchangeException.class)
          .hasMessageContaining(message);
      assertThat(thrown).hasMessageContaining("http://" + server.authority());
      var details = ((ExchangeFailure) thrown).details();
      assertThat(details.phase()).isIn(Phase.FIRST_BYTE, Phase.BODY);
      assertThat(details.connection()).isPresent();
      assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
      assertThat(server.connections()).as("never repeated on a fresh connection").isEqualTo(1);
      assertThat(server.failures()).isEmpty();
    }
  }

  @Test
  void row2EndlessStatusLineAndHeadersEndAtTheLimit() throws Exception {
    for (String endless :
        new String[] {
          "HTTP/1.1 200 " + "x".repeat(1000),
          "HTTP/1.1 200 OK\r\n" + "A: " + "b".repeat(997) + "\r\n"
        }) {
      try (var server =
          FaultServer.start(
              peer -> {
                peer.readRequest();
                peer.send(endless);
                peer.sendForever("y".repeat(1000), 50_000_000);
              })) {
        assertThatThrownBy(() -> get(server))
            .isInstanceOf(ExchangeException.class)
            .hasMessageContaining("http1.max");
        assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
      }
    }
  }

  @Test
  void row2AHundredThousandHeadersEndAtTheLimit() throws Exception {
    try (var server =
        FaultServer.start(Script.answer("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(100_000)))) {
      assertThatThrownBy(() -> get(server)).hasMessageContaining("http1.maxHeaders");
    }
  }

  @Test
  void row2AHeadLargerThanTheBufferWorks() throws Exception {
    String large = "A: " + "b".repeat(20_000) + "\r\nB: " + "c".repeat(20_000) + "\r\n";
    try (var server =
        FaultServer.start(
            Script.answer("HTTP/1.1 200 OK\r\n" + large + "Content-Length: 5\r\n\r\nhello"))) {
      var response =
          client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString());
      assertThat(response.body()).isEqualTo("hello");
      assertThat(response.headers().firstValue("B").orElseThrow()).hasSize(20_000);
    }
  }

  static Stream<Arguments> odd() {
    String ok = "HTTP/1.1 200 OK~";
    return Stream.of(
        Arguments.of("1 no reason phrase", "HTTP/1.1 200~Content-Length: 5~~hello"),
        Arguments.of("3 folded line", ok + "A: b~ c~Content-Length: 5~~hello"),
        Arguments.of("3 bare LF", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"),
        Arguments.of("4 5, 5", ok + "Content-Length: 5, 5~~hello"),
        Arguments.of("5a until close", ok + "Transfer-Encoding: identity~~hello"),
        Arguments.of(
            "6 extensions and leading zeros",
            ok + "Transfer-Encoding: chunked~~0005;a=b~hello~0;x~T: r~~"),
        Arguments.of("6 many chunks", ok + "Transfer-Encoding: chunked~~1~h~1~e~1~l~1~l~1~o~0~~"),
        Arguments.of("8 close-delimited", ok + "~hello"),
        Arguments.of(
            "10 interim answers",
            "HTTP/1.1 100 Continue~~HTTP/1.1 103 Early Hints~Link: x~~"
                + ok
                + "Content-Length: 5~~hello"),
        Arguments.of("13a HTTP/1.0", "HTTP/1.0 200 OK~Content-Length: 5~~hello"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("odd")
  void isAccepted(String name, String response) throws Exception {
    try (var server = FaultServer.start(Script.answer(response.replace("~", "\r\n")))) {
      assertThat(get(server)).as(name).isEqualTo("hello");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("odd")
  void isAcceptedByteByByte(String name, String response) throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.sendByteByByte(response.replace("~", "\r\n"));
            })) {
      assertThat(get(server)).as(name).isEqualTo("hello");
    }
  }

  @Test
  void row8AResetAfterTheWholeBodyIsNoFailure() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.ok("hello");
              peer.readHead(); // the client's next use; then reset
              peer.reset();
            },
            Script.ok("again"))) {
      assertThat(get(server)).isEqualTo("hello");
      assertThat(get(server)).isEqualTo("again"); // repeated on a fresh connection
      assertThat(client.snapshot().counters().repeats()).isEqualTo(1);
    }
  }

  @Test
  void row9BytesAfterAnAnswerAreNeverMatchedToTheNextRequest() throws Exception {
    try (var server =
        FaultServer.start(
            Script.answerAndStall(
                "HTTP/1.1 200 OK\r\n"
                    + "Content-Length: 5\r\n\r\n"
                    + "helloHTTP/1.1 200 OK\r\n"
                    + "Content-Length: 4\r\n\r\n"
                    + "evil"),
            Script.ok("good"))) {
      assertThat(get(server)).isEqualTo("hello");
      assertThat(get(server)).isEqualTo("good");
      assertThat(client.snapshot().counters().closed()).containsKey(CloseReason.UNSOLICITED_BYTES);
    }
  }

  @Test
  void row11NoBodyIsReadWhereThereIsNone() throws Exception {
    for (String head : new String[] {"HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified"}) {
      try (var server =
          FaultServer.start(
              Script.answerAndStall(head + "\r\nContent-Length: 4\r\n\r\nevil"),
              Script.ok("good"))) {
        assertThat(get(server)).isEmpty();
        assertThat(get(server)).isEqualTo("good");
        assertThat(server.connections()).isEqualTo(2);
      }
    }
  }

  @Test
  void row11AHeadResponseHasItsLengthAndNoBody() throws Exception {
    try (var server =
        FaultServer.start(
            Script.keepAlive(
                peer -> peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")))) {
      var head =
          HttpRequest.newBuilder(server.uri("/"))
              .method("HEAD", HttpRequest.BodyPublishers.noBody())
              .build();
      for (int i = 0; i < 2; i++) {
        var response = client.send(head, BodyHandlers.ofString());
        assertThat(response.body()).isEmpty();
        assertThat(response.headers().firstValueAsLong("content-length")).hasValue(1000);
      }
      assertThat(server.connections()).isEqualTo(1);
    }
  }

  @Test
  void row13aWhatIsNotPersistentIsNeverPooled() throws Exception {
    for (String answer : new String[] {"HTTP/1.1 200 OK\r\nConnection: close", "HTTP/1.0 200 OK"}) {
      try (var server =
          FaultServer.start(Script.answerAndStall(answer + "\r\nContent-Length: 5\r\n\r\nhello"))) {
        get(server);
        get(server);
        assertThat(server.connections()).isEqualTo(2);
        assertThat(client.snapshot().idle()).isZero();
      }
    }
  }

  @Test
  void row14SilenceEndsAtTheHeadDeadline() throws Exception {
    try (var server = FaultServer.start(Script.answerAndStall("HTTP/1.1 200 OK\r\nA: b"))) {
      assertThatThrownBy(() -> get(server))
          .isInstanceOf(ExchangeTimeoutException.class)
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("exchange.headTimeout");
    }
  }

  @Test
  void row14AStalledBodyEndsAtTheBodyIdleDeadline() throws Exception {
    try (var server =
        FaultServer.start(
            Script.answerAndStall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"))) {
      assertThatThrownBy(() -> get(server))
          .isInstanceOf(ExchangeTimeoutException.class)
          .hasMessageContaining("exchange.bodyIdleTimeout");
    }
  }

  @Test
  void row14ADripIsBoundedByTheRequestsTimeout() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
              while (!peer.clientCloses(Duration.ofMillis(50))) {
                peer.send("x");
              }
            })) {
      var request = HttpRequest.newBuilder(server.uri("/")).timeout(Duration.ofMillis(900)).build();
      assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("timeout of 900 ms");
      assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
    }
  }

  @Test
  void row14AHeaderDripIsBoundedByTheHeadDeadline() throws Exception {
    try (var server =
        FaultServer.start(
            peer -> {
              peer.readRequest();
              peer.send("HTTP/1.1 200 OK\r\nA: ");
              while (!peer.clientCloses(Duration.ofMillis(50))) {
                peer.send("x");
              }
            })) {
      assertThatThrownBy(() -> get(server)).isInstanceOf(ExchangeTimeoutException.class);
      assertThat(server.awaitAllClosed(Duration.ofSeconds(5))).isTrue();
    }
  }
}
