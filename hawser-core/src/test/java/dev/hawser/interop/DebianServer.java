package dev.hawser.interop;

import dev.hawser.real.RealServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of this machine's packages, configured to serve what {@link Server} lists: files
 * itself, the rest from {@link JettyServer} behind it where it cannot do that alone.
 */
final class DebianServer implements Server {
  private final List<Integer> ports; // in the order of the protocols
  private final String reload;
  private final List<AutoCloseable> parts;

  /** {@code reload}: the signal that has it reload; the first of the parts gets it. */
  private DebianServer(List<Integer> ports, String reload, AutoCloseable... parts) {
    this.ports = ports;
    this.reload = reload;
    this.parts = List.of(parts);
  }

  static Server nginx(Site site) throws Exception {
    JettyServer origin = JettyServer.start(site);
    List<Integer> ports = freePorts();
    String http =
        """
        server {
          listen 127.0.0.1:HTTP_1;
          listen 127.0.0.1:HTTP_TLS ssl;
          listen 127.0.0.1:HTTP_2_TLS ssl http2;
          listen 127.0.0.1:HTTP_2_CLEAR http2;
          ssl_certificate DIR/chain.pem;
          ssl_certificate_key DIR/key.pem;
          client_max_body_size 0;
          root DIR/www;
          location = /204 { return 204; }
          location = /trailers { add_trailer X-Trailer last; }
          location = /check {
            proxy_pass http://127.0.0.1:ORIGIN;
            proxy_http_version 1.1;
            proxy_request_buffering off;
          }
          location = /cut { proxy_pass http://127.0.0.1:ORIGIN; proxy_buffering off; }
          location = /refuse { client_max_body_size 1k; proxy_pass http://127.0.0.1:ORIGIN; }
        }
        """;
    return new DebianServer(
        ports,
        "HUP",
        RealServer.nginx(site.withFiles().dir(), filled(http, ports, origin), ports.getFirst()),
        origin);
  }

  static Server haproxy(Site site) throws Exception {
    JettyServer origin = JettyServer.start(site);
    List<Integer> ports = freePorts();
    String sections =
        """
        defaults
          mode http
          timeout connect 5s
          timeout client 20s
          timeout server 20s
        frontend all
          bind 127.0.0.1:HTTP_1
          bind 127.0.0.1:HTTP_TLS ssl crt DIR/both.pem alpn http/1.1
          bind 127.0.0.1:HTTP_2_TLS ssl crt DIR/both.pem alpn h2
          bind 127.0.0.1:HTTP_2_CLEAR proto h2
          http-request deny deny_status 413 if { path /refuse }
          default_backend jetty
        backend jetty
          server jetty 127.0.0.1:ORIGIN
        """;
    return new DebianServer(
        ports,
        "USR2",
        RealServer.haproxy(site.dir(), filled(sections, ports, origin), ports.getFirst(), "-W"),
        origin);
  }

  static Server apache(Site site) throws Exception {
    JettyServer origin = JettyServer.start(site);
    List<Integer> ports = freePorts();
    String directives =
        """
        Listen 127.0.0.1:HTTP_TLS
        Listen 127.0.0.1:HTTP_2_TLS
        Listen 127.0.0.1:HTTP_2_CLEAR
        DocumentRoot DIR/www
        Redirect 204 /204
        Redirect 413 /refuse
        ProxyPass /check http://127.0.0.1:ORIGIN/check
        ProxyPass /cut http://127.0.0.1:ORIGIN/cut
        SSLCertificateFile DIR/chain.pem
        SSLCertificateKeyFile DIR/key.pem
        <VirtualHost *:HTTP_TLS>
          SSLEngine on
          Protocols http/1.1
        </VirtualHost>
        <VirtualHost *:HTTP_2_TLS>
          SSLEngine on
          Protocols h2
        </VirtualHost>
        <VirtualHost *:HTTP_2_CLEAR>
          Protocols h2c http/1.1
        </VirtualHost>
        """;
    return new DebianServer(
        ports,
        "USR1",
        RealServer.apache(
            site.withFiles().dir(), filled(directives, ports, origin), ports.getFirst()),
        origin);
  }

  static Server nghttpd(Site site) throws Exception {
    Path dir = site.withFiles().dir();
    List<Integer> ports = freePorts();
    int secure = ports.get(Protocol.HTTP_2_TLS.ordinal());
    int clear = ports.get(Protocol.HTTP_2.ordinal());
    String trailer = "--trailer=x-trailer: last";
    return new DebianServer(
        ports,
        "NONE",
        RealServer.nghttpd(
            dir,
            secure,
            trailer,
            Integer.toString(secure),
            dir.resolve("key.pem").toString(),
            dir.resolve("chain.pem").toString()),
        RealServer.nghttpd(dir, clear, trailer, "--no-tls", Integer.toString(clear)));
  }

  static Server node(Site site) throws Exception {
    Content.write(site.dir().resolve("piece"), Content.PERIOD);
    Path script = site.dir().resolve("server.js");
    try (var source = DebianServer.class.getResourceAsStream("server.js")) {
      Files.copy(source, script, StandardCopyOption.REPLACE_EXISTING);
    }
    List<Integer> ports = freePorts();
    return new DebianServer(ports, "HUP", RealServer.node(site.dir(), script, ports));
  }

  private static List<Integer> freePorts() {
    var ports = new ArrayList<Integer>();
    for (Protocol each : Protocol.values()) {
      ports.add(RealServer.freePort());
    }
    return ports;
  }

  private static String filled(String config, List<Integer> ports, JettyServer origin) {
    return config
        .replace("ORIGIN", Integer.toString(origin.port(Protocol.HTTP_1)))
        .replace("HTTP_2_CLEAR", ports.get(Protocol.HTTP_2.ordinal()).toString())
        .replace("HTTP_2_TLS", ports.get(Protocol.HTTP_2_TLS.ordinal()).toString())
        .replace("HTTP_TLS", ports.get(Protocol.HTTP_1_TLS.ordinal()).toString())
        .replace("HTTP_1", ports.get(Protocol.HTTP_1.ordinal()).toString());
  }

  @Override
  public int port(Protocol protocol) {
    return ports.get(protocol.ordinal());
  }

  @Override
  public void reload() throws Exception {
    var program = (RealServer) parts.getFirst();
    int before = saidLoaded(program);
    do {
      program.signal(reload);
    } while (before > 0 && !saysLoadedAgain(program, before));
  }

  /** Haproxy loses a signal that comes while it is being reloaded; the others do not say. */
  private static boolean saysLoadedAgain(RealServer program, int before) throws Exception {
    for (int i = 0; i < 2_000 && saidLoaded(program) == before; i++) {
      Thread.sleep(1);
    }
    return saidLoaded(program) > before;
  }

  private static int saidLoaded(RealServer program) throws Exception {
    return program.output().split("Loading success", -1).length - 1;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable part : parts) {
      part.close();
    }
  }
}
