package dev.hawser.faults;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** One connection of the {@link OriginServer}: requests, one after the other. */
final class OriginConnection {
  /** How much of a body that nobody wanted is read so that the connection can be kept. */
  private static final int PASSED_OVER = 256 * 1024;

  /** How long a client that was told to stop sending has for noticing, RFC 9112 9.6. */
  private static final int LINGER_MILLIS = 2000;

  private final OriginServer server;
  private final Socket socket;
  private final RequestReader reader;
  private final Responder responder;
  private final OriginRoutes routes;

  OriginConnection(OriginServer server, Socket socket) throws IOException {
    this.server = server;
    this.socket = socket;
    this.reader = new RequestReader(socket.getInputStream());
    this.responder = new Responder(socket.getOutputStream(), server.keepAlive());
    this.routes = new OriginRoutes(server);
  }

  /** Serves until either side wants no more. */
  void serve() throws IOException {
    try {
      while (true) {
        RequestHead head = reader.readHead();
        if (head == null || !answered(head)) {
          return;
        }
      }
    } catch (BadRequestException e) {
      responder.begin(e.status(), true).text(e.getMessage() + "\n");
      linger();
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
