package dev.hawser.http1;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/**
 * A response's head: what framing needs is parsed, the rest stays bytes until somebody looks at a
 * header. One thread at a time but for {@link #headers}, which any may call.
 */
public final class ResponseHead implements HttpResponse.ResponseInfo {
  /** No {@code Content-Length}. */
  static final long NO_LENGTH = -1;

  private final byte[] bytes;
  private final int fieldsFrom;
  private final int status;
  private final boolean http10;
  private final long contentLength;
  private final TransferCoding transferCoding;
  private final Persistence persistence;
  private final long keepAliveNanos;
  private volatile @Nullable HttpHeaders headers; // made at first look; a lost race makes it twice

  /** What {@code Transfer-Encoding} says. */
  enum TransferCoding {
    NONE,
    CHUNKED,
    /**
     * A known coding without chunked as the last: the body ends with the connection (RFC 9112 6.3).
     */
    UNTIL_CLOSE
  }

  /** What {@code Connection} says. */
  enum Persistence {
    UNSAID,
    CLOSE,
    KEEP_ALIVE
  }

  ResponseHead(
      byte[] bytes,
      int fieldsFrom,
      int status,
      boolean http10,
      long contentLength,
      TransferCoding transferCoding,
      Persistence persistence,
      long keepAliveNanos) {
    this.bytes = bytes;
    this.fieldsFrom = fieldsFrom;
    this.status = status;
    this.http10 = http10;
    this.contentLength = contentLength;
    this.transferCoding = transferCoding;
    this.persistence = persistence;
    this.keepAliveNanos = keepAliveNanos;
  }

  /** Three digits. */
  @Override
  public int statusCode() {
    return status;
  }

  @Override
  public HttpClient.Version version() {
    return HttpClient.Version.HTTP_1_1; // also for HTTP/1.0, which the API has no name for
  }

  /** All fields, parsed at the first call. */
  @Override
  public HttpHeaders headers() {
    HttpHeaders parsed = headers;
    if (parsed == null) {
      parsed = Fields.read(bytes, fieldsFrom, bytes.length);
      headers = parsed;
    }
    return parsed;
  }

  /** The server's {@code Keep-Alive: timeout}; Long.MAX_VALUE if it gave none. */
  long keepAliveNanos() {
    return keepAliveNanos;
  }

  /** Whether the connection may carry another exchange after this one (RFC 9112 9.3). */
  boolean persistent() {
    // Transfer-Encoding in an HTTP/1.0 message: framing is in doubt, close after it (RFC 9112 6.1).
    return switch (persistence) {
      case CLOSE -> false;
      case KEEP_ALIVE -> !http10 || transferCoding == TransferCoding.NONE;
      case UNSAID -> !http10;
    };
  }

  /** A 204 that announces a body: one that comes late would be taken for the next answer. */
  boolean contradictory() {
    return status == 204 && (contentLength > 0 || transferCoding != TransferCoding.NONE);
  }

  long contentLength() {
    return contentLength;
  }

  TransferCoding transferCoding() {
    return transferCoding;
  }
}
