package dev.hawser.faults;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one side tells the other in SETTINGS (RFC 9113 section 6.5), in the order in which it goes.
 *
 * {@snippet :
 * peer.handshake(Http2Settings.none().maxConcurrentStreams(1).initialWindowSize(10));
 * }
 *
 * @param values by identifier; what is not among them has the protocol's default
 */
public record Http2Settings(Map<Integer, Long> values) {
  /** How large a table the other side's encoder may use; 4,096 if not said. */
  public static final int HEADER_TABLE_SIZE = 1;

  /** Whether the other side may push; 1 if not said. */
  public static final int ENABLE_PUSH = 2;

  /** How many streams the other side may have open; no limit if not said. */
  public static final int MAX_CONCURRENT_STREAMS = 3;

  /** How much the other side may send on a new stream; 65,535 if not said. */
  public static final int INITIAL_WINDOW_SIZE = 4;

  /** The largest payload that the other side may send; 16,384 if not said. */
  public static final int MAX_FRAME_SIZE = 5;

  /** How large a header section may be, not compressed; no limit if not said. */
  public static final int MAX_HEADER_LIST_SIZE = 6;

  private static final List<String> NAMES =
      List.of(
          "HEADER_TABLE_SIZE",
          "ENABLE_PUSH",
          "MAX_CONCURRENT_STREAMS",
          "INITIAL_WINDOW_SIZE",
          "MAX_FRAME_SIZE",
          "MAX_HEADER_LIST_SIZE");

  private static final int ENTRY = 6;

  /** Keeps a copy. */
  public Http2Settings {
    values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
  }

  /** An empty frame: all defaults. */
  public static Http2Settings none() {
    return new Http2Settings(Map.of());
  }

  /** Reads a payload. */
  static Http2Settings parse(byte[] payload) {
    var values = new LinkedHashMap<Integer, Long>();
    ByteBuffer entries = ByteBuffer.wrap(payload);
    while (entries.remaining() >= ENTRY) {
      values.put(entries.getShort() & 0xffff, entries.getInt() & 0xffffffffL);
    }
    return new Http2Settings(values);
  }

  /** Sets any identifier to any value that has 32 bits, also to one that is forbidden. */
  public Http2Settings with(int identifier, long value) {
    var changed = new LinkedHashMap<>(values);
    changed.put(identifier, value);
    return new Http2Settings(changed);
  }

  /** Sets {@link #HEADER_TABLE_SIZE}. */
  public Http2Settings headerTableSize(int bytes) {
    return with(HEADER_TABLE_SIZE, bytes);
  }

  /** Sets {@link #MAX_CONCURRENT_STREAMS}. */
  public Http2Settings maxConcurrentStreams(int streams) {
    return with(MAX_CONCURRENT_STREAMS, streams);
  }

  /** Sets {@link #INITIAL_WINDOW_SIZE}. */
  public Http2Settings initialWindowSize(int bytes) {
    return with(INITIAL_WINDOW_SIZE, bytes);
  }

  /** Sets {@link #MAX_FRAME_SIZE}. */
  public Http2Settings maxFrameSize(int bytes) {
    return with(MAX_FRAME_SIZE, bytes);
  }

  /** Sets {@link #MAX_HEADER_LIST_SIZE}. */
  public Http2Settings maxHeaderListSize(int bytes) {
    return with(MAX_HEADER_LIST_SIZE, bytes);
  }

  /** The value that holds: what was said, or the protocol's default. */
  public long value(int identifier) {
    return values.getOrDefault(
        identifier,
        switch (identifier) {
          case HEADER_TABLE_SIZE -> 4096L;
          case ENABLE_PUSH -> 1L;
          case INITIAL_WINDOW_SIZE -> 65_535L;
          case MAX_FRAME_SIZE -> 16_384L;
          default -> Long.MAX_VALUE;
        });
  }

  /** These, changed by those that came later. */
  Http2Settings changedBy(Http2Settings later) {
    var changed = new LinkedHashMap<>(values);
    changed.putAll(later.values);
    return new Http2Settings(changed);
  }

  byte[] payload() {
    ByteBuffer payload = ByteBuffer.allocate(values.size() * ENTRY);
    values.forEach((id, value) -> payload.putShort(id.shortValue()).putInt(value.intValue()));
    return payload.array();
  }

  /** {@code MAX_CONCURRENT_STREAMS=1 INITIAL_WINDOW_SIZE=10}. */
  @Override
  public String toString() {
    var words = new ArrayList<String>();
    values.forEach((id, value) -> words.add(name(id) + "=" + value));
    return String.join(" ", words);
  }

  private static String name(int identifier) {
    return identifier >= 1 && identifier <= NAMES.size()
        ? NAMES.get(identifier - 1)
        : "setting-" + identifier;
  }
}
