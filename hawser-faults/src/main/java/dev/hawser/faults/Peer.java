package dev.hawser.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;

/** One connection as its script sees it. Used by the script's thread only. */
public final class Peer {
  /** How a connection ended, or did not, from the client's side. */
  public enum Ending {
    /** The client ended its direction in order. */
    FIN,
    /** The client reset the connection. */
    RESET,
    /** The client has not closed. */
    OPEN
  }

  private final FaultServer server;
  private final Transcript transcript;
  private final Socket raw;
  private final int number;
  private Socket socket;
  private InputStream in;
  private boolean recordsBytes = true;

  Peer(FaultServer server, Socket socket, int number, Transcript transcript) throws IOException {
    this.server = server;
    this.transcript = transcript;
    this.raw = socket;
    this.socket = socket;
    this.number = number;
    this.in = input();
  }

  private InputStream input() throws IOException {
    return new BufferedInputStream(new Recorded(socket.getInputStream()));
  }

  /** Which connection of the server this is, counted from 1. */
  public int number() {
    return number;
  }

  // Reading

  /**
   * Reads a request with its body; answers {@code Expect: 100-continue} only if the script does.
   */
  public Received readRequest() throws IOException {
    Received head = readHead();
    var whole = new Received(number, head.head(), readBody(head));
    server.received(whole);
    return whole;
  }

