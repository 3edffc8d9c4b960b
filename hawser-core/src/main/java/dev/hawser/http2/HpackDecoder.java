package dev.hawser.http2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the field blocks of one connection's responses (RFC 7541), strictly. A field that the
 * tables hold comes as the same strings each time, without an allocation.
 *
 * <p>What a peer can make it hold is bounded: the dynamic table, a few kilobytes of recent strings,
 * and one string of the larger of the two limits. What is over the section's limit costs no more
 * than a look at its bytes.
 *
 * <p>One thread at a time, and blocks in the order in which they came.
 */
public final class HpackDecoder {
  private static final byte[] NOTHING = {};
  private static final int KEPT = 16 * 1024; // what a rare large block took is given back
  private static final int SLOTS = 32; // to begin with

  /** Takes the fields of a section, in their order. */
  public interface Sink {
    /**
     * One field, each byte a character.
     *
     * @param sensitive whether it is never to be indexed (RFC 7541 7.1.3)
     * @throws HpackException ends the decoding; the decoder is of no use after that
     */
    void field(String name, String value, boolean sensitive) throws HpackException;
  }

  private final int maxTableSize;
  private final int maxFieldSectionSize;
  private final DynamicTable table;

  // The block being decoded.
  private byte[] bytes = NOTHING;
  private int next;
  private int to;
  private long sectionSize;

  private final RecentStrings recent = new RecentStrings();
  private byte[] copied = NOTHING; // of a block that is not in an array
  private byte[] decoded = NOTHING; // of a Huffman-coded string
  private int length; // of the string read last

  /**
   * Makes one for a connection.
   *
   * @param maxTableSize our SETTINGS_HEADER_TABLE_SIZE. If it is less than 4096, a peer that has
   *     not heard of it yet must not refer to more
   * @param maxFieldSectionSize what is told to the sink at most: names, values and 32 for each
   *     field (RFC 9113 6.5.2)
   */
  public HpackDecoder(int maxTableSize, int maxFieldSectionSize) {
    this.maxTableSize = maxTableSize;
    this.maxFieldSectionSize = maxFieldSectionSize;
    table = new DynamicTable(Math.min(maxTableSize, DynamicTable.DEFAULT_CAPACITY), SLOTS);
  }

  /**
   * Decodes one whole field block, to the end of the buffer.
   *
   * @return false if the section is over the limit: the rest was decoded, so that the table stays
   *     in step, but not told
   * @throws HpackException if it cannot be decoded; the decoder is of no use after that
   */
  public boolean decode(ByteBuffer block, Sink sink) throws HpackException {
    open(block);
    try {
      sectionSize = 0;
      sizeUpdates();
      while (next < to) {
        field(bytes[next++] & 0xFF, sink);
      }
      return sectionSize <= maxFieldSectionSize;
    } finally {
      close();
    }
  }

  private void open(ByteBuffer block) {
    int size = block.remaining();
    if (block.hasArray()) {
      bytes = block.array();
      next = block.arrayOffset() + block.position();
      block.position(block.limit());
    } else {
      if (copied.length < size) {
        copied = new byte[Math.max(512, Integer.highestOneBit(size) * 2)];
      }
      block.get(copied, 0, size);
      bytes = copied;
      next = 0;
    }
    to = next + size;
  }

  private void close() {
    bytes = NOTHING;
    if (copied.length > KEPT) {
      copied = NOTHING;
    }
    if (decoded.length > KEPT) {
      decoded = NOTHING;
    }
  }

  /** RFC 7541 4.2: at a block's start, and two are enough to say all. */
  private void sizeUpdates() throws HpackException {
    for (int updates = 0; next < to && (bytes[next] & 0xE0) == 0x20; updates++) {
      if (updates == 2) {
        throw new HpackException("more than two table size updates in a block");
      }
      int size = integer(bytes[next++] & 0x1F, 0x1F);
      if (size > maxTableSize) {
        throw new HpackException(
            "a table size update to " + size + ", beyond the limit of " + maxTableSize);
      }
      table.capacity(size);
    }
  }

  private void field(int first, Sink sink) throws HpackException {
    if (first >= 0x80) {
      indexed(integer(first & 0x7F, 0x7F), sink);
    } else if (first >= 0x40) {
      literal(integer(first & 0x3F, 0x3F), true, false, sink);
    } else if (first >= 0x20) {
      throw new HpackException("a table size update after a field");
    } else {
      literal(integer(first & 0x0F, 0x0F), false, first >= 0x10, sink);
    }
  }

