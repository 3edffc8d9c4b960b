package dev.hawser.bench.websocket;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * A server of WebSockets that does as little as it can: {@code /receive/64} sends binary messages
 * of 64 bytes without end, anything else is read and thrown away. Its port is what it prints.
 */
final class WebSocketServer {
  private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 1.3
  private static final int AT_ONCE = 64 * 1024;

  private WebSocketServer() {}

  public static void main(String[] args) throws IOException {
    try (var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      System.out.println(listener.getLocalPort());
      while (true) {
        Socket socket = listener.accept();
        Thread.ofPlatform().daemon().start(() -> serve(socket));
      }
    }
  }

  private static void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      InputStream in = socket.getInputStream();
      String path = handshake(in, socket.getOutputStream());
      if (path.startsWith("/receive/")) {
        flood(socket.getOutputStream(), Integer.parseInt(path.substring("/receive/".length())));
      } else {
        in.skip(Long.MAX_VALUE);
      }
    } catch (IOException e) {
      // it has what it wanted
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Clients wait for the answer before they send anything else. */
  private static String handshake(InputStream in, OutputStream out)
      throws IOException, GeneralSecurityException {
    var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
    String path = reader.readLine().split(" ", -1)[1];
    String key = "";
    for (String line = reader.readLine(); !line.isEmpty(); line = reader.readLine()) {
      if (line.regionMatches(true, 0, "sec-websocket-key:", 0, 18)) {
        key = line.substring(18).strip();
      }
    }
    byte[] hash =
        MessageDigest.getInstance("SHA-1")
            .digest((key + MAGIC).getBytes(StandardCharsets.ISO_8859_1));
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(hash)
            + "\r\n\r\n";
    out.write(answer.getBytes(StandardCharsets.ISO_8859_1));
    return path;
  }

  private static void flood(OutputStream out, int size) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(size + 10).put((byte) 0x82);
    if (size < 126) {
      frame.put((byte) size);
    } else {
      frame.put((byte) 127).putLong(size);
    }
    frame.position(frame.position() + size).flip();
    int count = Math.max(1, AT_ONCE / frame.limit());
    ByteBuffer frames = ByteBuffer.allocate(count * frame.limit());
    for (int i = 0; i < count; i++) {
      frames.put(frame.duplicate());
    }
    while (true) {
      out.write(frames.array());
    }
  }
}
