package dev.hawser.faults;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes answers from one buffer: one system call for an answer that fits. Call {@link #begin},
 * {@link #field} as often as needed, and then one of those that end the answer.
 */
final class Responder {
  /** The letters a to z again and again; its length is a multiple of 26, so that blocks join. */
  private static final byte[] LETTERS = letters(26 * 2520);

  private static final byte[] CRLF = {'\r', '\n'};

  private record DateLine(long second, String text) {}

  /** Written by whoever is first to see a new second; a race costs a line made twice. */
  private static volatile DateLine date = new DateLine(0, "");

  private final OutputStream out;
  private final String keepAlive;
  private final byte[] buffer = new byte[16 * 1024];
  private int size;
  private boolean bodiless;
  private boolean http10;
  private boolean close;

  Responder(OutputStream out, String keepAlive) {
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

  /** Begins an answer; the connection ends with it if either side wants that. */
  Responder begin(int status, boolean closing) throws IOException {
    close |= closing;
    bodiless |= status == 204 || status == 304;
    if (status == 200) {
      put("HTTP/1.1 200 OK\r\n");
    } else {
      put("HTTP/1.1 " + status + " " + Statuses.reason(status) + "\r\n");
    }
    putDate();
    if (close) {
      put("Connection: close\r\n");
    } else if (!keepAlive.isEmpty()) {
      field("Keep-Alive", keepAlive);
    }
    return this;
  }

  Responder begin(int status) throws IOException {
    return begin(status, false);
  }

  Responder field(String name, String value) throws IOException {
    put(name);
    put(": ");
    put(value);
    put(CRLF);
    return this;
  }

  /** Ends with a text. */
  void text(String text) throws IOException {
    field("Content-Type", "text/plain; charset=utf-8");
    body(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Ends with a body. */
  void body(byte[] body) throws IOException {
    length(body.length);
    if (!bodiless) {
      put(body);
    }
    flush();
  }

  /** Ends without a body, for a status that has none. */
  void nothing() throws IOException {
    put(CRLF);
    flush();
  }

  /** Ends with so many letters. */
  void letters(long count) throws IOException {
    length(count);
    for (long sent = 0; sent < count && !bodiless; ) {
      int phase = (int) (sent % 26);
      int piece = (int) Math.min(count - sent, LETTERS.length - phase);
      put(LETTERS, phase, piece);
      sent += piece;
    }
    flush();
  }

  /** Ends the head; so many bytes follow, each by {@link #letter}. */
  void length(long count) throws IOException {
    field("Content-Length", Long.toString(count));
    put(CRLF);
  }

  /** Sends one byte of a body on its own. */
  void letter(long position) throws IOException {
    if (!bodiless) {
      put(LETTERS, (int) (position % 26), 1);
    }
    flush();
  }

  /**
   * Ends the head; chunks follow. To HTTP/1.0 the body goes as it is, until the connection ends.
   */
  void chunks() throws IOException {
    if (!http10) {
      field("Transfer-Encoding", "chunked");
    }
    put(CRLF);
  }

  /** Sends chunks of letters, position by position as {@link #letters} does. */
  void letterChunks(long count, int chunk) throws IOException {
    for (long sent = 0; sent < count && !bodiless; ) {
      int phase = (int) (sent % 26);
      int piece = (int) Math.min(chunk, count - sent);
      chunk(LETTERS, phase, piece);
      sent += piece;
    }
  }

  /** Sends one chunk. */
  void chunk(byte[] bytes, int offset, int count) throws IOException {
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

  /** Ends the chunks; the trailers are lines with their ends. */
  void lastChunk(String trailers) throws IOException {
    if (!bodiless && !http10) {
      put("0\r\n");
      put(trailers);
      put(CRLF);
    }
    flush();
  }

  void sendContinue() throws IOException {
    put("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
  }

  /** Sends what has gathered. */
  void flush() throws IOException {
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

  private void putDate() throws IOException {
    long second = System.currentTimeMillis() / 1000;
    DateLine line = date;
    if (line.second != second) {
      String text =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
      line = new DateLine(second, "Date: " + text + "\r\n");
      date = line;
    }
    put(line.text);
  }

  private static byte[] letters(int count) {
    byte[] letters = new byte[count];
    for (int i = 0; i < count; i++) {
      letters[i] = (byte) ('a' + i % 26);
    }
    return letters;
  }
}
