package dev.hawser.http2;

import java.util.Arrays;

/** A dynamic table that can be searched: entries whose names share a hash are chained. */
final class EncoderTable extends DynamicTable {
  private static final int SLOTS = DEFAULT_CAPACITY / OVERHEAD; // it never holds more entries
  private static final int NONE = -1;

  private final int[] newest = new int[SLOTS]; // by hash: the slot of the chain's newest entry
  private final int[] older = new int[SLOTS]; // by slot: the next in the chain

  EncoderTable() {
    super(DEFAULT_CAPACITY, SLOTS);
    Arrays.fill(newest, NONE);
  }

  /**
   * Returns the index of the field, or of the newest one with its name, negative; or 0. Indices
   * count from 1.
   */
  int find(String name, String value) {
    int named = NONE;
    for (int slot = newest[place(name)]; slot != NONE; slot = older[slot]) {
      if (name(slot).equals(name)) {
        if (value(slot).equals(value)) {
          return index(slot);
        }
        if (named == NONE) {
          named = slot;
        }
      }
    }
    return named == NONE ? 0 : -index(named);
  }

  @Override
  int add(String name, String value) {
    int slot = super.add(name, value);
    int place = place(name);
    older[slot] = newest[place];
    newest[place] = slot;
    return slot;
  }

  /** The oldest entry of all is the last of its chain. */
  @Override
  void evict(int slot) {
    int place = place(name(slot));
    if (newest[place] == slot) {
      newest[place] = NONE;
    } else {
      int last = newest[place];
      while (older[last] != slot) {
        last = older[last];
      }
      older[last] = NONE;
    }
    super.evict(slot);
  }

  private static int place(String name) {
    int hash = name.hashCode();
    return (hash ^ hash >>> 7 ^ hash >>> 16) & SLOTS - 1;
  }
}
