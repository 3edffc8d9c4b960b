package dev.hawser.http2;

import java.util.Arrays;

/** The fields that one direction of a connection has told (RFC 7541 2.3.2): a ring. */
class DynamicTable {
  static final int DEFAULT_CAPACITY = 4096; // SETTINGS_HEADER_TABLE_SIZE unless it is set
  static final int OVERHEAD = 32; // RFC 7541 4.1: what an entry counts beyond its characters

  private String[] names; // "" where there is no entry; the length is a power of two
  private String[] values;
  private int oldest; // its slot
  private int count;
  private int size; // as RFC 7541 4.1 counts
  private int capacity;

  DynamicTable(int capacity, int slots) {
    this.capacity = capacity;
    names = new String[slots];
    values = new String[slots];
    Arrays.fill(names, "");
    Arrays.fill(values, "");
  }

  static long sizeOf(long nameLength, long valueLength) {
    return nameLength + valueLength + OVERHEAD;
  }

  final int count() {
    return count;
  }

  final int capacity() {
    return capacity;
  }

  /** The slot of the entry that was added as the {@code index}th before now, from 1. */
  final int slot(int index) {
    return oldest + count - index & names.length - 1;
  }

  /** The other way round. */
  final int index(int slot) {
    return count - (slot - oldest & names.length - 1);
  }

  final String name(int slot) {
    return names[slot];
  }

  final String value(int slot) {
    return values[slot];
  }

  final void capacity(int changed) {
    capacity = changed;
    shrinkTo(changed);
  }

  final void clear() {
    shrinkTo(0);
  }

  /** Adds a field that is not larger than the table; returns its slot. */
  int add(String name, String value) {
    int added = (int) sizeOf(name.length(), value.length());
    shrinkTo(capacity - added);
    if (count == names.length) {
      grow();
    }
    int slot = oldest + count & names.length - 1;
    names[slot] = name;
    values[slot] = value;
    count++;
    size += added;
    return slot;
  }

  /** Frees the oldest entry's slot. */
  void evict(int slot) {
    size -= (int) sizeOf(names[slot].length(), values[slot].length());
    names[slot] = "";
    values[slot] = "";
    oldest = slot + 1 & names.length - 1;
    count--;
  }

  private void shrinkTo(int limit) {
    while (size > limit) {
      evict(oldest);
    }
  }

  private void grow() {
    names = unrolled(names);
    values = unrolled(values);
    oldest = 0;
  }

  private String[] unrolled(String[] ring) {
    var longer = new String[ring.length * 2];
    Arrays.fill(longer, ring.length, longer.length, "");
    System.arraycopy(ring, oldest, longer, 0, ring.length - oldest);
    System.arraycopy(ring, 0, longer, ring.length - oldest, oldest);
    return longer;
  }
}
