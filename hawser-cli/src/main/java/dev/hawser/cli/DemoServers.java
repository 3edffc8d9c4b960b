package dev.hawser.cli;

import dev.hawser.faults.OriginServer;
import dev.hawser.faults.Ports;
import dev.hawser.faults.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the demonstration talks to, all of it on the loopback interface.
 *
 * @param plain speaks http
 * @param secure speaks https
 * @param refused a port that nobody listens on
 * @param authority the certificate that {@code secure}'s is issued by, as a PEM file
 */
record DemoServers(OriginServer plain, OriginServer secure, Ports refused, Path authority)
    implements AutoCloseable {
  /** Starts them; {@code port} and the next one are the servers', or any if it is 0. */
  static DemoServers start(int port) throws IOException {
    TestAuthority authority = TestAuthority.create();
    Path file = Files.createTempFile("hawser-demo-ca-", ".pem");
    file.toFile().deleteOnExit(); // Ctrl-C ends a server that only serves
    authority.writePem(file);
    return new DemoServers(
        OriginServer.builder().port(port).start(),
        OriginServer.builder()
            .port(port == 0 ? 0 : port + 1)
            .tls(authority.localhost().serverContext())
            .start(),
        Ports.refused(),
        file);
  }

  String http(String path) {
    return plain.uri(path).toString();
  }

  String https(String path) {
    return secure.uri(path).toString();
  }

  @Override
  public void close() throws IOException {
    plain.close();
    secure.close();
    refused.close();
    Files.deleteIfExists(authority);
  }
}
