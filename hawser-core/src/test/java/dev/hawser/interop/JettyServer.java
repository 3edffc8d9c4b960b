package dev.hawser.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.io.Content.Source;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * Jetty, in this process; the origin behind nginx, haproxy and Apache httpd, too. Its reload is
 * what a deployment does: a second server takes over the ports, then the first is stopped
 * gracefully.
 */
final class JettyServer implements Server {
  private final Site site;
  private Running running;

  private JettyServer(Site site, Running running) {
    this.site = site;
    this.running = running;
  }

  static JettyServer start(Site site) throws Exception {
    return new JettyServer(site, Running.on(site, 0, 0));
  }

  @Override
  public int port(Protocol protocol) {
    return (protocol.secure() ? running.secure : running.clear).getLocalPort();
  }

  @Override
  public void reload() throws Exception {
    Running old = running;
    running = Running.on(site, old.clear.getLocalPort(), old.secure.getLocalPort());
    old.server.stop();
  }

  @Override
  public void close() throws IOException {
    running.server.setStopTimeout(0);
    try {
      running.server.stop();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }

  private record Running(
      org.eclipse.jetty.server.Server server, ServerConnector clear, ServerConnector secure) {
    static Running on(Site site, int clearPort, int securePort) throws Exception {
      var server = new org.eclipse.jetty.server.Server();
      server.setHandler(new Paths());
      server.setStopTimeout(TimeUnit.SECONDS.toMillis(10));
      var config = new HttpConfiguration();
      config.setSendServerVersion(false);

      var http1 = new HttpConnectionFactory(config);
      var clear =
          new ServerConnector(server, http1, patient(new HTTP2CServerConnectionFactory(config)));
      var ssl = new SslContextFactory.Server();
      ssl.setSslContext(site.identity().serverContext());
      var alpn = new ALPNServerConnectionFactory();
      alpn.setDefaultProtocol(http1.getProtocol());
      var secure =
          new ServerConnector(
              server,
              new SslConnectionFactory(ssl, alpn.getProtocol()),
              alpn,
              patient(new HTTP2ServerConnectionFactory(config)),
              http1);
      listen(server, clear, clearPort);
      listen(server, secure, securePort);
      server.start();
      return new Running(server, clear, secure);
    }

    /**
     * DATA that was under way when a stream was refused counts: 128 of them in a second by default.
     */
    private static AbstractHTTP2ServerConnectionFactory patient(
        AbstractHTTP2ServerConnectionFactory http2) {
      http2.setRateControlFactory(new WindowRateControl.Factory(10_000));
      return http2;
    }

    private static void listen(
        org.eclipse.jetty.server.Server server, ServerConnector connector, int port) {
      connector.setHost("127.0.0.1");
      connector.setPort(port);
      connector.setReusePort(true);
      server.addConnector(connector);
    }
  }

  /** What {@link Server} lists. */
  private static final class Paths extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      String path = Request.getPathInContext(request);
      switch (path) {
        case "/204" -> response.setStatus(204);
        case "/check" -> text(response, check(request));
        case "/refuse" -> {
          Response.writeError(request, response, callback, 413);
          return true;
        }
        case "/trailers" -> {
          HttpFields trailers = HttpFields.build().add("X-Trailer", "last");
          response.getHeaders().put(HttpHeader.TRAILER, "X-Trailer");
          response.setTrailersSupplier(() -> trailers);
          bytes(response, 1_000);
        }
        case "/hints" -> {
          HttpFields hints = HttpFields.build().add(HttpHeader.LINK, "</style.css>; rel=preload");
          response.writeInterim(103, hints).get(10, TimeUnit.SECONDS);
          bytes(response, 1_000);
        }
        case "/cut" -> {
          response.getHeaders().put(HttpHeader.CONTENT_LENGTH, 1_000_000);
          bytes(response, 100_000);
          callback.failed(new IOException("cut off"));
          return true;
        }
        default -> {
          long size = Long.parseLong(path.substring("/bytes/".length()));
          response.getHeaders().put(HttpHeader.CONTENT_LENGTH, size);
          response.getHeaders().put(HttpHeader.ETAG, "\"it\"");
          if (request.getHeaders().contains(HttpHeader.IF_NONE_MATCH, "\"it\"")) {
            response.setStatus(304);
          } else if (request.getMethod().equals("GET")) {
            bytes(response, size);
          }
        }
      }
      callback.succeeded();
      return true;
    }

    private static void bytes(Response response, long size) throws IOException {
      OutputStream out = Sink.asOutputStream(response);
      for (byte[] piece : Content.pieces(size)) {
        out.write(piece);
      }
      out.flush();
    }

    private static void text(Response response, String text) throws IOException {
      Sink.asOutputStream(response).write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String check(Request request) throws IOException {
      var check = new Content.Check();
      byte[] some = new byte[65_536];
      try (InputStream in = Source.asInputStream(request)) {
        for (int n; (n = in.read(some)) >= 0; ) {
          check.add(ByteBuffer.wrap(some, 0, n));
        }
      }
      return check.toString();
    }
  }
}
