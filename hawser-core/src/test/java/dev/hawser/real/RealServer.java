package dev.hawser.real;

import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A server of this machine's packages, run in the foreground on a free loopback port, ended by its
 * process handle.
 */
final class RealServer implements AutoCloseable {
  private final Process process;
  private final int port;

  private RealServer(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * {@code http} is what stands in nginx's http block; {@code PORT} and {@code DIR} are replaced.
   */
  static RealServer nginx(Path dir, String http) throws IOException {
    return nginx(dir, http, freePort());
  }

  static RealServer nginx(Path dir, String http, int port) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("nginx.conf"),
            """
            worker_processes 1;
            daemon off;
            pid DIR/nginx.pid;
            error_log DIR/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              client_body_temp_path DIR/body;
              proxy_temp_path DIR/proxy;
              fastcgi_temp_path DIR/fastcgi;
              uwsgi_temp_path DIR/uwsgi;
              scgi_temp_path DIR/scgi;
              HTTP
            }
            """
                .replace("HTTP", http)
                .replace("DIR", dir.toString())
                .replace("PORT", Integer.toString(port)));
    return started(
        dir, port, List.of("/usr/sbin/nginx", "-e", dir + "/error.log", "-c", config.toString()));
  }

  /** {@code sections} is a whole haproxy configuration; {@code PORT} is replaced. */
  static RealServer haproxy(Path dir, String sections) throws IOException {
    int port = freePort();
    Path config =
        Files.writeString(
            dir.resolve("haproxy.cfg"), sections.replace("PORT", Integer.toString(port)));
    return started(dir, port, List.of("/usr/sbin/haproxy", "-db", "-f", config.toString()));
  }

  /** One connection at a time, with the identity that was written to the folder. */
  static RealServer openssl(Path dir, String... options) throws IOException {
    int port = freePort();
    var command =
        new ArrayList<String>(
            List.of("openssl", "s_server", "-www", "-accept", "127.0.0.1:" + port));
    command.addAll(List.of("-cert", dir.resolve("chain.pem").toString()));
    command.addAll(List.of("-cert_chain", dir.resolve("chain.pem").toString()));
    command.addAll(List.of("-key", dir.resolve("key.pem").toString()));
    command.addAll(List.of(options));
    return started(dir, port, command);
  }

  /** The zone {@code hawser.example} of the file {@code DIR/hawser.example.zone}. */
  static RealServer knot(Path dir, int port) throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("knot.conf"),
            """
            server:
                rundir: "DIR"
                listen: 127.0.0.1@PORT
            log:
              - target: stderr
                any: notice
            database:
                storage: "DIR/knot"
            template:
              - id: default
                storage: "DIR"
                file: "%s.zone"
            zone:
              - domain: hawser.example
            """
                .replace("DIR", dir.toString())
                .replace("PORT", Integer.toString(port)));
    return started(dir, port, List.of("/usr/sbin/knotd", "-c", config.toString()));
  }

  /** A resolver that asks the authority for {@code hawser.example}; over TLS as well. */
  static RealServer unbound(Path dir, int authority, int tlsPort, TestIdentity.PemFiles identity)
      throws IOException {
    int port = freePort();
    Path config =
        Files.writeString(
            dir.resolve("unbound.conf"),
            """
            server:
              directory: "DIR"
              chroot: ""
              username: ""
              pidfile: ""
              use-syslog: no
              module-config: "iterator"
              do-not-query-localhost: no
              interface: 127.0.0.1@PORT
              interface: 127.0.0.1@TLS
              tls-port: TLS
              tls-service-key: "KEY"
              tls-service-pem: "CHAIN"
            remote-control:
              control-enable: no
            stub-zone:
              name: "hawser.example."
              stub-addr: 127.0.0.1@AUTHORITY
            """
                .replace("DIR", dir.toString())
                .replace("PORT", Integer.toString(port))
                .replace("TLS", Integer.toString(tlsPort))
                .replace("KEY", identity.key().toString())
                .replace("CHAIN", identity.chain().toString())
                .replace("AUTHORITY", Integer.toString(authority)));
    return started(dir, port, List.of("/usr/sbin/unbound", "-d", "-c", config.toString()));
  }

  private static RealServer started(Path dir, int port, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("output").toFile())
            .start();
    var server = new RealServer(process, port);
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!server.accepts()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        String output = Files.readString(dir.resolve("output"));
        server.close();
        throw new IOException(command.getFirst() + " does not start: " + output);
      }
      LockSupport.parkNanos(20_000_000);
    }
    return server;
  }

  private boolean accepts() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static int freePort() {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return port;
  }

  /** Has it read its files again. */
  void reload() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-HUP", Long.toString(process.pid())).start().waitFor();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  URI secureUri(String path) {
    return URI.create("https://127.0.0.1:" + port + path);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
