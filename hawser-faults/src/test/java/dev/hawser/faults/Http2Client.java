package dev.hawser.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that knows frames and nothing else: it says and sees what is on the wire. */
final class Http2Client implements Closeable {
  private final Socket socket = new Socket();
  private final InputStream in;
  private final Hpack hpack = new Hpack(4096);
  private int lastStream = -1;

  /** With prior knowledge. */
  Http2Client(InetSocketAddress server, Http2Settings settings) throws IOException {
    socket.connect(server, 10_000);
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
    send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    send(Http2Frame.settings(settings));
  }

  Http2Client(InetSocketAddress server) throws IOException {
    this(server, Http2Settings.none());
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void send(Http2Frame frame) throws IOException {
    send(frame.bytes());
  }

  /** Sends a GET; returns its stream. */
  int get(String path) throws IOException {
    return request(Http2Frame.END_STREAM, "GET", path);
  }

  int post(String path) throws IOException {
    return request(0, "POST", path);
  }

  private int request(int flags, String method, String path) throws IOException {
    lastStream += 2;
    List<Http2Field> fields =
        Http2Field.of(":method", method, ":scheme", "http", ":authority", "a.test", ":path", path);
    send(Http2Frame.headers(lastStream, flags | Http2Frame.END_HEADERS, hpack.encode(fields)));
    return lastStream;
  }

  Http2Frame read() throws IOException {
    return Http2Frame.read(in);
  }

  /** The next frames that are not SETTINGS, with their fields if they have any. */
  List<String> frames(int count) throws IOException {
    var frames = new ArrayList<String>();
    while (frames.size() < count) {
      Http2Frame frame = read();
      if (frame.type() != Http2Frame.SETTINGS) {
        frames.add(text(frame));
      }
    }
    return frames;
  }

  private String text(Http2Frame frame) {
    var text = new StringBuilder(frame.toString());
    if (frame.type() == Http2Frame.HEADERS && frame.has(Http2Frame.END_HEADERS)) {
      hpack.decode(frame.content()).forEach(field -> text.append(' ').append(field));
    }
    return text.toString();
  }

  /** Reads to one frame of this type. */
  Http2Frame await(int type) throws IOException {
    Http2Frame frame = read();
    while (frame.type() != type) {
      frame = read();
    }
    return frame;
  }

  /** Ends its direction and reads the rest, so that what it has said is not lost with a reset. */
  void finish() throws IOException {
    socket.shutdownOutput();
    in.transferTo(OutputStream.nullOutputStream());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
