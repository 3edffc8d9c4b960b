package dev.hawser.faults;

import java.io.IOException;

/**
 * What a server does on a connection over HTTP/2. It works the same for clients that know before,
 * that ask by {@code Upgrade: h2c}, and within TLS; for that, the server's {@link Tls} should
 * answer {@code h2}.
 *
 * {@snippet :
 * try (var server = FaultServer.builder()
 *     .tls(Tls.of(identity.serverContext()).alpn("h2"))
 *     .start(Script.http2(peer -> {
 *       peer.handshake();
 *       Http2Request first = peer.readRequest();
 *       peer.goAway(0, Http2Error.NO_ERROR, "going down");   // not processed: repeat it elsewhere
 *     }), Http2Script.ok("hello"))) {
 *   // …
 *   assertThat(server.transcript(1)).contains("h2 > HEADERS 1 ");
 * }
 * }
 */
@FunctionalInterface
public interface Http2Script extends Script {
  /** What a server does with one request, whose body has come. */
  @FunctionalInterface
  interface Answer {
    /** Answers. */
    void answer(Http2Peer peer, Http2Request request) throws IOException;
  }

  /** Plays the script. An IOException means that the client has closed, and ends it quietly. */
  void play(Http2Peer peer) throws IOException;

  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // plays this script, on a view of the peer
  default void play(Peer peer) throws IOException {
    new Http2Peer(peer).play(this);
  }

  /**
   * Answers requests, one after the other: the first with the first answer, and so on; the last
   * repeats.
   */
  static Http2Script inTurn(Answer... answers) {
    return inTurn(Http2Settings.none(), answers);
  }

  /** The same, of a server with these settings. */
  static Http2Script inTurn(Http2Settings settings, Answer... answers) {
    return peer -> {
      peer.handshake(settings);
      for (int i = 0; true; i++) {
        Http2Request request = peer.readRequest();
        answers[Math.min(i, answers.length - 1)].answer(peer, request);
      }
    };
  }

  /** Answers every request with a 200 and this body. */
  static Http2Script ok(String body) {
    return inTurn(answerOk(body));
  }

  /** An answer: a 200 and this body. */
  static Answer answerOk(String body) {
    return (peer, request) -> peer.ok(request, body);
  }
}
