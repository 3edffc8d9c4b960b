package dev.hawser.interop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.io.Content.Source;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.WindowRateControl;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.ConnectionMetaData;
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
 * Jetty, in this process; the origin behind nginx, haproxy and Apache httpd, too. Its reload shuts
 * down the sessions of HTTP/2 as its graceful stop does, and closes connections of HTTP/1.1 after
 * their next response; its ports stay open.
 */
final class JettyServer implements Server {
  private final org.eclipse.jetty.server.Server server = new org.eclipse.jetty.server.Server();
  private final AtomicLong reloaded = new AtomicLong(); // ms, as connections count
  private final ServerConnector clear;
  private final ServerConnector secure;

  private JettyServer(Site site) throws Exception {
    server.setHandler(new Paths(reloaded));
    var config = new HttpConfiguration();
    config.setSendServerVersion(false);
    var http1 = new HttpConnectionFactory(config);
    clear = new ServerConnector(server, http1, patient(new HTTP2CServerConnectionFactory(config)));
    var ssl = new SslContextFactory.Server();
    ssl.setSslContext(site.identity().serverContext());
    var alpn = new ALPNServerConnectionFactory();
    alpn.setDefaultProtocol(http1.getProtocol());
    secure =
        new ServerConnector(
            server,
            new SslConnectionFactory(ssl, alpn.getProtocol()),
            alpn,
            patient(new HTTP2ServerConnectionFactory(config)),
            http1);
    for (ServerConnector connector : List.of(clear, secure)) {
      connector.setHost("127.0.0.1");
      server.addConnector(connector);
    }
    server.start();
  }

  /**
   * DATA that was under way when a stream was refused counts: 128 of them in a second by default.
   */
  private static AbstractHTTP2ServerConnectionFactory patient(
      AbstractHTTP2ServerConnectionFactory http2) {
    http2.setRateControlFactory(new WindowRateControl.Factory(10_000));
    return http2;
  }

  static JettyServer start(Site site) throws Exception {
    return new JettyServer(site);
  }

  @Override
  public int port(Protocol protocol) {
    return (protocol.secure() ? secure : clear).getLocalPort();
  }

  @Override
  public void reload() {
    reloaded.set(System.currentTimeMillis());
    for (ServerConnector connector : List.of(clear, secure)) {
      for (EndPoint endPoint : connector.getConnectedEndPoints()) {
        Connection connection = endPoint.getConnection();
        if (connection instanceof SslConnection tls) {
          connection = tls.getSslEndPoint().getConnection();
        }
        if (connection instanceof HTTP2Connection http2) {
          http2.getSession().shutdown();
        }
      }
    }
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }

  /** What {@link Server} lists. */
  private static final class Paths extends Handler.Abstract {
    private final AtomicLong reloaded;

    Paths(AtomicLong reloaded) {
      this.reloaded = reloaded;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      ConnectionMetaData connection = request.getConnectionMetaData();
      if (connection.getHttpVersion() == HttpVersion.HTTP_1_1
          && connection.getConnection().getCreatedTimeStamp() <= reloaded.get()) {
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
      }
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
