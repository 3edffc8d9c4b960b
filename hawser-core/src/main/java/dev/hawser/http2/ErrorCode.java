package dev.hawser.http2;

/** Why a stream or a connection ends (RFC 9113 section 7). */
enum ErrorCode {
  NO_ERROR(0x0),
  PROTOCOL_ERROR(0x1),
  INTERNAL_ERROR(0x2),
  FLOW_CONTROL_ERROR(0x3),
  SETTINGS_TIMEOUT(0x4),
  STREAM_CLOSED(0x5),
  FRAME_SIZE_ERROR(0x6),
  REFUSED_STREAM(0x7),
  CANCEL(0x8),
  COMPRESSION_ERROR(0x9),
  CONNECT_ERROR(0xa),
  ENHANCE_YOUR_CALM(0xb),
  INADEQUATE_SECURITY(0xc),
  HTTP_1_1_REQUIRED(0xd);

  private final int code;

  ErrorCode(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  boolean is(int received) {
    return received == code;
  }

  /** For people; a code that is not known is as good as INTERNAL_ERROR (RFC 9113 7). */
  static String describe(int code) {
    for (ErrorCode known : values()) {
      if (known.is(code)) {
        return known.name();
      }
    }
    return "error 0x" + Integer.toHexString(code);
  }
}
