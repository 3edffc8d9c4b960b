package dev.hawser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Frame;
import dev.hawser.faults.Peer;
import dev.hawser.faults.Received;
import dev.hawser.faults.Script;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * WebSocket servers that do wrong: the listener gets one error, the server the code that RFC 6455
 * has for it, and nothing is left behind.
 */
@Tag("one-carrier")
@Timeout(60)
class WebSocketFaultsTest extends WithClient {
  private static final int DEFLATED = Frame.FIN | Frame.RSV1 | Frame.TEXT;

  @Override
  HawserClient.Builder options() {
    return Hawser.newBuilder()
        .webSocket(
            w ->
                w.compression(true)
                    .maxFrame(10_000)
                    .maxMessage(15_000)
                    .maxInflated(12_000)
                    .closeTimeout(Duration.ofMillis(400)));
  }

  private WebSocket open(FaultServer server, WebSocket.Listener listener) throws Exception {
    return client
        .newWebSocketBuilder()
        .buildAsync(WebSocketContract.uri(server), listener)
        .get(20, TimeUnit.SECONDS);
  }

  /** Frames, in hex, and the code that answers them. */
  private record Wrong(String what, String frames, int code) {
    @Override
    public String toString() {
      return what;
    }
  }

  private static String hex(Frame... frames) {
    var bytes = new ByteArrayOutputStream();
    for (Frame frame : frames) {
      bytes.writeBytes(frame.bytes());
    }
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private static byte[] deflate(byte[] message) {
    var deflater = new Deflater(9, true);
    deflater.setInput(message);
    byte[] output = new byte[message.length + 100];
    int length = deflater.deflate(output, 0, output.length, Deflater.SYNC_FLUSH) - 4;
    deflater.end();
    return java.util.Arrays.copyOf(output, length);
  }

  static List<Wrong> wrongs() {
    byte fin = (byte) Frame.FIN;
    return List.of(
        new Wrong("masked", hex(new Frame(fin | Frame.TEXT, true, new byte[] {'x'})), 1002),
        new Wrong("RSV2", hex(Frame.of(fin | 0x20 | Frame.TEXT, (byte) 'x')), 1002),
        new Wrong("RSV3", hex(Frame.of(fin | 0x10 | Frame.TEXT, (byte) 'x')), 1002),
        new Wrong("RSV1 of a ping", hex(Frame.of(fin | Frame.RSV1 | Frame.PING)), 1002),
        new Wrong(
            "RSV1 of a continuation", hex(Frame.of(Frame.TEXT), Frame.of(fin | Frame.RSV1)), 1002),
        new Wrong("opcode 3", hex(Frame.of(fin | 3)), 1002),
        new Wrong("opcode 7", hex(Frame.of(fin | 7)), 1002),
        new Wrong("opcode 11", hex(Frame.of(fin | 11)), 1002),
        new Wrong("opcode 15", hex(Frame.of(fin | 15)), 1002),
        new Wrong("2^63", "827f8000000000000000", 1002),
        new Wrong("2^64-1", "827fffffffffffffffff", 1002),
        new Wrong("125 in 2 bytes", "827e007d", 1002),
        new Wrong("65535 in 8 bytes", "827f000000000000ffff", 1002),
        new Wrong("half a ping", hex(Frame.of(Frame.PING)), 1002),
        new Wrong("half a close", hex(Frame.of(Frame.CLOSE)), 1002),
        new Wrong("a ping of 126", hex(Frame.of(fin | Frame.PING, new byte[126])), 1002),
        new Wrong("a close of 126", hex(Frame.of(fin | Frame.CLOSE, new byte[126])), 1002),
        new Wrong("a continuation of nothing", hex(Frame.of(fin)), 1002),
        new Wrong("text in text", hex(Frame.of(Frame.TEXT), Frame.of(fin | Frame.TEXT)), 1002),
        new Wrong("binary in text", hex(Frame.of(Frame.TEXT), Frame.of(Frame.BINARY)), 1002),
        new Wrong("no UTF-8", "8101ff", 1007),
        new Wrong("a surrogate in UTF-8", "8103eda080", 1007),
        new Wrong("overlong UTF-8", "8102c0af", 1007),
        new Wrong("beyond Unicode", "8104f4908080", 1007),
        new Wrong("half a character at the end", "8102e282", 1007),
        new Wrong("half a character, then another", "0102e28280016180" + "00", 1007),
        new Wrong("half a character, split, at the end", "0101e2" + "000182" + "8000", 1007),
        new Wrong("half a code", hex(Frame.of(fin | Frame.CLOSE, (byte) 3)), 1002),
        new Wrong("code 0", hex(Frame.close(0, "")), 1002),
        new Wrong("code 999", hex(Frame.close(999, "")), 1002),
        new Wrong("code 1004", hex(Frame.close(1004, "")), 1002),
        new Wrong("code 1005", hex(Frame.close(1005, "")), 1002),
        new Wrong("code 1006", hex(Frame.close(1006, "")), 1002),
        new Wrong("code 1010", hex(Frame.close(1010, "")), 1002),
        new Wrong("code 1015", hex(Frame.close(1015, "")), 1002),
        new Wrong("code 1016", hex(Frame.close(1016, "")), 1002),
        new Wrong("code 2999", hex(Frame.close(2999, "")), 1002),
        new Wrong("a reason that is no UTF-8", "880403e8c0af", 1007),
        new Wrong("a large frame", hex(Frame.of(fin | Frame.BINARY, new byte[10_001])), 1009),
        new Wrong("2^63-1", "827f7fffffffffffffff", 1009),
        new Wrong(
            "a large message",
            hex(Frame.of(Frame.BINARY, new byte[9_000]), Frame.of(fin, new byte[9_000])),
            1009),
        new Wrong("a bomb", hex(Frame.of(DEFLATED, deflate(new byte[1_000_000]))), 1009),
        new Wrong("no deflate", hex(Frame.of(DEFLATED, (byte) -1, (byte) -1, (byte) -1)), 1007));
  }

  @ParameterizedTest
  @MethodSource("wrongs")
  void isToldAndClosed(Wrong wrong) throws Exception {
    var code = new CompletableFuture<Integer>();
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              peer.send(
                  Frame.acceptance(request)
                      + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
              peer.send(HexFormat.of().parseHex(wrong.frames()));
              code.complete(Frame.readUntil(peer, Frame.CLOSE).code());
              assertThat(peer.clientCloses(PATIENCE)).isTrue();
            });
    var heard = new Heard();
    WebSocket webSocket = open(server, heard);

    assertThat(heard.error.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining(Integer.toString(wrong.code()));
    assertThat(webSocket.isInputClosed()).isTrue();
    assertThat(webSocket.isOutputClosed()).isTrue();
    assertThat(code.get(20, TimeUnit.SECONDS)).isEqualTo(wrong.code());
    assertThat(heard.closed).isNotDone();
  }

  @Test
  void aFrameThatIsCutIsAnError() throws Exception {
    for (String cut : List.of("81", "817e00", "8105616263", "0101" + "61", "c105616263")) {
      var server =
          server(
              peer -> {
                Received request = peer.readRequest();
                peer.send(
                    Frame.acceptance(request)
                        + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
                peer.send(HexFormat.of().parseHex(cut));
              });
      var heard = new Heard();
      open(server, heard);

      assertThat(heard.error.get(20, TimeUnit.SECONDS)).as(cut).isInstanceOf(EOFException.class);
    }
  }

  // ---- the handshake

  @ParameterizedTest
  @ValueSource(
      strings = {
        "permessage-deflate; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; what",
        "permessage-deflate, permessage-deflate",
        "permessage-bzip2"
      })
  void extensionsThatWereNotAskedForAreRefused(String extensions) throws Exception {
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              assertThat(request.header("sec-websocket-extensions"))
                  .containsExactly("permessage-deflate");
              peer.send(
                  Frame.acceptance(request)
                      + "Sec-WebSocket-Extensions: "
                      + extensions
                      + "\r\n\r\n");
              assertThat(peer.clientCloses(PATIENCE)).isTrue();
            });

    Throwable failure =
        WebSocketContract.failure(
            client.newWebSocketBuilder().buildAsync(WebSocketContract.uri(server), new Heard()));

    assertThat(failure).isInstanceOf(WebSocketHandshakeException.class);
    assertThat(failure.getCause()).hasMessageContaining("not asked for");
  }

