package dev.hawser.coding;

import dev.hawser.DecompressionOptions;
import dev.hawser.wire.Body;
import dev.hawser.wire.MalformedResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A body that is decoded as it comes, as far as somebody asks for it: what it expands to is never
 * in memory but for one part, and bounded in all.
 */
final class DecodedBody implements Body {
  private static final int PART = 16 * 1024;

  /** Of the decoded body; a small one may have any ratio. */
  private static final long RATIO_COUNTS_FROM = 1024 * 1024;

  private final Body encoded;
  private final List<Coding> codings;
  private final DecompressionOptions options;
  private final Source source = new Source();
  private @Nullable InputStream decoder;
  private @Nullable ByteBuffer ahead; // decoded, and not returned yet
  private boolean ended;
  private long decoded;

  DecodedBody(Body encoded, List<Coding> codings, DecompressionOptions options) {
    this.encoded = encoded;
    this.codings = codings;
    this.options = options;
  }

  @Override
  public @Nullable ByteBuffer next() throws IOException {
    ByteBuffer part = ahead != null ? ahead : read();
    ahead = null;
    if (part != null && encoded.atEnd()) {
      ahead = read(); // without blocking: whether this was the last
    }
    return part;
  }

  @Override
  public boolean atEnd() {
    return ended && ahead == null;
  }

  /** {@inheritDoc} What has been received may be too little to decode anything of. */
  @Override
  public boolean ready() {
    return ended || ahead != null;
  }

  @Override
  public HttpHeaders trailers() {
    return encoded.trailers();
  }

  private @Nullable ByteBuffer read() throws IOException {
    if (ended) {
      return null;
    }
    byte[] part = new byte[PART];
    int count = read(part);
    if (count >= 0) {
      decoded += count;
      checkExpansion();
      return ByteBuffer.wrap(part, 0, count);
    }
    ended = true;
    return null;
  }

  /** Returns how many bytes; -1 at the end of both the decoded and the encoded body. */
  private int read(byte[] part) throws IOException {
    try {
      if (decoder == null && !source.isEmpty()) {
        InputStream in = source;
        for (Coding coding : codings.reversed()) {
          in = coding.decoder(in);
        }
        decoder = in;
      }
      int count = decoder == null ? -1 : decoder.read(part);
      if (count >= 0) {
        return count;
      }
      if (decoder != null) {
        decoder.close();
      }
    } catch (IOException | RuntimeException e) { // a decoder may trip over nonsense
      throw source.failure != null ? source.failure : corrupt(String.valueOf(e.getMessage()), e);
    }
    if (!source.isEmpty()) {
      throw corrupt("there is more after its end", null);
    }
    return -1;
  }

  private IOException corrupt(String problem, @Nullable Exception cause) {
    var malformed =
        new MalformedResponseException(
            "a body that is no " + codings + " (Content-Encoding): " + problem);
    if (cause != null) {
      malformed.initCause(cause);
    }
    return malformed;
  }

  private void checkExpansion() throws MalformedResponseException {
    if (decoded > options.maxBytes()) {
      throw new MalformedResponseException(
          "a compressed body of more than decompression.maxBytes=" + options.maxBytes() + " bytes");
    }
    if (decoded > RATIO_COUNTS_FROM && decoded / options.maxRatio() > source.count) {
      throw new MalformedResponseException(
          "a body that expands more than decompression.maxRatio=%d times: %d bytes of %d"
              .formatted(options.maxRatio(), decoded, source.count));
    }
  }

  /** The encoded bytes, as decoders want to read them. */
  private final class Source extends InputStream {
    private @Nullable ByteBuffer part;
    private @Nullable IOException failure; // of the connection
    private long count;

    /** Whether nothing more comes. Blocks until that is known. */
    boolean isEmpty() throws IOException {
      while (part == null || !part.hasRemaining()) {
        try {
          part = encoded.next();
        } catch (IOException e) {
          failure = e;
          throw e;
        }
        if (part == null) {
          return true;
        }
        count += part.remaining();
      }
      return false;
    }

    @Override
    public int read() throws IOException {
      return isEmpty() ? -1 : current().get() & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (isEmpty()) {
        return -1;
      }
      int taken = Math.min(length, current().remaining());
      current().get(target, offset, taken);
      return taken;
    }

    /** Not 0 before the end: a gzip body may have several members (RFC 1952 section 2.2). */
    @Override
    public int available() throws IOException {
      return isEmpty() ? 0 : current().remaining();
    }

    private ByteBuffer current() {
      if (part == null) {
        throw new IllegalStateException("at the end");
      }
      return part;
    }
  }
}
