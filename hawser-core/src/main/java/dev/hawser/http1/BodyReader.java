package dev.hawser.http1;

import dev.hawser.Http1Options;
import dev.hawser.http1.ResponseHead.TransferCoding;
import dev.hawser.io.Input;
import dev.hawser.io.Transport;
import dev.hawser.wire.Body;
import dev.hawser.wire.MalformedResponseException;
import java.io.EOFException;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads a response's body, delimited as RFC 9112 6.3 says. */
abstract sealed class BodyReader implements Body {
  /**
   * A read of a large body goes straight into the array that the subscriber gets. Larger ones save
   * system calls, but a subscriber that collects them holds what they do not fill; see {@link
   * #direct}.
   */
  private static final int READ_SIZE = 32 * 1024;

  protected final Transport transport;
  protected final Input input;

  private BodyReader(Transport transport) {
    this.transport = transport;
    this.input = transport.input();
  }

  /** Returns the reader for a response to a request of this method. */
  static BodyReader of(ResponseHead head, String method, Transport transport, Http1Options limits)
      throws MalformedResponseException {
    int status = head.statusCode();
    if (method.equals("HEAD") || status == 204 || status == 304) {
      return new Fixed(transport, 0);
    }
    if (head.transferCoding() == TransferCoding.CHUNKED) {
      return new Chunked(transport, limits);
    }
    if (head.transferCoding() == TransferCoding.NONE
        && head.contentLength() != ResponseHead.NO_LENGTH) {
      return new Fixed(transport, head.contentLength());
    }
    return new UntilClose(transport);
  }

  @Override
  public boolean ready() {
    return atEnd() || input.remaining() > 0;
  }

  /** Whether the body ends before the connection does. */
  abstract boolean delimited();

  /** How many bytes are still to come, at least. */
  abstract long left();

  @Override
  public HttpHeaders trailers() {
    return Fields.NONE;
  }

  /**
   * How many bytes after those that are wanted are read with them: as many as tell whether they are
   * the last.
   */
  int beyond() {
    return 0;
  }

  /** Takes up to {@code most} bytes from what has been received. */
  ByteBuffer take(long most) {
    int from = input.position();
    int count = (int) Math.min(most, input.remaining());
    byte[] copy = Arrays.copyOfRange(input.array(), from, from + count);
    input.position(from + count);
    return ByteBuffer.wrap(copy);
  }

  /**
   * Reads up to {@code most} bytes; null at the end of the stream. Through the input where they are
   * few.
   */
  @Nullable ByteBuffer read(long most) throws IOException {
    if (input.remaining() == 0) {
      if (most > input.array().length) {
        return direct(most);
      }
      if (input.fill() < 0) {
        return null;
      }
    }
    return take(most);
  }

  private @Nullable ByteBuffer direct(long most) throws IOException {
    int wanted = (int) Math.min(most, READ_SIZE);
    byte[] target = new byte[wanted + (wanted == most ? beyond() : 0)];
    int count = transport.read(ByteBuffer.wrap(target));
    if (count < 0) {
      return null;
    }
    if (count > wanted) {
      input.unread(target, wanted, count - wanted);
      return ByteBuffer.wrap(target, 0, wanted);
    }
    // A peer that drips must not make a subscriber hold 32 KiB a byte.
    return count >= target.length / 2
        ? ByteBuffer.wrap(target, 0, count)
        : ByteBuffer.wrap(Arrays.copyOf(target, count));
  }

  /** Exactly so many bytes. */
  static final class Fixed extends BodyReader {
    private final long length;
    private long left;

    Fixed(Transport transport, long length) {
      super(transport);
      this.length = length;
      this.left = length;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (left == 0) {
        return null;
      }
      ByteBuffer read = read(left);
      if (read == null) {
        throw new EOFException(
            "closed after %d of %d bytes of the body".formatted(length - left, length));
      }
      left -= read.remaining();
      return read;
    }

    @Override
    public boolean atEnd() {
      return left == 0;
    }

    @Override
    boolean delimited() {
      return true;
    }

    @Override
    long left() {
      return left;
    }
  }

  /**
   * Until the server closes; with TLS, by a close_notify, for else anybody could have cut it short.
   */
  static final class UntilClose extends BodyReader {
    private long received;
    private boolean ended;

    UntilClose(Transport transport) {
      super(transport);
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (ended) {
        return null;
      }
      ByteBuffer read = read(Long.MAX_VALUE);
      if (read == null) {
        ended = true;
        if (!transport.endedCleanly()) {
          throw new EOFException(
              "TLS connection cut after %d bytes of a body that only its close delimits"
                  .formatted(received));
        }
        return null;
      }
      received += read.remaining();
      return read;
    }

    @Override
    public boolean atEnd() {
      return ended;
    }

    @Override
    boolean delimited() {
      return false;
    }

    @Override
    long left() {
      return Long.MAX_VALUE;
    }
  }

  /**
   * In chunks (RFC 9112 7.1), whose lines must end with CRLF: a bare LF there is a way to smuggle.
   */
  static final class Chunked extends BodyReader {
    private static final long MOST = Long.MAX_VALUE >> 4;
    private static final int USUAL_END = 7; // CRLF 0 CRLF CRLF

