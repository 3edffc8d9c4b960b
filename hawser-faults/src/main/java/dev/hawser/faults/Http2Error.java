package dev.hawser.faults;

import java.util.Arrays;
import java.util.Locale;

/**
 * The error codes of HTTP/2 (RFC 9113 section 7).
 *
 * {@snippet :
 * peer.reset(request.stream(), Http2Error.REFUSED_STREAM);
 * }
 */
public enum Http2Error {
  /** No error: a graceful end. */
  NO_ERROR(0x0),
  /** Something that the protocol forbids, and no other code names. */
  PROTOCOL_ERROR(0x1),
  /** A fault of one's own. */
  INTERNAL_ERROR(0x2),
  /** The other side broke the rules of flow control. */
  FLOW_CONTROL_ERROR(0x3),
  /** SETTINGS were not acknowledged in time. */
  SETTINGS_TIMEOUT(0x4),
  /** A frame for a stream that is half closed. */
  STREAM_CLOSED(0x5),
  /** A frame of a length that it must not have. */
  FRAME_SIZE_ERROR(0x6),
  /** A stream that was not processed: the request can be repeated. */
  REFUSED_STREAM(0x7),
  /** A stream that is not needed any more. */
  CANCEL(0x8),
  /** A header block that cannot be decoded. */
  COMPRESSION_ERROR(0x9),
  /** What a CONNECT was for has failed. */
  CONNECT_ERROR(0xa),
  /** Too much work of a kind that looks like an attack. */
  ENHANCE_YOUR_CALM(0xb),
  /** TLS that is not good enough. */
  INADEQUATE_SECURITY(0xc),
  /** Not over HTTP/2, please. */
  HTTP_1_1_REQUIRED(0xd);

  private final int code;

  Http2Error(int code) {
    this.code = code;
  }

  /** The number on the wire. */
  public int code() {
    return code;
  }

  /** The name of a code, also of one that is not registered. */
  static String name(long code) {
    return Arrays.stream(values())
        .filter(error -> error.code == code)
        .map(Http2Error::name)
        .findAny()
        .orElseGet(() -> String.format(Locale.ROOT, "error-0x%x", code));
  }
}
