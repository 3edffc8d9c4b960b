package dev.hawser.dns;

import dev.hawser.NameServer;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Message;

/**
 * DNS over TLS (RFC 7858). A connection that has answered is kept for the next query, as long as
 * keys and trust are those that it was made with.
 */
final class TlsExchanger implements Exchanger {
  private static final int MAX_IDLE = 4;

  private record Connection(SSLSocket socket, SSLContext context) {}

  private final NameServer server;
  private final Supplier<SSLContext> context;
  private final Ticker ticker;
  private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed; // written by whoever closes the client

  TlsExchanger(NameServer server, Supplier<SSLContext> context, Ticker ticker) {
    this.server = server;
    this.context = context;
    this.ticker = ticker;
  }

  @Override
  public Message ask(Message query, long deadline) throws IOException {
    SSLContext current = context.get();
    Connection kept = idle.pollFirst();
    if (kept != null && !kept.context().equals(current)) {
      close(kept.socket());
      dropIdle(); // the others are as old
      kept = null;
    }
    if (kept != null) {
      long now = ticker.nanos();
      try {
        return ask(kept, query, now + (deadline - now) / 2);
      } catch (IOException e) {
        // The server has closed it, or the way to it is gone, and so it is for the others. A query
        // may be sent again, and half of the time is left for that.
        dropIdle();
      }
    }
    return ask(new Connection(connect(current, deadline), current), query, deadline);
  }

  private Message ask(Connection connection, Message query, long deadline) throws IOException {
    boolean good = false;
    try {
      Message answer = Stream.ask(connection.socket(), query, deadline, ticker);
      good = true;
      return answer;
    } finally {
      if (good && idle.size() < MAX_IDLE) {
        idle.addFirst(connection);
        if (closed) {
          dropIdle(); // a look-up that the client's end has overtaken
        }
      } else {
        close(connection.socket());
      }
    }
  }

  private SSLSocket connect(SSLContext current, long deadline) throws IOException {
    var plain = new Socket();
    SSLSocket secured = null;
    try {
      // A name here is the system's to resolve, once per connection: it cannot be ours.
      var address = new InetSocketAddress(InetAddress.getByName(server.host()), server.port());
      plain.connect(address, UdpExchanger.millisLeft(deadline, ticker));
      plain.setSoTimeout(UdpExchanger.millisLeft(deadline, ticker));
      String name = server.name().orElse(server.host());
      secured =
          (SSLSocket) current.getSocketFactory().createSocket(plain, name, server.port(), true);
      SSLParameters parameters = secured.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {"dot"});
      secured.setSSLParameters(parameters);
      secured.startHandshake();
      return secured;
    } catch (IOException | RuntimeException e) {
      close(secured == null ? plain : secured);
      throw e;
    }
  }

  @Override
  public void close() {
    closed = true;
    dropIdle();
  }

  private void dropIdle() {
    for (Connection kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
      close(kept.socket());
    }
  }

  private static void close(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // It was of no use anyway.
    }
  }
}