  private void indexed(int index, Sink sink) throws HpackException {
    String name;
    String value;
    if (index > 0 && index <= StaticTable.SIZE) {
      name = StaticTable.name(index);
      value = StaticTable.value(index);
    } else {
      int slot = slot(index);
      name = table.name(slot);
      value = table.value(slot);
    }
    if (fits(name.length(), value.length())) {
      sink.field(name, value, false);
    }
  }

  private void literal(int named, boolean indexing, boolean sensitive, Sink sink)
      throws HpackException {
    long room = maxFieldSectionSize - sectionSize - DynamicTable.OVERHEAD;
    int useful = (int) Math.max(room, indexing ? table.capacity() - DynamicTable.OVERHEAD : -1);
    boolean repeats =
        !sensitive && !(indexing && table.capacity() > 0); // else it has an index then
    String name = named == 0 ? string(useful, repeats) : name(named);
    int nameLength = name == null ? length : name.length();
    String value = string(useful - nameLength, repeats);
    if (indexing && DynamicTable.sizeOf(nameLength, length) > table.capacity()) {
      table.clear(); // RFC 7541 4.4: it empties the table and is not an error
    } else if (indexing && name != null && value != null) {
      table.add(name, value);
    }
    if (fits(nameLength, length) && name != null && value != null) {
      sink.field(name, value, sensitive);
    }
  }

  /** Counts a field; whether it, and all before it, are within the limit. */
  private boolean fits(int nameLength, int valueLength) {
    sectionSize += DynamicTable.sizeOf(nameLength, valueLength);
    return sectionSize <= maxFieldSectionSize;
  }

  private String name(int index) throws HpackException {
    return index <= StaticTable.SIZE ? StaticTable.name(index) : table.name(slot(index));
  }

  private int slot(int index) throws HpackException {
    int dynamic = index - StaticTable.SIZE;
    if (dynamic <= 0 || dynamic > table.count()) {
      throw new HpackException(
          "index " + index + " of " + (StaticTable.SIZE + table.count()) + " in the tables");
    }
    return table.slot(dynamic);
  }

  /**
   * Reads an integer (RFC 7541 5.1) whose first bits are {@code prefix}; if they are all ones, more
   * follows.
   */
  private int integer(int prefix, int allOnes) throws HpackException {
    if (prefix < allOnes) {
      return prefix;
    }
    long value = prefix;
    for (int shift = 0; shift <= 28; shift += 7) {
      if (next == to) {
        throw new HpackException("a block that ends within an integer");
      }
      byte b = bytes[next++];
      value += (long) (b & 0x7F) << shift;
      if (b >= 0) {
        if (value > Integer.MAX_VALUE) {
          break;
        }
        return (int) value;
      }
    }
    throw new HpackException("an integer of more than 31 bits");
  }

  /**
   * Reads a string (RFC 7541 5.2) and sets {@link #length}.
   *
   * @param repeats whether the same literal is likely to come again
   * @return null if it is longer than what is useful: then it has only been checked and measured
   */
  private @Nullable String string(int useful, boolean repeats) throws HpackException {
    if (next == to) {
      throw new HpackException("a block that ends before a string");
    }
    int first = bytes[next++];
    int size = integer(first & 0x7F, 0x7F);
    if (size > to - next) {
      throw new HpackException(
          "a string of " + size + " bytes where the block has " + (to - next) + " left");
    }
    int from = next;
    next += size;
    int slot = repeats ? RecentStrings.slot(bytes, from, size) : -1;
    if (slot < 0) {
      return decoded(first < 0, from, useful);
    }
    String text = recent.find(slot, bytes, from, size, first < 0);
    if (text != null) {
      length = text.length();
      return length <= useful ? text : null;
    }
    text = decoded(first < 0, from, useful);
    if (text != null) {
      recent.keep(slot, bytes, from, size, first < 0, text);
    }
    return text;
  }

  /** What is between {@code from} and {@link #next}. */
  private @Nullable String decoded(boolean coded, int from, int useful) throws HpackException {
    if (!coded) {
      length = next - from;
      return text(bytes, from, useful);
    }
    long most = Math.min((next - from) * 8L / 5, useful); // the shortest codes have 5 bits
    if (decoded.length < most) {
      decoded = new byte[Math.max(256, (int) Math.min(most * 2, Integer.MAX_VALUE - 8))];
    }
    length = Huffman.decode(bytes, from, next, decoded);
    return text(decoded, 0, useful);
  }

  private @Nullable String text(byte[] source, int from, int useful) {
    if (length > useful) {
      return null;
    }
    return length == 0 ? "" : new String(source, from, length, StandardCharsets.ISO_8859_1);
  }
}