  @Test
  void whatIsNoHttpFailsWithTheUsualExplanation() throws Exception {
    var server = server(peer -> peer.send("SSH-2.0-OpenSSH_9.2\r\n"), Script.answer("\r\nHello"));
    for (int i = 0; i < 2; i++) {
      Throwable failure =
          WebSocketContract.failure(
              client.newWebSocketBuilder().buildAsync(WebSocketContract.uri(server), new Heard()));

      assertThat(failure).isInstanceOf(ExchangeFailure.class).isInstanceOf(IOException.class);
      assertThat(failure).hasMessageContaining("127.0.0.1").hasMessageContaining("the server sent");
    }
  }

  @Test
  void theTimeoutNamesItsPhase() throws Exception {
    var tls = server(Script.neverRead());
    var http = server(Script.answerAndStall("HTTP/1.1 101 "));

    assertThat(timedOut("wss", tls))
        .isInstanceOf(ConnectTimeoutException.class)
        .hasMessageContaining("connectTimeout of 300 ms passed while in the TLS handshake");
    assertThat(timedOut("ws", http))
        .isInstanceOf(ExchangeTimeoutException.class)
        .hasMessageContaining("connectTimeout of 300 ms passed while waiting for the response");
  }

  private Throwable timedOut(String scheme, FaultServer server) throws Exception {
    return WebSocketContract.failure(
        client
            .newWebSocketBuilder()
            .connectTimeout(Duration.ofMillis(300))
            .buildAsync(
                java.net.URI.create(scheme + "://127.0.0.1:" + server.uri("/").getPort()),
                new Heard()));
  }

