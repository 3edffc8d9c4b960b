package dev.hawser.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/** How the bytes of an answer get back to who asked. */
interface DnsWay {
  void send(byte[] bytes) throws IOException;

  /** The first of these bytes, as if all were to come. */
  void sendPart(byte[] bytes, int count) throws IOException;

  /** From another port; over a stream, as it is. */
  default void sendFromElsewhere(byte[] bytes) throws IOException {
    send(bytes);
  }

  /** Ends the stream, if it is one. */
  void close() throws IOException;

  /** UDP. */
  record Datagrams(DatagramSocket socket, SocketAddress to) implements DnsWay {
    @Override
    public void send(byte[] bytes) throws IOException {
      socket.send(new DatagramPacket(bytes, bytes.length, to));
    }

    @Override
    public void sendPart(byte[] bytes, int count) throws IOException {
      send(Arrays.copyOf(bytes, count));
    }

    @Override
    public void sendFromElsewhere(byte[] bytes) throws IOException {
      try (var other = new DatagramSocket(new InetSocketAddress(socket.getLocalAddress(), 0))) {
        other.send(new DatagramPacket(bytes, bytes.length, to));
      }
    }

    @Override
    public void close() {}
  }

  /** TCP or TLS: a length before each message. The lock is held by who writes. */
  record Framed(Socket socket, ReentrantLock writing) implements DnsWay {
    @Override
    public void send(byte[] bytes) throws IOException {
      sendPart(bytes, bytes.length);
    }

    @Override
    public void sendPart(byte[] bytes, int count) throws IOException {
      ByteBuffer framed = ByteBuffer.allocate(2 + count);
      framed.putShort((short) bytes.length).put(bytes, 0, count);
      writing.lock();
      try {
        OutputStream out = socket.getOutputStream();
        out.write(framed.array());
        out.flush();
      } finally {
        writing.unlock();
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
