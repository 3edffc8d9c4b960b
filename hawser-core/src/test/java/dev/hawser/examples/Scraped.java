package dev.hawser.examples;

import com.sun.net.httpserver.HttpServer;
import dev.hawser.HawserClient;
import dev.hawser.Metric;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** How a monitoring system gets a client's figures, without any library for it. */
final class Scraped {
  private Scraped() {}

  static HttpServer serve(HawserClient client, int port) throws IOException {
    // @start region="metrics"
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port); // or the pod's
    HttpServer server = HttpServer.create(address, 0);
    server.createContext(
        "/metrics",
        request -> {
          byte[] text = Metric.text(client.snapshot().metrics()).getBytes(StandardCharsets.UTF_8);
          request.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          request.sendResponseHeaders(200, text.length);
          try (var body = request.getResponseBody()) {
            body.write(text);
          }
        });
    server.start();
    // @end
    return server;
  }
}