  @Test
  void cancellingTheFutureEndsTheHandshake() throws Exception {
    var asked = new CountDownLatch(1);
    var closed = new CompletableFuture<Boolean>();
    var server =
        server(
            peer -> {
              peer.readRequest();
              asked.countDown();
              closed.complete(peer.clientCloses(PATIENCE));
            });
    CompletableFuture<WebSocket> future =
        client.newWebSocketBuilder().buildAsync(WebSocketContract.uri(server), new Heard());
    asked.await();

    assertThat(future.cancel(true)).isTrue();
    assertThat(closed.get(20, TimeUnit.SECONDS)).isTrue();
  }

  // ---- peers that do nothing

  @Test
  void aCloseThatIsNotAnsweredIsBounded() throws Exception {
    var server = server(WebSocketContract.accepting(Peer::stall));
    for (boolean asking : new boolean[] {true, false}) {
      var heard = new Heard(asking);
      WebSocket webSocket = open(server, heard);

      webSocket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(20, TimeUnit.SECONDS);

      assertThat(heard.error.get(20, TimeUnit.SECONDS))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("webSocket.closeTimeout");
    }
  }

  @Test
  void aServerThatGoesOnAfterOurCloseIsHeard() throws Exception {
    var server =
        server(
            WebSocketContract.accepting(
                peer -> {
                  Frame.readUntil(peer, Frame.CLOSE);
                  for (int i = 0; i < 6; i++) { // longer than the time-out, in all
                    peer.pause(Duration.ofMillis(100));
                    peer.send(Frame.text("still").bytes());
                  }
                  peer.send(Frame.close(1000, "").bytes());
                }));
    var heard = new Heard();
    open(server, heard).sendClose(1000, "");

    assertThat(heard.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1000);
  }

  @Test
  void aServerThatDoesNotReadDoesNotHoldASendForEver() throws Exception {
    try (var impatient =
        Hawser.newBuilder().webSocket(w -> w.sendTimeout(Duration.ofMillis(300))).build()) {
      var server =
          server(
              FaultServer.builder().receiveBuffer(4096), WebSocketContract.accepting(Peer::freeze));
      var heard = new Heard();
      WebSocket webSocket =
          impatient
              .newWebSocketBuilder()
              .buildAsync(WebSocketContract.uri(server), heard)
              .get(20, TimeUnit.SECONDS);

      Throwable failure =
          WebSocketContract.failure(
              webSocket.sendBinary(ByteBuffer.allocate(64 * 1024 * 1024), true));

      assertThat(failure)
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("webSocket.sendTimeout");
      assertThat(heard.error.get(20, TimeUnit.SECONDS))
          .hasMessageContaining("webSocket.sendTimeout");
    }
  }

