package dev.hawser;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.util.concurrent.CountDownLatch;

/**
 * A server in a process of its own, for tests that count this one's memory and descriptors. Answers
 * none of its connections before each has sent a request; ends with its standard input.
 */
final class ChildServer {
  private ChildServer() {}

  public static void main(String[] args) throws Exception {
    var gate = new CountDownLatch(Integer.parseInt(args[0]));
    Script script =
        peer -> {
          boolean first = true;
          while (true) {
            peer.readHead();
            if (first) {
              gate.countDown();
              peer.await(gate);
              first = false;
            }
            peer.ok("x");
          }
        };
    try (var server = FaultServer.start(script)) {
      System.out.println(server.uri("/"));
      while (System.in.read() >= 0) {
        // until the end
      }
    }
  }
}
