package dev.hawser.http2;

/** The numbers of RFC 9113 section 6. */
final class Frames {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int END_STREAM = 0x1;
  static final int ACK = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int WITH_PRIORITY = 0x20;

  /** A frame's length, type, flags and stream. */
  static final int HEAD = 9;

  /** What each side must take, and all that we take: larger ones would only delay the others. */
  static final int LEAST_MAX_SIZE = 16_384;

  /** The window of a connection, and of each stream until settings say otherwise. */
  static final int DEFAULT_WINDOW = 65_535;

  private Frames() {}

  static int int32(byte[] bytes, int at) {
    return bytes[at] << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }

  /** Without the reserved bit, which is ignored. */
  static int int31(byte[] bytes, int at) {
    return int32(bytes, at) & Integer.MAX_VALUE;
  }

  static long int64(byte[] bytes, int at) {
    return (long) int32(bytes, at) << 32 | int32(bytes, at + 4) & 0xffff_ffffL;
  }
}