    private final Http1Options limits;
    private long left; // of the present chunk
    private boolean inChunk; // its data's CRLF is still to come
    private boolean ended;
    private long received;
    private HttpHeaders trailers = Fields.NONE;

    Chunked(Transport transport, Http1Options limits) {
      super(transport);
      this.limits = limits;
    }

    @Override
    public @Nullable ByteBuffer next() throws IOException {
      if (ended) {
        return null;
      }
      if (left == 0) {
        if (inChunk) {
          expect('\r', "the CRLF after a chunk's data");
          expect('\n', "the CRLF after a chunk's data");
        }
        left = size();
        inChunk = true;
        if (left == 0) {
          readTrailers();
          ended = true;
          return null;
        }
      }
      ByteBuffer read = read(left);
      if (read == null) {
        throw cut();
      }
      left -= read.remaining();
      received += read.remaining();
      return read;
    }

    @Override
    int beyond() {
      return USUAL_END;
    }

    /** Only if the usual end is there already: {@code CRLF 0 CRLF CRLF}. */
    @Override
    public boolean atEnd() {
      if (!ended && left == 0 && inChunk && input.remaining() >= USUAL_END) {
        byte[] bytes = input.array();
        int i = input.position();
        return bytes[i] == '\r'
            && bytes[i + 1] == '\n'
            && bytes[i + 2] == '0'
            && bytes[i + 3] == '\r'
            && bytes[i + 4] == '\n'
            && bytes[i + 5] == '\r'
            && bytes[i + 6] == '\n';
      }
      return ended;
    }

    /** With bytes of a chunk, or a whole size line and a byte after it, or the usual end. */
    @Override
    public boolean ready() {
      if (left > 0) {
        return input.remaining() > 0;
      }
      if (atEnd()) {
        return true;
      }
      byte[] bytes = input.array();
      for (int i = input.position() + (inChunk ? 2 : 0); i < input.limit() - 1; i++) {
        if (bytes[i] == '\n') {
          return i > input.position() + 1 && bytes[i - 2] != '0';
        }
      }
      return false;
    }

    @Override
    boolean delimited() {
      return true;
    }

    /** {@inheritDoc} Of the present chunk. */
    @Override
    long left() {
      return left;
    }

    @Override
    public HttpHeaders trailers() {
      return trailers;
    }

    private long size() throws IOException {
      long size = 0;
      int digits = 0;
      int b = nextByte();
      for (int digit = hex(b); digit >= 0; digit = hex(b)) {
        if (size > MOST || ++digits > 16) {
          throw new MalformedResponseException("a chunk size beyond 2^63");
        }
        size = size << 4 | digit;
        b = nextByte();
      }
      if (digits == 0) {
        throw new MalformedResponseException(
            "a chunk size that is no hexadecimal number: it begins with " + shown(b));
      }
      int extension = 0;
      while (b != '\r') {
        boolean begins = extension == 0;
        if (begins && b != ';' && b != ' ' && b != '\t' || b == '\n' || b == 0) {
          throw new MalformedResponseException(shown(b) + " after a chunk size");
        }
        if (++extension > limits.maxChunkExtension()) {
          throw new MalformedResponseException(
              "a chunk extension of more than http1.maxChunkExtension="
                  + limits.maxChunkExtension()
                  + " bytes");
        }
        b = nextByte();
      }
      expect('\n', "the LF after a chunk size's CR");
      return size;
    }

    private void readTrailers() throws IOException {
      byte[] section = new byte[64];
      int length = 0;
      int lineLength = 0;
      while (true) {
        int b = nextByte();
        if (length == limits.maxHeaderBytes()) {
          throw new MalformedResponseException(
              "a trailer section of more than http1.maxHeaderBytes="
                  + limits.maxHeaderBytes()
                  + " bytes");
        }
        if (length == section.length) {
          section = Arrays.copyOf(section, Math.min(length * 2, limits.maxHeaderBytes()));
        }
        section[length++] = (byte) b;
        if (b == '\n') {
          if (lineLength == 0) {
            break;
          }
          lineLength = 0;
        } else if (b != '\r') {
          lineLength++;
        }
      }
      new HeadParser(limits).checkTrailers(section, length);
      trailers = Fields.read(section, 0, length);
    }

    private void expect(int wanted, String what) throws IOException {
      int b = nextByte();
      if (b != wanted) {
        throw new MalformedResponseException(shown(b) + " instead of " + what);
      }
    }

    private int nextByte() throws IOException {
      if (input.remaining() == 0 && input.fill() < 0) {
        throw cut();
      }
      int i = input.position();
      byte b = input.array()[i];
      input.position(i + 1);
      return b & 0xff;
    }

    private EOFException cut() {
      return new EOFException(
          "closed after %d bytes of a chunked body, before its last chunk".formatted(received));
    }

    private static String shown(int b) {
      return '"' + LooksLike.printable(String.valueOf((char) b)) + '"';
    }

    private static int hex(int b) {
      return b >= '0' && b <= '9'
          ? b - '0'
          : b >= 'a' && b <= 'f' ? b - 'a' + 10 : b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
    }
  }
}
