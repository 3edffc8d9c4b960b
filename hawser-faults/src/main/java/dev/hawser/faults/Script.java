package dev.hawser.faults;

import java.io.IOException;

/** What a server does on a connection. When it returns, the connection is closed. */
@FunctionalInterface
public interface Script {
  /** Plays the script. An IOException means that the client has closed, and ends it quietly. */
  void play(Peer peer) throws IOException;

  /** Answers every request of a connection with the same script, until the client closes. */
  static Script keepAlive(Script perRequest) {
    return peer -> {
      while (true) {
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
}
