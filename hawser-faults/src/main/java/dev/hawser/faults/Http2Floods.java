package dev.hawser.faults;

import static dev.hawser.faults.Http2Frame.END_HEADERS;

import dev.hawser.faults.Http2Script.Answer;

/**
 * Frames without end that cost the server nothing and the client something, each sent with the
 * first request. A client should say {@link Http2Error#ENHANCE_YOUR_CALM} and close at a bound of
 * its own; {@link #MOST} is where these stop, and wait for what it does.
 *
 * {@snippet :
 * try (var server = FaultServer.start(Http2Floods.pings(), Http2Script.ok("hello"))) {
 *   // … the call fails …
 *   assertThat(server.transcript(1)).contains("h2 > GOAWAY 0 ENHANCE_YOUR_CALM");
 * }
 * }
 */
public final class Http2Floods {
  /** How many frames a flood has at most. */
  public static final long MOST = 200_000;

  private Http2Floods() {}

  /** SETTINGS, each of which wants an acknowledgement. */
  public static Http2Script settings() {
    Http2Frame frame = Http2Frame.settings(Http2Settings.none());
    return Http2Faults.onFirstRequest((peer, _) -> peer.flood(_ -> frame, MOST));
  }

  /** PINGs, each of which wants an answer. */
  public static Http2Script pings() {
    return Http2Faults.onFirstRequest((peer, _) -> peer.flood(Http2Frame::ping, MOST));
  }

  /** RST_STREAM of one stream again and again. */
  public static Http2Script resets() {
    return onStream(stream -> Http2Frame.reset(stream, Http2Error.CANCEL.code()));
  }

  /** PRIORITY, which nobody uses any more. */
  public static Http2Script priorities() {
    return Http2Faults.onFirstRequest(
        (peer, _) -> peer.flood(i -> Http2Frame.priority((int) (2 * i + 1), 0), MOST));
  }

  /** WINDOW_UPDATE by one byte. */
  public static Http2Script windowUpdates() {
    return onStream(stream -> Http2Frame.windowUpdate(stream, 1));
  }

  /** Frames of a type that nobody knows. */
  public static Http2Script unknownFrames() {
    return onStream(_ -> new Http2Frame(0xfa, 0, 0, new byte[8]));
  }

  /** DATA without a byte in it, which no window stops. */
  public static Http2Script emptyData() {
    return Http2Faults.onFirstRequest(
        (peer, request) -> {
          peer.headers(request.stream(), 200);
          Http2Frame frame = Http2Frame.data(request.stream(), 0, new byte[0]);
          peer.flood(_ -> frame, MOST);
        });
  }

  /** DATA of nothing but padding. */
  public static Http2Script paddingOnly() {
    return Http2Faults.onFirstRequest(
        (peer, request) -> {
          peer.headers(request.stream(), 200);
          var frame = Http2Frame.data(request.stream(), Http2Frame.PADDED, new byte[1]);
          peer.flood(_ -> frame, MOST);
        });
  }

  /** Interim answers. */
  public static Http2Script interimAnswers() {
    return Http2Faults.onFirstRequest(
        (peer, request) -> {
          byte[] block = peer.encode(":status", "103");
          Http2Frame frame = Http2Frame.headers(request.stream(), END_HEADERS, block);
          byte[] again = peer.encode(":status", "103"); // from the table now, if it has room
          Http2Frame next = Http2Frame.headers(request.stream(), END_HEADERS, again);
          peer.flood(i -> i == 0 ? frame : next, MOST);
        });
  }

  /** CONTINUATION without an end, of so many bytes each; 0 is as bad. */
  public static Http2Script continuations(int bytes) {
    return Http2Faults.onFirstRequest(
        (peer, request) -> {
          Http2Frame begin = Http2Frame.headers(request.stream(), 0, peer.encode(":status", "200"));
          byte[] block = HpackFaults.plainLiterals(bytes);
          Http2Frame more = Http2Frame.continuation(request.stream(), 0, block);
          peer.flood(i -> i == 0 ? begin : more, MOST);
        });
  }

  private interface OnStream {
    Http2Frame frame(int stream);
  }

  private static Http2Script onStream(OnStream frames) {
    Answer flood =
        (peer, request) -> {
          Http2Frame frame = frames.frame(request.stream());
          peer.flood(_ -> frame, MOST);
        };
    return Http2Faults.onFirstRequest(flood);
  }
}