  /** Reads a request's head only. */
  public Received readHead() throws IOException {
    var head = new ByteArrayOutputStream(512);
    for (int seen = 0; seen < 4; ) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("the client closed");
      }
      head.write(b);
      seen = b == (seen % 2 == 0 ? '\r' : '\n') ? seen + 1 : b == '\r' ? 1 : 0;
    }
    return new Received(number, head.toString(StandardCharsets.ISO_8859_1), new byte[0]);
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
    for (int size = readChunkSize(); size > 0; size = readChunkSize()) {
      body.writeBytes(readExactly(size));
      readLine();
    }
    while (!readLine().isEmpty()) {
      // trailers, passed over
    }
    return body.toByteArray();
  }

  private int readChunkSize() throws IOException {
    return Integer.parseInt(readLine().split(";", 2)[0].strip(), 16);
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

  /** Waits for the next byte without taking it; false when none came in time. */
  public boolean somethingComes(Duration within) throws IOException {
    in.mark(1);
    raw.setSoTimeout(millis(within));
    try {
      if (in.read() < 0) {
        throw new EOFException("the client closed");
      }
      in.reset();
      raw.setSoTimeout(0);
      return true;
    } catch (SocketTimeoutException e) {
      raw.setSoTimeout(0);
      return false;
    }
  }

  // Sending

  /** Sends text as ISO-8859-1. */
  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends bytes. */
  public void send(byte[] bytes) throws IOException {
    transcript.sent(bytes);
    write(bytes);
  }

  /** Sends a 200 with this text as its body. */
  public void ok(String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    var response = new ByteArrayOutputStream();
    response.writeBytes(
        ("HTTP/1.1 200 OK\r\nContent-Length: " + bytes.length + "\r\n\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    response.writeBytes(bytes);
    send(response.toByteArray());
  }

  /** Sends one byte after the other, each in a segment of its own. */
  public void sendByteByByte(String text) throws IOException {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      send(new byte[] {b});
    }
  }

  /** Sends one byte after the other, with a pause after each. */
  public void sendSlowly(String text, Duration perByte) throws IOException {
    for (byte b : text.getBytes(StandardCharsets.ISO_8859_1)) {
      send(new byte[] {b});
      pause(perByte);
    }
  }

  /**
   * Sends the same text again and again until the client closes, or {@code most} bytes are sent.
   */
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

  // Waiting

  /** Does nothing for a while. */
  public void pause(Duration duration) throws IOException {
    try {
      if (server.closing().await(duration.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException("the server is closing");
      }
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

  /** Sends nothing until the client closes or the server is closed; what comes is passed over. */
  public void stall() throws IOException {
    transcript.happened("stalls");
    in.transferTo(OutputStream.nullOutputStream());
  }

  /** Neither reads nor sends until the server is closed: the client's window fills. */
  public void freeze() throws IOException {
    transcript.happened("freezes");
    await(server.closing());
  }

  /** Whether the client closes within this time; what it sends before is passed over. */
  public boolean clientCloses(Duration within) throws IOException {
    return awaitClose(within) != Ending.OPEN;
  }

  /** How the client closes within this time; what it sends before is passed over. */
  public Ending awaitClose(Duration within) throws IOException {
    Ending ending = passOver(System.nanoTime() + within.toNanos());
    transcript.happened("client: " + ending);
    return ending;
  }

  private Ending passOver(long deadline) throws IOException {
    byte[] passedOver = new byte[8192];
    return readToEnd(deadline, () -> in.read(passedOver) >= 0);
  }

  /** One step of reading to the end; false when that is reached. */
  @FunctionalInterface
  interface Reading {
    boolean goesOn() throws IOException;
  }

  /** Reads until the client closes or time is up, in steps that the protocol knows. */
  Ending readToEnd(long deadline, Reading reading) throws IOException {
    try {
      do {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (!left.isPositive()) {
          return Ending.OPEN;
        }
        raw.setSoTimeout(millis(left));
      } while (reading.goesOn());
      return Ending.FIN;
    } catch (SocketTimeoutException e) {
      return Ending.OPEN;
    } catch (SocketException e) {
      return Ending.RESET;
    } finally {
      if (!raw.isClosed()) {
        raw.setSoTimeout(0);
      }
    }
  }

  /** At least 1: a socket takes 0 for "for ever". */
  private static int millis(Duration duration) {
    return Math.clamp(duration.toMillis(), 1, Integer.MAX_VALUE);
  }

  // Being a proxy

  /**
   * Opens a tunnel to this address, for who has just asked for one: what comes is passed on, both
   * ways, until either side closes.
   */
  public void tunnelTo(InetSocketAddress address) throws IOException {
    try (var onwards = new Socket(address.getAddress(), address.getPort())) {
      onwards.setTcpNoDelay(true);
      send("HTTP/1.1 200 Connection established\r\n\r\n");
      passOn(onwards);
    }
  }

  /** Passes on what comes to this socket, and back, until either side closes. */
  public void passOn(Socket onwards) throws IOException {
    recordsBytes = false;
    Thread back =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    onwards.getInputStream().transferTo(socket.getOutputStream());
                    raw.shutdownOutput();
                  } catch (IOException e) {
                    transcript.happened("tunnel: " + e);
                  }
                });
    try {
      in.transferTo(onwards.getOutputStream());
      onwards.shutdownOutput();
      back.join();
    } catch (InterruptedException e) {
      throw new IOException("the server is closing", e);
    } finally {
      onwards.close(); // ends the other direction, too
    }
  }

  // TLS

  /** Shakes hands as a TLS server; what follows is within TLS. */
  public void startTls(Tls tls) throws IOException {
    byte[] early = in.readNBytes(in.available());
    SSLSocket secure = tls.accept(socket, early);
    socket = secure;
    in = input();
    transcript.happened(
        "TLS: " + secure.getSession().getProtocol() + " " + secure.getSession().getCipherSuite());
  }

  /** The TLS socket, for its session, its ALPN answer and the name the client asked for. */
  public SSLSocket tls() {
    if (socket instanceof SSLSocket secure) {
      return secure;
    }
    throw new IllegalStateException("this connection has no TLS");
  }

  // Ending

  /** Ends our direction: close_notify within TLS, then FIN. */
  public void shutdownOutput() throws IOException {
    transcript.happened("FIN");
    socket.shutdownOutput();
    if (!raw.isOutputShutdown()) {
      raw.shutdownOutput();
    }
  }

  /** Ends our direction with a FIN, within TLS without the close_notify that belongs before it. */
  public void shutdownOutputWithoutCloseNotify() throws IOException {
    transcript.happened("FIN without close_notify");
    raw.shutdownOutput();
  }

  /** Closes: close_notify within TLS, then FIN, or RST if what the client sent was not read. */
  public void close() throws IOException {
    try {
      if (!raw.isClosed()) {
        transcript.happened("closes");
        socket.close();
      }
    } finally {
      raw.close();
      server.closed(raw);
    }
  }

  /** Closes with FIN, within TLS without the close_notify that belongs before it. */
  public void closeWithoutCloseNotify() throws IOException {
    transcript.happened("closes without close_notify");
    raw.close();
    server.closed(raw);
  }

  /** Closes with RST. */
  public void reset() throws IOException {
    transcript.happened("resets");
    raw.setSoLinger(true, 0);
    raw.close();
    server.closed(raw);
  }

  /** The socket, within TLS the one above TLS, for what is not here. */
  public Socket socket() {
    return socket;
  }

  // For those who speak another protocol here

  /** What the client sends. The transcript is the caller's from now on. */
  InputStream takeInput() {
    recordsBytes = false;
    return in;
  }

  /** Sends bytes that the caller has recorded. */
  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  Transcript transcript() {
    return transcript;
  }

  void received(Received request) {
    server.received(request);
  }

  private final class Recorded extends FilterInputStream {
    Recorded(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
      int got = super.read(bytes, offset, count);
      if (got > 0 && recordsBytes) {
        transcript.received(bytes, offset, got);
      }
      return got;
    }
  }
}
