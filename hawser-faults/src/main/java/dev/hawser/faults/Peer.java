package dev.hawser.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** One connection as its script sees it. Used by the script's thread only. */
public final class Peer {
  private final FaultServer server;
  private final Socket socket;
  private final int number;
  private final InputStream in;

  Peer(FaultServer server, Socket socket, int number) throws IOException {
    this.server = server;
    this.socket = socket;
    this.number = number;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Which connection of the server this is, counted from 1. */
  public int number() {
    return number;
  }

  /** Reads a request with its body; answers {@code Expect: 100-continue} only if the script does. */
  public Received readRequest() throws IOException {
    Received head = readHead();
    byte[] body = readBody(head);
    var whole = new Received(number, head.head(), body);
    server.received(whole);
    return whole;
  }

  /** Reads a request's head only. */
  public Received readHead() throws IOException {
    var head = new ByteArrayOutputStream();
    while (!endsWithEmptyLine(head)) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the client closed");
      }
      head.write(b);
    }
    return new Received(number, head.toString(StandardCharsets.ISO_8859_1), new byte[0]);
  }

  private static boolean endsWithEmptyLine(ByteArrayOutputStream head) {
    byte[] bytes = head.size() < 4 ? new byte[0] : head.toByteArray();
    int n = bytes.length;
    return n >= 4 && bytes[n - 4] == '\r' && bytes[n - 3] == '\n' && bytes[n - 2] == '\r' && bytes[n - 1] == '\n';
  }

  /** Reads the body that a head announces. */
  public byte[] readBody(Received head) throws IOException {
    if (head.header("transfer-encoding").contains("chunked")) {
      return readChunks();
    }
    var lengths = head.header("content-length");
    return lengths.isEmpty() ? new byte[0] : readExactly(Integer.parseInt(lengths.getFirst()));
  }

  private byte[] readChunks() throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(readLine(), 16);
      body.writeBytes(readExactly(size));
      readLine();
      if (size == 0) {
        return body.toByteArray();
      }
    }
  }

  /** Reads up to CRLF, which is not returned. */
  public String readLine() throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the client closed");
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Reads so many bytes. */
  public byte[] readExactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("the client closed after " + bytes.length + " of " + count + " bytes");
    }
    return bytes;
  }

  /** Sends text as ISO-8859-1. */
  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes. */
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends a 200 with this text as its body. */
  public void ok(String body) throws IOException {
    send("HTTP/1.1 200 OK\r\nContent-Length: " + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
  }

  /** Sends one byte after the other, each in a segment of its own. */
  public void sendByteByByte(String text) throws IOException {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      send(new byte[] {b});
    }
  }

  /** Sends the same text again and again until the client closes, or {@code most} bytes are sent. */
  public void sendForever(String text, long most) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    try {
      for (long sent = 0; sent < most; sent += bytes.length) {
        send(bytes);
      }
    } catch (SocketException e) {
      // The client has closed, as it should.
    }
  }

  /** Whether the client closes within this time; what it sends before is passed over. */
  public boolean clientCloses(Duration within) throws IOException {
    socket.setSoTimeout((int) within.toMillis());
    try {
      while (in.read() >= 0) {
        // passed over
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException e) {
      return true; // by a reset
    } finally {
      if (!socket.isClosed()) {
        socket.setSoTimeout(0);
      }
    }
  }

  /** Does nothing until the server is closed. */
  public void stall() throws IOException {
    try {
      server.closing().await();
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  /** Waits for a test's signal, or for the server to be closed. */
  public void await(CountDownLatch signal) throws IOException {
    try {
      signal.await();
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    }
  }

  /** Ends our direction: FIN. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Closes: FIN, or RST if the client has sent what was not read. */
  public void close() throws IOException {
    socket.close();
  }

  /** Closes with RST. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** The socket, for what is not here. */
  public Socket socket() {
    return socket;
  }
}
