package dev.hawser.bench;

import dev.hawser.faults.OriginServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The server of a comparison, on its own core.
 *
 * @param about what it is, for the report
 * @param ports of the ways that it has, and of those that somebody leads to it
 * @param handshakes the log of those on connections for one request
 */
record Server(
    String about,
    Process process,
    Map<Way, Integer> ports,
    Path errors,
    Paths paths,
    @Nullable Path handshakes) {
  /** Streams at once on a connection: more than any comparison has callers. */
  private static final int STREAMS = 256;

  private static final Pattern COUNTS = Pattern.compile("requests\\s+(\\d+) \\d+ (\\d+)");

  /** What each scenario asks for: 64 bytes, many, a place for as many; and the counts. */
  record Paths(String small, String big, String upload, String counts) {}

  /** Connections accepted and requests answered since the start. */
  record Counts(long connections, long requests) {}

  /**
   * nginx.
   *
   * @param certificates null: without TLS
   * @param bigSize of what is uploaded: it is held in memory as a whole, since nginx can only store
   *     a body or pass it on
   */
  static Server nginx(
      Processes processes, int cpu, Path folder, @Nullable Certificates certificates, long bigSize)
      throws IOException {
    Map<Way, Integer> ports = new EnumMap<>(Way.class);
    for (Way way : Way.values()) {
      boolean here = way.beyondPath() == way;
      if (here && (certificates != null || !way.secure() && !way.closing())) {
        ports.put(way, Processes.freePort());
      }
    }
    Path handshakes = folder.resolve("handshakes.log");
    Path config = folder.resolve("nginx.conf");
    // As root, nginx would run its worker as a user who cannot read the folder.
    String user = "root".equals(System.getProperty("user.name")) ? "user root;" : "";
    Files.writeString(
        config,
        """
        %s
        worker_processes 1;
        daemon off;
        pid %2$s/nginx.pid;
        error_log %2$s/nginx.log;
        events { worker_connections 8192; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          keepalive_requests 1000000000;
          keepalive_timeout 1h;
          client_max_body_size 0;
          client_body_buffer_size %6$d;
          client_body_temp_path %2$s/t1; proxy_temp_path %2$s/t2; fastcgi_temp_path %2$s/t3;
          uwsgi_temp_path %2$s/t4; scgi_temp_path %2$s/t5;
          server {
            listen 127.0.0.1:%3$d backlog=4096;
            root %2$s;
            location = /small { default_type text/plain; return 200 "%4$s"; }
            location = /status { stub_status; }
          }
          upstream self { server 127.0.0.1:%3$d; keepalive 1; }
          server {
            listen 127.0.0.1:%7$d http2 backlog=4096;
            %8$s
          }
          %5$s
        }
        """
            .formatted(
                user,
                folder,
                ports.get(Way.PLAIN),
                "x".repeat(64),
                certificates == null ? "" : secure(certificates, ports, handshakes, folder),
                bigSize + 1,
                ports.get(Way.HTTP2_PLAIN),
                http2(folder)));
    Path errors = folder.resolve("nginx.err");
    Process process =
        processes.start(
            cpu,
            errors,
            List.of(
                "nginx",
                "-p",
                folder.toString(),
                "-e",
                errors.toString(),
                "-c",
                config.toString()));
    var paths = new Paths("/small", "/big", "/upload", "/status");
    return new Server("nginx, 1 worker", process, ports, errors, paths, handshakes).ready();
  }

  /**
   * Refuses those who came with HTTP/1.1. A body is taken as a whole, and a request without it made
   * of nginx itself; that is the second connection of an upload. Files are not sent by the kernel:
   * nginx then corks the socket, also where it has to wait for a window, so that the end of each
   * window of 64 KiB (Vert.x's) would be held for 40 ms.
   */
  private static String http2(Path folder) {
    return """
      http2_max_concurrent_streams %d;
      sendfile off;
      root %s;
      if ($server_protocol != HTTP/2.0) { return 505; }
      location = /small { default_type text/plain; return 200 "%s"; }
      location = /upload {
        proxy_pass http://self/small;
        proxy_method GET;
        proxy_pass_request_body off;
        proxy_set_header Content-Length "";
        proxy_set_header Connection "";
        proxy_http_version 1.1;
      }
    """
        .formatted(STREAMS, folder, "x".repeat(64));
  }

  /**
   * Without tickets and without a cache there is nothing to resume, but OpenSSL would send tickets
   * for its own cache in TLS 1.3 all the same: none of these either. What is logged must be so when
   * the client has its answer, so nothing lingers.
   */
  private static String secure(
      Certificates certificates, Map<Way, Integer> ports, Path handshakes, Path folder) {
    return """
      log_format handshakes "$server_port $ssl_session_reused";
      ssl_certificate %s;
      ssl_certificate_key %s;
      ssl_protocols TLSv1.2 TLSv1.3;
      server {
        listen 127.0.0.1:%d ssl backlog=4096;
        location = /small { default_type text/plain; return 200 "%8$s"; }
      }
      server {
        listen 127.0.0.1:%d backlog=4096;
        keepalive_timeout 0;
        lingering_close off;
        location = /small { default_type text/plain; return 200 "%8$s"; }
      }
      server {
        listen 127.0.0.1:%d ssl backlog=4096;
        access_log %9$s handshakes;
        keepalive_timeout 0;
        lingering_close off;
        ssl_session_cache off;
        ssl_session_tickets off;
        ssl_conf_command NumTickets 0;
        location = /small { default_type text/plain; return 200 "%8$s"; }
      }
      server {
        listen 127.0.0.1:%d ssl backlog=4096;
        listen 127.0.0.1:%d ssl backlog=4096;
        access_log %9$s handshakes;
        keepalive_timeout 0;
        lingering_close off;
        location = /small { default_type text/plain; return 200 "%8$s"; }
      }
      server {
        listen 127.0.0.1:%10$d ssl http2 backlog=4096;
        %11$s
      }
    """
        .formatted(
            certificates.chain(),
            certificates.key(),
            ports.get(Way.TLS),
            ports.get(Way.PLAIN_CLOSING),
            ports.get(Way.FULL),
            ports.get(Way.RESUMED),
            ports.get(Way.HERD),
            "x".repeat(64),
            handshakes,
            ports.get(Way.HTTP2_TLS),
            http2(folder));
  }

  /** For uploads always, since nginx can only store a body or pass it on. */
  static Server embedded(Processes processes, int cpu, Path folder, long bigSize)
      throws IOException {
    int port = Processes.freePort();
    Path errors = folder.resolve("server.err");
    Process process =
        processes.start(
            cpu,
            errors,
            List.of(
                Jvm.java(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                Jvm.classPath(),
                OriginServer.class.getName(),
                "--port",
                Integer.toString(port)));
    var paths = new Paths("/", "/bytes/" + bigSize, "/upload", "/counts");
    Map<Way, Integer> ports = Map.of(Way.PLAIN, port);
    return new Server("embedded (Java, virtual threads)", process, ports, errors, paths, null)
        .ready();
  }

  int port(Way way) {
    Integer port = ports.get(way);
    if (port == null) {
      throw new IllegalStateException(about + " has no " + way);
    }
    return port;
  }

  private Server ready() throws IOException {
    for (int i = 0; i < 100 && process.isAlive(); i++) {
      try {
        counts();
        return this;
      } catch (IOException e) {
        pause(Duration.ofMillis(100));
      }
    }
    throw new IOException(about + " did not start: " + Files.readString(errors).strip());
  }

  private static void pause(Duration time) throws IOException {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  URI uri(Way way, String path) {
    return URI.create((way.secure() ? "https" : "http") + "://127.0.0.1:" + port(way) + path);
  }

  /** Null where handshakes are not counted. */
  @Nullable HandshakeLog handshakeLog(Way way) {
    return handshakes != null && way.secure() && way.closing()
        ? new HandshakeLog(handshakes, port(way))
        : null;
  }

  /** Asks the server itself. Every question is a connection and a request more. */
  Counts counts() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port(Way.PLAIN))) {
      socket.setSoTimeout(5_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET " + paths.counts + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      StringBuilder text = new StringBuilder();
      for (int b; (b = in.read()) >= 0; ) {
        text.append((char) b);
        if (b == '\n') {
          Matcher matcher = COUNTS.matcher(text);
          if (matcher.find()) {
            return new Counts(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
          }
        }
      }
      throw new IOException("no counts in: " + text);
    }
  }

  /** CPU time of the server and its workers. */
  Duration cpu() {
    try (Stream<ProcessHandle> workers = process.descendants()) {
      return Stream.concat(Stream.of(process.toHandle()), workers)
          .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
          .reduce(Duration.ZERO, Duration::plus);
    } catch (UncheckedIOException e) {
      return Duration.ZERO;
    }
  }
}
