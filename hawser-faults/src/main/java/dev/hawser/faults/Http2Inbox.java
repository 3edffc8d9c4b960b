package dev.hawser.faults;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has come on one connection, sorted, so that a script may ask for one stream's things while
 * another's arrive. Used by one thread at a time.
 */
final class Http2Inbox {
  private final int connection;
  private final Hpack hpack;
  private final ByteArrayOutputStream block = new ByteArrayOutputStream();
  private final Deque<Http2Request> heads = new ArrayDeque<>();
  private final Map<Integer, ByteArrayOutputStream> bodies = new HashMap<>(); // of all streams
  private final Set<Integer> ended = new HashSet<>();
  private final Set<Integer> reset = new HashSet<>();
  private final Map<Integer, Long> windows = new HashMap<>(); // beyond the initial one
  private long connectionWindow = 65_535;
  private boolean blockEndsStream;
  private Http2Settings settings = Http2Settings.none();

  Http2Inbox(int connection, Hpack hpack) {
    this.connection = connection;
    this.hpack = hpack;
  }

  /** Takes a frame; returns the fields of a header block that it completes. */
  List<Http2Field> take(Http2Frame frame) {
    int stream = frame.stream();
    switch (frame.type()) {
      case Http2Frame.HEADERS -> {
        blockEndsStream = frame.endsStream();
        return addBlock(frame);
      }
      case Http2Frame.CONTINUATION -> {
        return addBlock(frame);
      }
      case Http2Frame.DATA -> {
        bodies
            .computeIfAbsent(stream, _ -> new ByteArrayOutputStream())
            .writeBytes(frame.content());
        if (frame.endsStream()) {
          ended.add(stream);
        }
      }
      case Http2Frame.RST_STREAM -> reset.add(stream);
      case Http2Frame.WINDOW_UPDATE -> widen(stream, frame.number(0));
      case Http2Frame.SETTINGS -> {
        if (!frame.has(Http2Frame.ACK)) {
          take(Http2Settings.parse(frame.payload()));
        }
      }
      default -> {}
    }
    return List.of();
  }

  void take(Http2Settings changes) {
    settings = settings.changedBy(changes);
    hpack.encoderTableSize(settings.value(Http2Settings.HEADER_TABLE_SIZE));
  }

  private List<Http2Field> addBlock(Http2Frame frame) {
    block.writeBytes(frame.content());
    if (!frame.has(Http2Frame.END_HEADERS)) {
      return List.of();
    }
    List<Http2Field> fields = hpack.decode(block.toByteArray());
    block.reset();
    boolean trailers = bodies.putIfAbsent(frame.stream(), new ByteArrayOutputStream()) != null;
    if (blockEndsStream) {
      ended.add(frame.stream());
    }
    if (!trailers) {
      heads.add(new Http2Request(connection, frame.stream(), fields, blockEndsStream, new byte[0]));
    }
    return fields;
  }

  /** The request of an upgrade, which is stream 1 and has ended. */
  void takeUpgrade(Http2Request request) {
    bodies.put(request.stream(), new ByteArrayOutputStream());
    ended.add(request.stream());
    heads.add(request);
  }

  @Nullable Http2Request nextHead() {
    return heads.poll();
  }

  boolean ended(int stream) {
    return ended.contains(stream) || reset.contains(stream);
  }

  boolean isReset(int stream) {
    return reset.contains(stream);
  }

  /** The body as far as it has come. */
  byte[] body(int stream) {
    ByteArrayOutputStream body = bodies.get(stream);
    return body == null ? new byte[0] : body.toByteArray();
  }

  Http2Settings settings() {
    return settings;
  }

  // The client's windows

  private void widen(int stream, long increment) {
    if (stream == 0) {
      connectionWindow += increment;
    } else {
      windows.merge(stream, increment, Long::sum);
    }
  }

  /** How much DATA the client takes on a stream now. */
  long window(int stream) {
    long ofStream =
        settings.value(Http2Settings.INITIAL_WINDOW_SIZE) + windows.getOrDefault(stream, 0L);
    return Math.min(connectionWindow, ofStream);
  }

  /** So much DATA was sent. */
  void sent(int stream, int count) {
    connectionWindow -= count;
    windows.merge(stream, (long) -count, Long::sum);
  }
}
