package dev.hawser.faults;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads requests from one buffer: mostly one system call a request. */
final class RequestReader {
  private static final int MOST_HEAD = 64 * 1024;

  /** The first line of what a client begins with that knows that this server speaks HTTP/2. */
  static final String PREFACE = "PRI * HTTP/2.0\r";

  private static final byte[] CONTENT_LENGTH = lower("content-length");
  private static final byte[] TRANSFER_ENCODING = lower("transfer-encoding");
  private static final byte[] CONNECTION = lower("connection");
  private static final byte[] EXPECT = lower("expect");

  private final InputStream in;
  private byte[] buffer = new byte[8 * 1024];
  private int position; // what was read but not consumed is from here
  private int limit; // to here

  RequestReader(InputStream in) {
    this.in = in;
  }

  /** The next head; null when the client has closed between requests. */
  @Nullable RequestHead readHead() throws IOException {
    int end = endOfHead();
    if (end < 0) {
      return null;
    }
    int start = position;
    position = end;
    return parse(start, end);
  }

  RequestBody body(RequestHead head, Http1Responder responder) {
    return new RequestBody(this, head, responder);
  }

  /** Where the head ends, behind the empty line; -1 when the client has closed. */
  private int endOfHead() throws IOException {
    int scanned = position;
    while (true) {
      for (int i = scanned; i + 3 < limit; i++) {
        if (buffer[i] == '\r'
            && buffer[i + 1] == '\n'
            && buffer[i + 2] == '\r'
            && buffer[i + 3] == '\n') {
          return i + 4;
        }
      }
      int ahead = Math.max(0, limit - 3 - position);
      if (!more()) {
        if (position == limit) {
          return -1;
        }
        throw new EOFException("the client closed within a head");
      }
      scanned = position + ahead;
    }
  }

  /** Reads more behind what is there, which may move to the buffer's start. */
  private boolean more() throws IOException {
    if (position == limit) {
      position = 0;
      limit = 0;
    } else if (limit == buffer.length) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      limit -= position;
      position = 0;
      if (limit == buffer.length) {
        if (limit >= MOST_HEAD) {
          throw new BadRequestException(431, "the head has more than " + MOST_HEAD + " bytes");
        }
        buffer = Arrays.copyOf(buffer, 2 * limit);
      }
    }
    int got = in.read(buffer, limit, buffer.length - limit);
    if (got < 0) {
      return false;
    }
    limit += got;
    return true;
  }

  private RequestHead parse(int start, int end) throws BadRequestException {
    int method = indexOf(' ', start, end);
    int target = indexOf(' ', method + 1, end);
    int line = indexOf('\n', start, end);
    if (method < 0
        || target < 0
        || line < target
        || !isHttp1(target + 1, line) && !text(start, line).equals(PREFACE)) {
      throw new BadRequestException(400, "this is no HTTP/1 request line");
    }
    boolean http10 = buffer[target + 8] == '0';
    long length = 0;
    boolean chunked = false;
    boolean close = http10; // keep-alive of HTTP/1.0 is not worth having
    boolean expects = false;
    for (int at = line + 1; at < end - 2; at = indexOf('\n', at, end) + 1) {
      // Four names matter, and no other begins like them often.
      switch (buffer[at] | 0x20) {
        case 'c' -> {
          if (is(CONTENT_LENGTH, at)) {
            length = length(value(at));
          } else if (is(CONNECTION, at)) {
            String value = value(at);
            close =
                value.equalsIgnoreCase("close") || http10 && !value.equalsIgnoreCase("keep-alive");
          }
        }
        case 't' -> chunked |= is(TRANSFER_ENCODING, at) && value(at).endsWith("chunked");
        case 'e' -> expects |= is(EXPECT, at) && value(at).equalsIgnoreCase("100-continue");
        default -> {}
      }
    }
    return new RequestHead(
        text(start, method),
        text(method + 1, target),
        http10,
        chunked ? 0 : length,
        chunked,
        close,
        expects,
        Arrays.copyOfRange(buffer, line + 1, end - 2));
  }

  private boolean isHttp1(int from, int lineFeed) {
    return lineFeed - from == 9 && text(from, from + 7).equals("HTTP/1.");
  }

  private static long length(String value) throws BadRequestException {
    if (value.isEmpty()
        || value.length() > 18
        || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new BadRequestException(400, "Content-Length: " + value);
    }
    return Long.parseLong(value);
  }

  private boolean is(byte[] name, int at) {
    if (at + name.length >= limit || buffer[at + name.length] != ':') {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if ((buffer[at + i] | 0x20) != (name[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  private String value(int line) {
    int colon = indexOf(':', line, limit);
    return text(colon + 1, indexOf('\n', colon, limit)).strip();
  }

  private int indexOf(char c, int from, int to) {
    for (int i = from; i < to; i++) {
      if (buffer[i] == c) {
        return i;
      }
    }
    return -1;
  }

  private String text(int from, int to) {
    return new String(buffer, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private static byte[] lower(String name) {
    return name.getBytes(StandardCharsets.ISO_8859_1);
  }

  // For bodies, and for another protocol

  /** What follows, whatever it is. */
  InputStream rest() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        return position < limit || more() ? buffer[position++] & 0xff : -1;
      }

      @Override
      public int read(byte[] bytes, int offset, int count) throws IOException {
        return RequestReader.this.read(bytes, offset, count);
      }
    };
  }

  /** Reads body bytes: from the buffer, and past it when that is empty and much is wanted. */
  int read(byte[] bytes, int offset, int count) throws IOException {
    if (position == limit) {
      if (count >= buffer.length) {
        return in.read(bytes, offset, count);
      }
      if (!more()) {
        return -1;
      }
    }
    int got = Math.min(count, limit - position);
    System.arraycopy(buffer, position, bytes, offset, got);
    position += got;
    return got;
  }

  /** Reads a line without its end. */
  String readLine() throws IOException {
    int from = 0;
    while (true) {
      int end = indexOf('\n', position + from, limit);
      if (end >= 0) {
        String line = text(position, end);
        position = end + 1;
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
      from = limit - position;
      if (!more()) {
        throw new EOFException("the client closed within a line");
      }
    }
  }
}
