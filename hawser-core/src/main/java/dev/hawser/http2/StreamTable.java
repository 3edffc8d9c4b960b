package dev.hawser.http2;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The streams that are open, by their ids; chained by a field of theirs, so that a request makes no
 * entry and no boxed key. Guarded by the connection's lock.
 */
final class StreamTable {
  private @Nullable Http2Stream[] buckets = new @Nullable Http2Stream[16];
  private int size;

  int size() {
    return size;
  }

  @Nullable Http2Stream find(int id) {
    Http2Stream stream = buckets[bucket(id)];
    while (stream != null && stream.id() != id) {
      stream = stream.next;
    }
    return stream;
  }

  void add(Http2Stream stream) {
    if (size == buckets.length) {
      grow();
    }
    link(stream);
    size++;
  }

  private void link(Http2Stream stream) {
    int bucket = bucket(stream.id());
    stream.next = buckets[bucket];
    buckets[bucket] = stream;
  }

  @SuppressWarnings("ReferenceEquality") // the very stream
  void remove(Http2Stream gone) {
    int bucket = bucket(gone.id());
    Http2Stream before = null;
    for (Http2Stream at = buckets[bucket]; at != null; before = at, at = at.next) {
      if (at == gone) {
        if (before == null) {
          buckets[bucket] = gone.next;
        } else {
          before.next = gone.next;
        }
        gone.next = null;
        size--;
        return;
      }
    }
  }

  /** Calls for each; the action must not change the table. */
  void forEach(Consumer<Http2Stream> action) {
    for (Http2Stream first : buckets) {
      for (Http2Stream at = first; at != null; at = at.next) {
        action.accept(at);
      }
    }
  }

  private void grow() {
    @Nullable Http2Stream[] before = buckets;
    buckets = new @Nullable Http2Stream[before.length * 2];
    for (Http2Stream first : before) {
      Http2Stream at = first;
      while (at != null) {
        Http2Stream following = at.next;
        link(at);
        at = following;
      }
    }
  }

  /** Our ids are odd and follow each other, the peer's are even and do. */
  private int bucket(int id) {
    return id >>> 1 & buckets.length - 1;
  }
}
