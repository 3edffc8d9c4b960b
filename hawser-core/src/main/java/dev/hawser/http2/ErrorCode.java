package dev.hawser.http2;

/** Why a stream or a connection ends (RFC 9113 section 7), in the order of their codes. */
enum ErrorCode {
  NO_ERROR,
  PROTOCOL_ERROR,
  INTERNAL_ERROR,
  FLOW_CONTROL_ERROR,
  SETTINGS_TIMEOUT,
  STREAM_CLOSED,
  FRAME_SIZE_ERROR,
  REFUSED_STREAM,
  CANCEL,
  COMPRESSION_ERROR,
  CONNECT_ERROR,
  ENHANCE_YOUR_CALM,
  INADEQUATE_SECURITY,
  HTTP_1_1_REQUIRED;

  private static final ErrorCode[] BY_CODE = values();

  int code() {
    return ordinal();
  }

  boolean is(int code) {
    return code == ordinal();
  }

  /** For people; a code that is not known is as good as INTERNAL_ERROR (RFC 9113 7). */
  static String describe(int code) {
    return code >= 0 && code < BY_CODE.length
        ? BY_CODE[code].name()
        : "error 0x" + Integer.toHexString(code);
  }
}
