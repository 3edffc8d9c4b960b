package dev.hawser.dns;

import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** UDP, and TCP when the answer does not fit (RFC 7766). */
final class UdpExchanger implements Exchanger {
  private static final int BUFFER = 4096; // more than we say that we take

  private final InetSocketAddress server;
  private final Ticker ticker;

  UdpExchanger(InetSocketAddress server, Ticker ticker) {
    this.server = server;
    this.ticker = ticker;
  }

  @Override
  public Message ask(Message query, long deadline) throws IOException {
    byte[] bytes = query.toWire();
    // A socket a query: its port is one more thing that a forger must guess (RFC 5452 section 4.5),
    // and being connected, it takes nothing from elsewhere.
    try (var socket = new DatagramSocket()) {
      socket.connect(server);
      socket.send(new DatagramPacket(bytes, bytes.length));
      var packet = new DatagramPacket(new byte[BUFFER], BUFFER);
      while (true) {
        packet.setLength(BUFFER);
        socket.setSoTimeout(millisLeft(deadline, ticker));
        socket.receive(packet);
        Message answer = Messages.answer(packet.getData(), packet.getLength(), query);
        if (answer != null) {
          return Messages.truncated(answer) ? overTcp(query, answer, deadline) : answer;
        }
      }
    }
  }

  /** The part that came is better than nothing where the server cannot be asked over TCP. */
  private Message overTcp(Message query, Message part, long deadline) throws IOException {
    try (var socket = new Socket()) {
      socket.connect(server, millisLeft(deadline, ticker));
      return Stream.ask(socket, query, deadline, ticker);
    } catch (IOException e) {
      if (part.getSection(Section.ANSWER).isEmpty()) {
        throw new IOException("its answer was truncated, and over TCP: " + e.getMessage(), e);
      }
      return part;
    }
  }

  static int millisLeft(long deadline, Ticker ticker) throws SocketTimeoutException {
    long left = deadline - ticker.nanos();
    if (left <= 0) {
      throw new SocketTimeoutException("no answer");
    }
    return Math.clamp(left / 1_000_000, 1, Integer.MAX_VALUE);
  }
}
