package dev.hawser.real;

import dev.hawser.faults.TestIdentity;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A server of this machine's packages, run in the foreground on a free loopback port, ended by its
 * process handle.
 */
public final class RealServer implements AutoCloseable {
  private final Process process;
  private final int port;
  private final Path output;

  private RealServer(Process process, int port, Path output) {
    this.process = process;
    this.port = port;
    this.output = output;
  }

  /**
   * {@code http} is what stands in nginx's http block; {@code PORT} and {@code DIR} are replaced.
   */
  static RealServer nginx(Path dir, String http) throws IOException {
    return nginx(dir, http, freePort());
  }

  public static RealServer nginx(Path dir, String http, int port) throws IOException {
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

  /** {@code sections} is a whole haproxy configuration; as nginx's. */
  static RealServer haproxy(Path dir, String sections) throws IOException {
    return haproxy(dir, sections, freePort());
  }

  /** With the option {@code -W} its master starts a new worker at SIGUSR2. */
  public static RealServer haproxy(Path dir, String sections, int port, String... options)
      throws IOException {
    Path config =
        Files.writeString(
            dir.resolve("haproxy.cfg"),
            sections.replace("DIR", dir.toString()).replace("PORT", Integer.toString(port)));
    var command = new ArrayList<String>(List.of("/usr/sbin/haproxy", "-db"));
    command.addAll(List.of("-f", config.toString()));
    command.addAll(List.of(options));
    return started(dir, port, command);
  }

  /** {@code directives} is what follows the modules and the user; as nginx's. */
  public static RealServer apache(Path dir, String directives, int port) throws IOException {
    String modules =
        Stream.of("mpm_event authz_core alias ssl http2 proxy proxy_http".split(" "))
            .map(
                name ->
                    "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n"
                        .formatted(name, name))
            .collect(Collectors.joining());
    Path config =
        Files.writeString(
            dir.resolve("apache.conf"),
            (modules
                    + """
                    ServerRoot DIR
                    DefaultRuntimeDir DIR
                    PidFile DIR/apache.pid
                    ErrorLog DIR/error.log
                    ServerName localhost
                    User www-data
                    Group www-data
                    Listen 127.0.0.1:PORT
                    """
                    + directives)
                .replace("DIR", dir.toString())
                .replace("PORT", Integer.toString(port)));
    return started(
        dir, port, List.of("/usr/sbin/apache2", "-D", "FOREGROUND", "-f", config.toString()));
  }

  /** HTTP/2 alone, of the files of {@code DIR/www}. */
  public static RealServer nghttpd(Path dir, int port, String... options) throws IOException {
    var command = new ArrayList<String>(List.of("/usr/sbin/nghttpd", "-a", "127.0.0.1"));
    command.addAll(List.of("-d", dir.resolve("www").toString()));
    command.addAll(List.of(options));
    return started(dir, port, command);
  }

  /** A script, told where its files are, and the ports to listen on. */
  public static RealServer node(Path dir, Path script, List<Integer> ports) throws IOException {
    var command = new ArrayList<String>(List.of("node", script.toString(), dir.toString()));
    ports.forEach(port -> command.add(port.toString()));
    return started(dir, ports.getLast(), command);
  }

  /** One connection at a time, with the identity that was written to the folder. */
  static RealServer openssl(Path dir, String... options) throws IOException {
    return openssl(dir, freePort(), options);
  }

  static RealServer openssl(Path dir, int port, String... options) throws IOException {
    return openssl(dir, port, Stream.concat(Stream.of("-www"), Stream.of(options)));
  }

  /** As {@link #openssl}; it sends what is typed, or does what a line's first letter says. */
  static RealServer typedOpenssl(Path dir, String... options) throws IOException {
    return openssl(dir, freePort(), Stream.of(options));
  }

  private static RealServer openssl(Path dir, int port, Stream<String> options) throws IOException {
    var command =
        new ArrayList<String>(List.of("stdbuf", "-o0", "openssl", "s_server")); // tells at once
    command.addAll(List.of("-accept", "127.0.0.1:" + port));
    command.addAll(List.of("-cert", dir.resolve("chain.pem").toString()));
    command.addAll(List.of("-cert_chain", dir.resolve("chain.pem").toString()));
    command.addAll(List.of("-key", dir.resolve("key.pem").toString()));
    options.forEach(command::add);
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

  /** A proxy; {@code rules} say whom it serves. Its helpers are not run as root. */
  static RealServer squid(Path dir, String rules) throws IOException {
    int port = freePort();
    Path config =
        Files.writeString(
            dir.resolve("squid.conf"),
            """
            http_port 127.0.0.1:PORT
            pid_filename none
            access_log none
            cache_log /dev/null
            cache deny all
            pinger_enable off
            shutdown_lifetime 0 seconds
            visible_hostname squid.example
            RULES
            http_access deny all
            """
                .replace("RULES", rules)
                .replace("DIR", dir.toString())
                .replace("PORT", Integer.toString(port)));
    return started(dir, port, List.of("/usr/sbin/squid", "-N", "-f", config.toString()));
  }

  private static RealServer started(Path dir, int port, List<String> command) throws IOException {
    Path output = dir.resolve("output-" + port);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    var server = new RealServer(process, port, output);
    long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!server.accepts()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        server.close();
        throw new IOException(command.getFirst() + " does not start: " + server.output());
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

  public static int freePort() {
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
    signal("HUP");
  }

  public void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /** Writes to its standard input. */
  void type(String text) throws IOException {
    OutputStream input = process.getOutputStream();
    input.write(text.getBytes(StandardCharsets.ISO_8859_1));
    input.flush();
  }

  /** What it has said so far. */
  public String output() throws IOException {
    return Files.readString(output, StandardCharsets.ISO_8859_1);
  }

  /** Ends it as a power failure would: its sockets are closed by the system. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  URI secureUri(String path) {
    return URI.create("https://127.0.0.1:" + port + path);
  }

  URI secureUri(String host, String path) {
    return URI.create("https://" + host + ":" + port + path);
  }

  /** Runs a command to its end, which must be a good one. */
  static void run(Path dir, String... command) throws IOException, InterruptedException {
    Path output = dir.resolve("run");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": " + Files.readString(output));
    }
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
