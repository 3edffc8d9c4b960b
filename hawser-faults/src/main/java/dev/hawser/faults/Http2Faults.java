package dev.hawser.faults;

import static dev.hawser.faults.Http2Frame.END_HEADERS;
import static dev.hawser.faults.Http2Frame.END_STREAM;

import dev.hawser.faults.Http2Script.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * What servers do wrong in HTTP/2's frames, streams and windows. Scripts are about a connection:
 * they read one request, do it, and let the client close. Answers are about a stream; the
 * connection goes on.
 *
 * {@snippet :
 * FaultServer.start(Http2Faults.frameTooLarge(), Http2Script.ok("hello"));
 * FaultServer.start(Http2Script.inTurn(Http2Faults.refuses(), Http2Script.answerOk("hello")));
 * }
 *
 * @see Http2Endings
 * @see Http2Floods
 * @see HpackFaults
 */
public final class Http2Faults {
  private static final long MOST_INCREMENT = Integer.MAX_VALUE;

  private Http2Faults() {}

  /** Any fault about a connection: this with the first request, and then nothing but reading. */
  public static Http2Script onFirstRequest(Answer fault) {
    return peer -> {
      peer.handshake();
      fault.answer(peer, peer.readRequest());
      peer.stall();
    };
  }

  // ---- frames

