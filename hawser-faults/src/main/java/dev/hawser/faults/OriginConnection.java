package dev.hawser.faults;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Base64;
import java.util.List;
import java.util.NoSuchElementException;

/** One connection of the {@link OriginServer}: requests, one after the other, or HTTP/2. */
final class OriginConnection {
  /** How much of a body that nobody wanted is read so that the connection can be kept. */
  private static final int PASSED_OVER = 256 * 1024;

  /** How long a client that was told to stop sending has for noticing, RFC 9112 9.6. */
  private static final int LINGER_MILLIS = 2000;

  /** What follows the empty line in the preface of HTTP/2: {@code SM}, and an empty line. */
  private static final int PREFACE_BODY = 6;

  private final OriginServer server;
  private final Socket socket;
  private final RequestReader reader;
  private final Http1Responder responder;
  private final OriginRoutes routes;

  OriginConnection(OriginServer server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    this.reader = new RequestReader(socket.getInputStream());
    this.responder = new Http1Responder(socket.getOutputStream(), server.keepAlive());
    this.routes = new OriginRoutes(server);
  }

  /** Serves until either side wants no more. */
  void serve() throws IOException {
    try {
      while (true) {
        RequestHead head = reader.readHead();
        if (head == null || upgraded(head) || !answered(head)) {
          return;
        }
      }
    } catch (BadRequestException e) {
      responder.begin(e.status(), true).text(e.getMessage() + "\n");
      linger();
    }
  }

  /** Whether the client wanted HTTP/2, and has had it to its end. */
  private boolean upgraded(RequestHead head) throws IOException {
    boolean knows = head.method().equals("PRI");
    Http2Settings settings = server.http2();
    if (settings == null) {
      if (knows) {
        throw new BadRequestException(400, "this server does not speak HTTP/2");
      }
      return false;
    }
    if (knows) {
      http2(settings).serve(PREFACE_BODY, null, Http2Settings.none());
      return true;
    }
    if (!head.field("upgrade").contains("h2c") || head.hasBody()) {
      return false;
    }
    Http2Settings clients = settings(head);
    responder.switchProtocols("h2c");
    http2(settings).serve(RequestReader.PREFACE.length() + 3 + PREFACE_BODY, head, clients);
    return true;
  }

  private Http2OriginConnection http2(Http2Settings settings) {
    var connection = new Http2OriginConnection(server, socket, reader.rest(), settings);
    server.began(connection);
    return connection;
  }

  private static Http2Settings settings(RequestHead head) throws BadRequestException {
    List<String> settings = head.field("http2-settings");
    try {
      return Http2Settings.parse(Base64.getUrlDecoder().decode(settings.getFirst()));
    } catch (IllegalArgumentException | NoSuchElementException e) {
      throw new BadRequestException(400, "HTTP2-Settings: " + settings);
    }
  }

  /** Whether the connection can be kept. */
  private boolean answered(RequestHead head) throws IOException {
    server.countRequest();
    RequestBody body = reader.body(head, responder);
    responder.request(head);
    routes.answer(head, body, responder);
    if (responder.closes()) {
      if (!body.isRead()) {
        linger();
      }
      return false;
    }
    return body.isRead() || body.passOver(PASSED_OVER);
  }

  /** Closing with bytes unread would reset the connection and may destroy the answer. */
  private void linger() throws IOException {
    socket.shutdownOutput();
    socket.setSoTimeout(LINGER_MILLIS);
    InputStream in = socket.getInputStream();
    byte[] passedOver = new byte[8192];
    long deadline = System.nanoTime() + LINGER_MILLIS * 1_000_000L;
    try {
      while (in.read(passedOver) >= 0 && System.nanoTime() < deadline) {
        // passed over
      }
    } catch (SocketTimeoutException e) {
      // Time is up.
    }
  }
}
