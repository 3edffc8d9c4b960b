package dev.hawser.http2;

import dev.hawser.Http2Options;
import java.util.Base64;

/**
 * What the peer has told us of itself (RFC 9113 6.5.2); until then, the defaults. Guarded by the
 * connection's lock.
 */
final class PeerSettings {
  private static final int HEADER_TABLE_SIZE = 1;
  private static final int ENABLE_PUSH = 2;
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final int MAX_FRAME_SIZE = 5;
  private static final int MAX_HEADER_LIST_SIZE = 6;

  private static final int ENTRY = 6;
  private static final int[] PUSHES = {ENABLE_PUSH, 1};
  private static final int[] MOST_PUSHES = {MAX_CONCURRENT_STREAMS, Pushes.MOST};

  /** Servers allow 100 or more; what is over the limit they refuse, and it is sent again. */
  private static final int ASSUMED_STREAMS = 100;

  private boolean known;
  private int headerTableSize = 4096;
  private int maxConcurrentStreams = ASSUMED_STREAMS;
  private int initialWindow = Frames.DEFAULT_WINDOW;
  private int maxFrameSize = Frames.LEAST_MAX_SIZE;

  /** Takes a SETTINGS frame's payload. */
  void read(byte[] bytes, int from, int length) throws ConnectionError {
    if (length % ENTRY != 0) {
      throw new ConnectionError(
          ErrorCode.FRAME_SIZE_ERROR, "a SETTINGS frame of " + length + " bytes");
    }
    if (!known) {
      known = true;
      maxConcurrentStreams = Integer.MAX_VALUE;
    }
    for (int i = from; i < from + length; i += ENTRY) {
      int name = (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
      set(name, Frames.int32(bytes, i + 2) & 0xffff_ffffL);
    }
  }

  private void set(int name, long value) throws ConnectionError {
    switch (name) {
      case HEADER_TABLE_SIZE -> headerTableSize = clamped(value);
      case ENABLE_PUSH -> {
        if (value != 0) { // a server cannot be pushed to
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "SETTINGS_ENABLE_PUSH=" + value);
        }
      }
      case MAX_CONCURRENT_STREAMS -> maxConcurrentStreams = clamped(value);
      case INITIAL_WINDOW_SIZE -> {
        if (value > Integer.MAX_VALUE) {
          throw new ConnectionError(
              ErrorCode.FLOW_CONTROL_ERROR, "SETTINGS_INITIAL_WINDOW_SIZE=" + value);
        }
        initialWindow = (int) value;
      }
      case MAX_FRAME_SIZE -> {
        if (value < Frames.LEAST_MAX_SIZE || value > 0xff_ffff) {
          throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "SETTINGS_MAX_FRAME_SIZE=" + value);
        }
        maxFrameSize = (int) value;
      }
      default -> {
        // MAX_HEADER_LIST_SIZE is advice, and others are ignored (RFC 9113 6.5.2)
      }
    }
  }

  private static int clamped(long value) {
    return (int) Math.min(value, Integer.MAX_VALUE);
  }

  /** Whether a SETTINGS frame has come. */
  boolean known() {
    return known;
  }

  int headerTableSize() {
    return headerTableSize;
  }

  int maxConcurrentStreams() {
    return maxConcurrentStreams;
  }

  int initialWindow() {
    return initialWindow;
  }

  int maxFrameSize() {
    return maxFrameSize;
  }

  /** The payload of our own SETTINGS; without pushes, nothing may be pushed yet. */
  static byte[] ours(Http2Options options, boolean pushes) {
    int[] window = {INITIAL_WINDOW_SIZE, options.initialWindow()};
    int[] list = {MAX_HEADER_LIST_SIZE, options.maxHeaderListSize()};
    return pushes
        ? payload(PUSHES, MOST_PUSHES, window, list)
        : payload(new int[] {ENABLE_PUSH, 0}, window, list);
  }

  /** The payload of those by which the peer may push from now on. */
  static byte[] pushes() {
    return payload(PUSHES, MOST_PUSHES);
  }

  private static byte[] payload(int[]... values) {
    byte[] payload = new byte[values.length * ENTRY];
    int at = 0;
    for (int[] entry : values) {
      payload[at + 1] = (byte) entry[0];
      for (int i = 0; i < 4; i++) {
        payload[at + 2 + i] = (byte) (entry[1] >>> 24 - 8 * i);
      }
      at += ENTRY;
    }
    return payload;
  }

  /** The same as the value of an {@code HTTP2-Settings} header. */
  static String oursAsHeader(Http2Options options, boolean pushes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(ours(options, pushes));
  }
}
