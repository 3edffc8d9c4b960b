package dev.hawser.websocket;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Decompresses the payloads of messages (RFC 7692 7.2.2). One thread. */
final class Inflation {
  private static final byte[] TAIL = {0, 0, -1, -1}; // what senders leave off
  private static final byte[] NOTHING = {};

  private final boolean takeover;
  private final Inflater inflater = new Inflater(true);
  private byte[] given = NOTHING;
  private int givenTo;

  Inflation(Deflate agreed) {
    takeover = agreed.serverTakeover();
  }

  /** Gives the next bytes, when the last were used up. */
  void give(byte[] bytes, int count) {
    given = bytes;
    givenTo = count;
    inflater.setInput(bytes, 0, count);
  }

  /** Gives what ends a message. */
  void giveTail() {
    give(TAIL, TAIL.length);
  }

  /** Decompresses into the array from {@code offset} on; returns how much, 0 if more is needed. */
  int inflate(byte[] target, int offset) throws Violation {
    try {
      int count = inflater.inflate(target, offset, target.length - offset);
      while (count == 0 && inflater.finished() && inflater.getRemaining() > 0) {
        // A block that was marked as the last of all: the next begins anew (RFC 7692 7.2.3.4).
        int from = givenTo - inflater.getRemaining();
        inflater.reset();
        inflater.setInput(given, from, givenTo - from);
        count = inflater.inflate(target, offset, target.length - offset);
      }
      return count;
    } catch (DataFormatException e) {
      throw Violation.data("a message that cannot be decompressed");
    }
  }

  /** A message has ended. */
  void messageEnded() {
    given = NOTHING;
    if (!takeover) {
      inflater.reset();
    }
  }

  /** Frees the memory outside the heap. */
  void end() {
    inflater.end();
  }
}
