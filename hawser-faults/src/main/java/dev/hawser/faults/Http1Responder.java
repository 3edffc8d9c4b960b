package dev.hawser.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes answers from one buffer: one system call for an answer that fits. */
final class Http1Responder implements Responder {
  private static final byte[] CRLF = {'\r', '\n'};

  private final OutputStream out;
  private final String keepAlive;
  private final byte[] buffer = new byte[16 * 1024];
  private int size;
  private boolean bodiless;
  private boolean http10;
  private boolean close;

  Http1Responder(OutputStream out, String keepAlive) {
    this.out = out;
    this.keepAlive = keepAlive;
  }

  /** What is answered next. */
  void request(RequestHead head) {
    bodiless = head.method().equals("HEAD");
    http10 = head.http10();
    close = head.close();
  }

  /** Whether the connection ends with this answer. */
  boolean closes() {
    return close;
  }

  @Override
  public Responder begin(int status, boolean closing) throws IOException {
    close |= closing;
    bodiless |= status == 204 || status == 304;
    if (status == 200) {
      put("HTTP/1.1 200 OK\r\n");
    } else {
      put("HTTP/1.1 " + status + " " + Statuses.reason(status) + "\r\n");
    }
    field("Date", HttpDate.now());
    if (close) {
      put("Connection: close\r\n");
    } else if (!keepAlive.isEmpty()) {
      field("Keep-Alive", keepAlive);
    }
    return this;
  }

  @Override
  public Responder field(String name, String value) throws IOException {
    put(name);
    put(": ");
    put(value);
    put(CRLF);
    return this;
  }

  @Override
  public void body(byte[] body) throws IOException {
    length(body.length);
    if (!bodiless) {
      put(body);
    }
    flush();
  }

  @Override
  public void nothing() throws IOException {
    put(CRLF);
    flush();
  }

  @Override
  public void letters(long count) throws IOException {
    length(count);
    for (long sent = 0; sent < count && !bodiless; ) {
      int phase = (int) (sent % 26);
      int piece = (int) Math.min(count - sent, Letters.BLOCK.length - phase);
      put(Letters.BLOCK, phase, piece);
      sent += piece;
    }
    flush();
  }

  @Override
  public void length(long count) throws IOException {
    field("Content-Length", Long.toString(count));
    put(CRLF);
  }

  @Override
  public void letter(long position) throws IOException {
    if (!bodiless) {
      put(Letters.BLOCK, (int) (position % 26), 1);
    }
    flush();
  }

  /**
   * Ends the head; chunks follow. To HTTP/1.0 the body goes as it is, until the connection ends.
   */
  @Override
  public void chunks() throws IOException {
    if (!http10) {
      field("Transfer-Encoding", "chunked");
    }
    put(CRLF);
  }

  @Override
  public void letterChunks(long count, int chunk) throws IOException {
    for (long sent = 0; sent < count && !bodiless; ) {
      int phase = (int) (sent % 26);
      int piece = (int) Math.min(chunk, count - sent);
      chunk(Letters.BLOCK, phase, piece);
      sent += piece;
    }
  }

  @Override
  public void chunk(byte[] bytes, int offset, int count) throws IOException {
    if (bodiless || count == 0) {
      return;
    }
    if (http10) {
      put(bytes, offset, count);
      return;
    }
    put(Integer.toHexString(count));
    put(CRLF);
    put(bytes, offset, count);
    put(CRLF);
  }

  @Override
  public void lastChunk(String trailers) throws IOException {
    if (!bodiless && !http10) {
      put("0\r\n");
      put(trailers);
      put(CRLF);
    }
    flush();
  }

  void switchProtocols(String protocol) throws IOException {
    put("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ");
    put(protocol);
    put("\r\n\r\n");
    flush();
  }

  void sendContinue() throws IOException {
    put("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
  }

  @Override
  public void flush() throws IOException {
    int gathered = size;
    size = 0;
    if (gathered > 0) {
      out.write(buffer, 0, gathered);
      out.flush();
    }
  }

  private void put(String text) throws IOException {
    int length = text.length();
    if (length > buffer.length - size) {
      put(text.getBytes(StandardCharsets.ISO_8859_1));
      return;
    }
    for (int i = 0; i < length; i++) {
      buffer[size + i] = (byte) text.charAt(i);
    }
    size += length;
  }

  private void put(byte[] bytes) throws IOException {
    put(bytes, 0, bytes.length);
  }

  /** Fills the buffer first, so that a head does not go alone, and copies no large body. */
  private void put(byte[] bytes, int offset, int count) throws IOException {
    int fits = Math.min(count, buffer.length - size);
    System.arraycopy(bytes, offset, buffer, size, fits);
    size += fits;
    if (fits < count) {
      flush();
      int rest = count - fits;
      if (rest < buffer.length) {
        System.arraycopy(bytes, offset + fits, buffer, 0, rest);
        size = rest;
      } else {
        out.write(bytes, offset + fits, rest);
      }
    }
  }
}
