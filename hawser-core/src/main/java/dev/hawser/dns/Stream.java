package dev.hawser.dns;

import dev.hawser.io.Ticker;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.xbill.DNS.Message;

/** Messages over a byte stream: each after its length (RFC 1035 section 4.2.2). */
final class Stream {
  private static final int MAX_STRANGE = 16; // answers to nothing that we asked

  private Stream() {}

  /** Asks one question over a connected socket. */
  static Message ask(Socket socket, Message query, long deadline, Ticker ticker)
      throws IOException {
    byte[] bytes = query.toWire();
    ByteBuffer framed = ByteBuffer.allocate(2 + bytes.length);
    framed.putShort((short) bytes.length).put(bytes);
    socket.setTcpNoDelay(true);
    socket.getOutputStream().write(framed.array());
    for (int strange = 0; strange < MAX_STRANGE; strange++) {
      byte[] answer = read(socket, deadline, ticker);
      Message message = Messages.answer(answer, answer.length, query);
      if (message != null) {
        return message;
      }
    }
    throw new IOException("it answers what nobody asked");
  }

  private static byte[] read(Socket socket, long deadline, Ticker ticker) throws IOException {
    var in = new DataInputStream(socket.getInputStream());
    byte[] length = new byte[2];
    fill(socket, in, length, deadline, ticker);
    byte[] message = new byte[(length[0] & 0xff) << 8 | length[1] & 0xff];
    fill(socket, in, message, deadline, ticker);
    return message;
  }

  /** The deadline holds for all of it: a peer that sends a byte now and then gains nothing. */
  private static void fill(
      Socket socket, DataInputStream in, byte[] target, long deadline, Ticker ticker)
      throws IOException {
    for (int filled = 0; filled < target.length; ) {
      socket.setSoTimeout(UdpExchanger.millisLeft(deadline, ticker));
      int count = in.read(target, filled, target.length - filled);
      if (count < 0) {
        throw new EOFException("it closed the connection before its answer's end");
      }
      filled += count;
    }
  }
}