  @Test
  void aQuietServerIsGivenUpWhereThatIsWanted() throws Exception {
    try (var impatient =
        Hawser.newBuilder().webSocket(w -> w.idleTimeout(Duration.ofMillis(300))).build()) {
      var server = server(WebSocketContract.accepting(Peer::stall));
      var heard = new Heard();
      CompletableFuture<WebSocket> opened =
          impatient.newWebSocketBuilder().buildAsync(WebSocketContract.uri(server), heard);
      opened.get(20, TimeUnit.SECONDS);

      assertThat(heard.error.get(20, TimeUnit.SECONDS))
          .isInstanceOf(HttpTimeoutException.class)
          .hasMessageContaining("webSocket.idleTimeout");
    }
  }

  // ---- floods

  @Test
  void aFloodOfPingsIsAnsweredWithWhatThereIsRoomFor() throws Exception {
    int pings = 5_000;
    var last = new CompletableFuture<String>();
    var server =
        server(
            WebSocketContract.accepting(
                peer -> {
                  for (int i = 0; i < pings; i++) {
                    peer.send(Frame.of(Frame.FIN | Frame.PING, ("" + i).getBytes()).bytes());
                  }
                  String pong = "";
                  while (!pong.equals("" + (pings - 1))) {
                    pong = Frame.readUntil(peer, Frame.PONG).text();
                  }
                  last.complete(pong);
                  peer.send(Frame.close(1000, "").bytes());
                  Frame.readUntil(peer, Frame.CLOSE);
                }));
    var heard = new Heard();
    open(server, heard);

    assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo("4999");
    assertThat(heard.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1000);
  }

  @Test
  void aPingIsAnsweredInTheMiddleOfALargeMessage() throws Exception {
    var fragmentsBefore = new CompletableFuture<Integer>();
    var server =
        server(
            WebSocketContract.accepting(
                peer -> {
                  peer.send(Frame.of(Frame.FIN | Frame.PING).bytes());
                  int fragments = 0;
                  boolean last = false;
                  while (!last) {
                    Frame frame = Frame.read(peer);
                    if (frame.opcode() == Frame.PONG) {
                      fragmentsBefore.complete(fragments);
                    } else {
                      fragments++;
                      last = frame.first() >= Frame.FIN;
                    }
                  }
                  peer.send(Frame.close(1000, "").bytes());
                  Frame.readUntil(peer, Frame.CLOSE);
                }));
    var heard = new Heard(false);
    WebSocket webSocket =
        open(
            server,
            new Heard() {
              @Override
              public void onOpen(WebSocket opened) {
                opened.sendBinary(ByteBuffer.allocate(16 * 1024 * 1024), true);
                opened.request(Long.MAX_VALUE);
              }
            });
    assertThat(heard.silent()).isTrue();

    assertThat(fragmentsBefore.get(20, TimeUnit.SECONDS)).isLessThan(16);
    webSocket.abort();
  }

  @Test
  void textComesOutAsItWentIn() throws Exception {
    var server =
        server(
            peer -> {
              Received request = peer.readRequest();
              peer.send(
                  Frame.acceptance(request)
                      + "Sec-WebSocket-Extensions: permessage-deflate;"
                      + " server_no_context_takeover; server_max_window_bits=\"12\"\r\n\r\n");
              for (String text : List.of("Hello", "Hello", "", "wörld ".repeat(1_000))) {
                byte[] deflated = deflate(text.getBytes(StandardCharsets.UTF_8));
                int half = deflated.length / 2;
                peer.send(
                    Frame.of(Frame.RSV1 | Frame.TEXT, java.util.Arrays.copyOf(deflated, half))
                        .bytes());
                peer.send(
                    Frame.of(
                            Frame.FIN,
                            java.util.Arrays.copyOfRange(deflated, half, deflated.length))
                        .bytes());
              }
              peer.send(Frame.text("as it is").bytes());
              // RFC 7692 7.2.3.3 to 7.2.3.5: stored; the last block marked as such; two blocks
              for (String block :
                  List.of(
                      "c10b000500faff48656c6c6f00",
                      "c108f348cdc9c9070000",
                      "c10df248050000 00ffffcac9c90700".replace(" ", ""))) {
                peer.send(HexFormat.of().parseHex(block));
              }
              peer.send(Frame.close(1000, "").bytes());
              Frame.readUntil(peer, Frame.CLOSE);
            });
    var heard = new Heard();
    open(server, heard);

    assertThat(heard.next()).isEqualTo("open");
    for (String text :
        List.of(
            "Hello", "Hello", "", "wörld ".repeat(1_000), "as it is", "Hello", "Hello", "Hello")) {
      assertThat(heard.next()).isEqualTo("text " + text);
    }
  }
}
