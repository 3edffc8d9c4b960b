package dev.hawser.lab.experiment;

import dev.hawser.faults.FaultServer;
import dev.hawser.faults.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/**
 * A server that keeps no connection: each answer says that it is the last, so that each call
 * connects anew, and looks up its name anew when the last answer's time is over.
 */
final class Closing {
  private Closing() {}

  /** On this loopback address, at any port. */
  static FaultServer start(String loopback) throws IOException {
    return FaultServer.start(
        new InetSocketAddress(InetAddress.ofLiteral(loopback), 0),
        Script.answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"));
  }

  static URI uri(String name, FaultServer server) {
    return URI.create("http://" + name + ":" + server.port() + "/");
  }
}
