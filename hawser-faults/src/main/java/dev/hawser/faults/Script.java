package dev.hawser.faults;

import java.io.IOException;
import java.time.Duration;

/** What a server does on a connection. When it returns, the connection is closed. */
@FunctionalInterface
public interface Script {
  /** Plays the script. An IOException means that the client has closed, and ends it quietly. */
  void play(Peer peer) throws IOException;

  /** Answers every request of a connection with the same script, until the client closes. */
  static Script keepAlive(Script perRequest) {
    return closeAfter(Integer.MAX_VALUE, perRequest);
  }

  /** Answers so many requests of a connection, and closes it without having said so. */
  static Script closeAfter(int requests, Script perRequest) {
    return peer -> {
      for (int i = 0; i < requests; i++) {
        peer.readRequest();
        perRequest.play(peer);
      }
    };
  }

  /** Answers every request, and closes a connection that was idle for so long, as servers do. */
  static Script closeWhenIdle(Duration timeout, Script perRequest) {
    return peer -> {
      while (peer.somethingComes(timeout)) {
        peer.readRequest();
        perRequest.play(peer);
      }
    };
  }

  /** Answers every request with a 200 and this body. */
  static Script ok(String body) {
    return keepAlive(peer -> peer.ok(body));
  }

  /** Reads one request, sends this, and closes. */
  static Script answer(String response) {
    return peer -> {
      peer.readRequest();
      peer.send(response);
    };
  }

  /** Reads one request, sends this, and keeps the connection open without a word. */
  static Script answerAndStall(String response) {
    return peer -> {
      peer.readRequest();
      peer.send(response);
      peer.stall();
    };
  }

  /** Resets the connection at once. */
  static Script resetOnAccept() {
    return Peer::reset;
  }

  /** Accepts and never reads. */
  static Script neverRead() {
    return Peer::freeze;
  }

  /**
   * Over HTTP/2: {@code FaultServer.start(Script.http2(peer -> …))}. The type of the parameter is
   * all that this is for.
   */
  static Http2Script http2(Http2Script script) {
    return script;
  }

  /** Shakes hands first. */
  default Script within(Tls tls) {
    return peer -> {
      peer.startTls(tls);
      play(peer);
    };
  }
}