  /** Speaks HTTP/1.1 to a client that has begun HTTP/2. */
  public static Http2Script speaksHttp1() {
    return peer -> {
      peer.readPreface();
      peer.send(
          "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      peer.stall();
    };
  }

  /** Begins with a PING where SETTINGS must be. */
  public static Http2Script beginsWithoutSettings() {
    return peer -> {
      peer.readPreface();
      peer.ping(1);
      peer.stall();
    };
  }

  /** Sends any frame, for example one that has no place there, with the first request. */
  public static Http2Script sends(Http2Frame frame) {
    return onFirstRequest((peer, _) -> peer.send(frame));
  }

  /** Announces a setting that has a forbidden value, or none of ours, in its first SETTINGS. */
  public static Http2Script announces(int identifier, long value) {
    return peer -> {
      peer.handshake(Http2Settings.none().with(identifier, value));
      Http2Request request = peer.readRequest();
      peer.ok(request, "hello");
      peer.stall();
    };
  }

  /** DATA with one byte more than the client takes. */
  public static Http2Script frameTooLarge() {
    return onFirstRequest(
        (peer, request) -> {
          long most = peer.clientSettings().value(Http2Settings.MAX_FRAME_SIZE);
          peer.headers(request.stream(), 200);
          peer.send(Http2Frame.data(request.stream(), END_STREAM, new byte[(int) most + 1]));
        });
  }

  /** SETTINGS of five bytes. */
  public static Http2Script oddSettings() {
    return sends(new Http2Frame(Http2Frame.SETTINGS, 0, 0, new byte[5]));
  }

  /** An acknowledgement of SETTINGS that has settings in it. */
  public static Http2Script settingsAckWithPayload() {
    return sends(new Http2Frame(Http2Frame.SETTINGS, Http2Frame.ACK, 0, new byte[6]));
  }

  /** A frame of this type on stream 0, where only the connection's have a place. */
  public static Http2Script onStreamZero(int type) {
    return sends(new Http2Frame(type, END_HEADERS, 0, payload(type)));
  }

  /** A frame of this type with so many bytes: for those that have a length of their own. */
  public static Http2Script wrongLength(int type, int length) {
    return onFirstRequest(
        (peer, request) -> {
          boolean ofConnection = type == Http2Frame.PING || type == Http2Frame.GOAWAY;
          int stream = ofConnection ? 0 : request.stream();
          peer.send(new Http2Frame(type, 0, stream, new byte[length]));
        });
  }

  /** SETTINGS, PING or GOAWAY on the request's stream. */
  public static Http2Script connectionFrameOnStream(int type) {
    return onFirstRequest(
        (peer, request) -> peer.send(new Http2Frame(type, 0, request.stream(), payload(type))));
  }

  /** A payload that is well by itself, so that only the stream is wrong. */
  private static byte[] payload(int type) {
    return switch (type) {
      case Http2Frame.HEADERS, Http2Frame.CONTINUATION -> new byte[] {(byte) 0x88}; // status 200
      case Http2Frame.RST_STREAM, Http2Frame.WINDOW_UPDATE -> new byte[] {0, 0, 0, 1};
      case Http2Frame.PRIORITY -> new byte[5];
      case Http2Frame.SETTINGS -> new byte[0];
      default -> new byte[8];
    };
  }

  /** DATA whose padding is longer than its payload. */
  public static Http2Script badPadding() {
    return onFirstRequest(
        (peer, request) -> {
          peer.headers(request.stream(), 200);
          peer.send(Http2Frame.data(request.stream(), Http2Frame.PADDED, new byte[] {100, 1, 2}));
        });
  }

  /** A header block that another frame interrupts. */
  public static Http2Script interruptedHeaders() {
    return onFirstRequest(
        (peer, request) -> {
          byte[] block = peer.encode(":status", "200", "x-long", "value");
          peer.send(Http2Frame.headers(request.stream(), 0, Arrays.copyOf(block, 2)));
          peer.ping(1);
        });
  }

  /** CONTINUATION with nothing to continue. */
  public static Http2Script strayContinuation() {
    return onFirstRequest(
        (peer, request) ->
            peer.send(
                Http2Frame.continuation(
                    request.stream(), END_HEADERS, peer.encode(":status", "200"))));
  }

  /** A frame of this type on a stream that the client has not opened. */
  public static Http2Script onIdleStream(int type) {
    return onFirstRequest(
        (peer, request) ->
            peer.send(
                new Http2Frame(
                    type, END_HEADERS | END_STREAM, request.stream() + 100, payload(type))));
  }

  /** HEADERS on a stream of the server's own that nothing promised. */
  public static Http2Script opensStream() {
    return onFirstRequest((peer, _) -> peer.headersOnly(2, 200));
  }

  /** A whole answer, and then more DATA on its stream. */
  public static Http2Script dataAfterEnd() {
    return onFirstRequest(
        (peer, request) -> {
          peer.ok(request, "hello");
          peer.lastData(request.stream(), "more");
        });
  }

  /** A whole answer, and then another's HEADERS on its stream. */
  public static Http2Script headersAfterEnd() {
    return onFirstRequest(
        (peer, request) -> {
          peer.ok(request, "hello");
          peer.headersOnly(request.stream(), 200);
        });
  }

  /** Frames and flags that nobody knows, which a client passes over, around a good answer. */
  public static Answer unknownFrames() {
    return (peer, request) -> {
      peer.send(new Http2Frame(0xfa, 0xff, 0, new byte[] {1, 2, 3}));
      peer.send(new Http2Frame(0xfb, 0xff, request.stream(), new byte[0]));
      peer.fields(request.stream(), END_HEADERS | 0x80, Http2Field.of(":status", "200"));
      peer.send(new Http2Frame(0xfc, 0, request.stream(), new byte[1000]));
      peer.lastData(request.stream(), "hello");
    };
  }

  /** An answer whose frames are padded by so many bytes, which count in the client's windows. */
  public static Answer padded(int padding, String body) {
    return (peer, request) -> {
      peer.headers(request.stream(), 200);
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      byte[] payload = new byte[1 + bytes.length + padding];
      payload[0] = (byte) padding;
      System.arraycopy(bytes, 0, payload, 1, bytes.length);
      peer.send(Http2Frame.data(request.stream(), Http2Frame.PADDED | END_STREAM, payload));
    };
  }

  // ---- streams

  /** RST_STREAM that says that nothing was processed. */
  public static Answer refuses() {
    return resets(Http2Error.REFUSED_STREAM);
  }

  /** RST_STREAM that sends the client to HTTP/1.1. */
  public static Answer requiresHttp1() {
    return resets(Http2Error.HTTP_1_1_REQUIRED);
  }

  /** RST_STREAM in place of an answer. */
  public static Answer resets(Http2Error error) {
    return (peer, request) -> peer.resetStream(request.stream(), error);
  }

  /** RST_STREAM in the middle of a body. */
  public static Answer resetsWithinBody(Http2Error error) {
    return (peer, request) -> {
      peer.headers(request.stream(), 200);
      peer.data(request.stream(), "a part");
      peer.resetStream(request.stream(), error);
    };
  }

  /** Answers when only the head has come, and needs no more: RST_STREAM without an error. */
  public static Http2Script answersEarly(int status, String body) {
    return peer -> {
      peer.handshake();
      while (true) {
        Http2Request head = peer.readHead();
        peer.answer(head, status, body.getBytes(StandardCharsets.UTF_8));
        peer.resetStream(head.stream(), Http2Error.NO_ERROR);
      }
    };
  }

  /** Allows no stream until the test's signal, and so many from then on. */
  public static Http2Script noStreamsUntil(CountDownLatch signal, int streams, String body) {
    return peer -> {
      peer.handshake(Http2Settings.none().maxConcurrentStreams(0));
      peer.awaitSettingsAck();
      peer.connection().await(signal);
      peer.settings(Http2Settings.none().maxConcurrentStreams(streams));
      while (true) {
        peer.ok(peer.readRequest(), body);
      }
    };
  }

  /** Takes so many requests at once, then allows fewer, and answers all when the client knows. */
  public static Http2Script lowersMaxStreams(int from, int to, String body) {
    return peer -> {
      peer.handshake(Http2Settings.none().maxConcurrentStreams(from));
      peer.awaitSettingsAck();
      var open = Http2Endings.readRequests(peer, from);
      peer.settings(Http2Settings.none().maxConcurrentStreams(to));
      peer.awaitSettingsAck();
      for (Http2Request request : open) {
        peer.ok(request, body);
      }
      while (true) {
        peer.ok(peer.readRequest(), body);
      }
    };
  }

  // ---- windows

  /** A window of so many bytes for each stream, opened again as it is used; 0 is for ever. */
  public static Http2Script tinyWindows(int bytes, String body) {
    return Http2Script.inTurn(
        Http2Settings.none().initialWindowSize(bytes), Http2Script.answerOk(body));
  }

  /** Makes the window smaller than what is on its way already: the client's becomes negative. */
  public static Http2Script shrinksWindow(int bytes, String body) {
    return peer -> {
      peer.handshake();
      Http2Request head = peer.readHead();
      peer.settings(Http2Settings.none().initialWindowSize(bytes));
      peer.awaitSettingsAck();
      peer.ok(peer.readRequest(head), body);
      peer.stall();
    };
  }

  /** Opens a stream's window, or the connection's, beyond 2^31 - 1. */
  public static Http2Script windowOverflow(boolean ofConnection) {
    return onFirstRequest(
        (peer, request) -> peer.windowUpdate(ofConnection ? 0 : request.stream(), MOST_INCREMENT));
  }

  /** Opens a stream's window, or the connection's, by nothing. */
  public static Http2Script zeroIncrement(boolean ofConnection) {
    return onFirstRequest(
        (peer, request) -> peer.windowUpdate(ofConnection ? 0 : request.stream(), 0));
  }

  /**
   * Sends more DATA than the client's window has room for. A client that opens its windows as it
   * reads may not notice: its caller must not read.
   */
  public static Http2Script dataBeyondWindow() {
    return onFirstRequest(
        (peer, request) -> {
          peer.headers(request.stream(), 200);
          byte[] much = new byte[16_384];
          long window = peer.window(request.stream());
          for (long sent = 0; sent <= window; sent += much.length) {
            peer.send(Http2Frame.data(request.stream(), 0, much));
          }
        });
  }

  // ---- answers

  /** DATA that is shorter or longer than its Content-Length. */
  public static Answer wrongLength(long announced, String body) {
    return (peer, request) -> {
      peer.headers(request.stream(), 200, "content-length", Long.toString(announced));
      peer.lastData(request.stream(), body);
    };
  }

  /** So many interim answers before the final one. */
  public static Answer informs(int times, int status, String body) {
    return (peer, request) -> {
      for (int i = 0; i < times; i++) {
        peer.headers(request.stream(), status, "link", "</style.css>; rel=preload");
      }
      peer.ok(request, body);
    };
  }

  /** An interim answer that ends the stream. */
  public static Answer endsWithInterim() {
    return (peer, request) -> peer.headersOnly(request.stream(), 103);
  }

  /** Trailers behind a body. */
  public static Answer trailers(String body, String... namesAndValues) {
    return (peer, request) -> {
      peer.headers(request.stream(), 200, "trailer", namesAndValues[0]);
      peer.data(request.stream(), body);
      peer.trailers(request.stream(), namesAndValues);
    };
  }

  /** A second HEADERS behind the body that does not end the stream. */
  public static Answer trailersThatDoNotEnd() {
    return (peer, request) -> {
      peer.headers(request.stream(), 200);
      peer.data(request.stream(), "hello");
      peer.fields(request.stream(), END_HEADERS, Http2Field.of("x-checksum", "1"));
    };
  }

  /** DATA before HEADERS. */
  public static Answer bodyFirst() {
    return (peer, request) -> peer.lastData(request.stream(), "hello");
  }

  // ---- silence

  /** Answers everything, but never acknowledges SETTINGS. */
  public static Http2Script neverAcknowledges(String body) {
    return peer -> {
      peer.readPreface();
      peer.settings(Http2Settings.none());
      peer.mute();
      while (true) {
        peer.ok(peer.readRequest(), body);
      }
    };
  }

  /** Reads everything and answers nothing, no PING either: a peer that is dead above TCP. */
  public static Http2Script answersNothing() {
    return peer -> {
      peer.handshake();
      peer.mute();
      peer.stall();
    };
  }

  /**
   * Takes one request and reads no more: what the client writes gets stuck. Give the server a small
   * {@code receiveBuffer}.
   */
  public static Http2Script stopsReading() {
    return peer -> {
      peer.handshake();
      peer.readHead();
      peer.connection().freeze();
    };
  }

  // ---- push

  /** Pushes, whether the client wants it or not, and answers. */
  public static Http2Script pushes(String pushed, String body) {
    return onFirstRequest(
        (peer, request) -> {
          promise(peer, request, 2, "GET", "/pushed");
          peer.ok(request, body);
          peer.headers(2, 200);
          peer.lastData(2, pushed);
        });
  }

  /** Promises a stream whose number is the client's. */
  public static Http2Script promisesClientsStream() {
    return onFirstRequest(
        (peer, request) -> promise(peer, request, request.stream() + 2, "GET", "/pushed"));
  }

  /** Promises a request that is not safe, which none may be (RFC 9113 8.4). */
  public static Http2Script promisesPost() {
    return onFirstRequest((peer, request) -> promise(peer, request, 2, "POST", "/pushed"));
  }

  /** Promises to push the answer to a request for this path at the origin of that one. */
  public static void promise(
      Http2Peer peer, Http2Request request, int promised, String method, String path)
      throws IOException {
    List<String> authority = request.header(":authority");
    peer.pushPromise(
        request.stream(),
        promised,
        ":method",
        method,
        ":scheme",
        request.header(":scheme").getFirst(),
        ":authority",
        authority.isEmpty() ? "localhost" : authority.getFirst(),
        ":path",
        path);
  }
}
