package dev.hawser.http2;

/**
 * Encodes the fields of one connection's requests (RFC 7541). What repeats enters the dynamic
 * table: some fields at once, any other when it is sent a second time, so that values that differ
 * each time push nothing out. Secrets are never indexed, here or by any relay (7.1.3).
 *
 * <p>Nothing is allocated but the room that a block needs. One thread at a time, and blocks in the
 * order in which they are sent.
 */
public final class HpackEncoder {
  private static final int INDEXED = 0x80; // what a representation begins with (6.1 to 6.3)
  private static final int INDEXING = 0x40;
  private static final int SIZE_UPDATE = 0x20;
  private static final int NEVER_INDEXED = 0x10;
  private static final int NOT_INDEXED = 0x00;

  /** A shorter cookie can be guessed by what comes out shorter; nghttp2 has the same bound. */
  private static final int SHORT_COOKIE = 20;

  private static final int REMEMBERED = 64;

  private enum Policy {
    AT_ONCE,
    SECOND_TIME,
    /** The value differs each time. */
    CHANGES,
    SECRET,
    COOKIE,
    PATH
  }

  /** By the name's static index; 0 is for all other names. */
  private static final Policy[] POLICIES = new Policy[StaticTable.SIZE + 1];

  static {
    for (int i = 0; i < POLICIES.length; i++) {
      POLICIES[i] =
          switch (StaticTable.name(i)) {
            case ":authority",
                ":method",
                ":scheme",
                "user-agent",
                "accept",
                "accept-charset",
                "accept-encoding",
                "accept-language" ->
                Policy.AT_ONCE;
            case "age",
                "content-length",
                "content-range",
                "date",
                "etag",
                "expires",
                "if-match",
                "if-modified-since",
                "if-none-match",
                "if-range",
                "if-unmodified-since",
                "last-modified",
                "location",
                "range" ->
                Policy.CHANGES;
            case "authorization", "proxy-authorization", "set-cookie" -> Policy.SECRET;
            case "cookie" -> Policy.COOKIE;
            case ":path" -> Policy.PATH;
            default -> Policy.SECOND_TIME;
          };
    }
  }

  private final EncoderTable table = new EncoderTable();
  private final int[] remembered = new int[REMEMBERED]; // hashes of fields not in the table
  private int smallest = DynamicTable.DEFAULT_CAPACITY; // since the last block
  private int told = DynamicTable.DEFAULT_CAPACITY; // the capacity that the peer knows of

  public HpackEncoder() {}

  /**
   * Takes the peer's SETTINGS_HEADER_TABLE_SIZE, of which at most 4096 are used. Not within a
   * block: the next one begins with the news (RFC 7541 4.2).
   */
  public void maxTableSize(int size) {
    int capacity = Math.min(size, DynamicTable.DEFAULT_CAPACITY);
    smallest = Math.min(smallest, capacity);
    table.capacity(capacity);
  }

  /** Appends a field to the block. Its name is in lower case, no character is above 255. */
  public void encode(String name, String value, boolean sensitive, Block out) {
    if (smallest != told || table.capacity() != told) {
      tellCapacity(out);
    }
    int named = StaticTable.find(name);
    Policy policy = sensitive ? Policy.SECRET : policy(named, value);
    if (policy == Policy.SECRET) {
      literal(NEVER_INDEXED, 4, named, name, value, out);
      return;
    }
    int known = StaticTable.match(named, value);
    if (known == 0 && policy != Policy.CHANGES) {
      int found = table.find(name, value);
      if (found > 0) {
        known = StaticTable.SIZE + found;
      } else if (found < 0 && named == 0) {
        named = StaticTable.SIZE - found;
      }
    }
    if (known > 0) {
      out.integer(INDEXED, 7, known);
    } else if (policy != Policy.CHANGES && enters(policy, name, value)) {
      literal(INDEXING, 6, named, name, value, out);
      table.add(name, value);
    } else {
      literal(NOT_INDEXED, 4, named, name, value, out);
    }
  }

  private static Policy policy(int named, String value) {
    Policy policy = POLICIES[named];
    return switch (policy) {
      case COOKIE -> value.length() < SHORT_COOKIE ? Policy.SECRET : Policy.SECOND_TIME;
      case PATH -> value.indexOf('?') < 0 ? Policy.SECOND_TIME : Policy.CHANGES;
      default -> policy;
    };
  }

  /** Whether a field gets a place in the table; one of more than half of it would cost too many. */
  private boolean enters(Policy policy, String name, String value) {
    if (DynamicTable.sizeOf(name.length(), value.length()) > table.capacity() / 2) {
      return false;
    }
    if (policy == Policy.AT_ONCE) {
      return true;
    }
    int hash = 31 * name.hashCode() + value.hashCode();
    int place = (hash ^ hash >>> 6 ^ hash >>> 16) & REMEMBERED - 1;
    boolean again = remembered[place] == hash;
    remembered[place] = hash;
    return again;
  }

  private static void literal(
      int kind, int prefix, int named, String name, String value, Block out) {
    out.integer(kind, prefix, named);
    if (named == 0) {
      out.string(name);
    }
    out.string(value);
  }

  /** The smallest capacity since the last block, for it has evicted, and the one that counts. */
  private void tellCapacity(Block out) {
    if (smallest < table.capacity()) {
      out.integer(SIZE_UPDATE, 5, smallest);
    }
    told = table.capacity();
    smallest = told;
    out.integer(SIZE_UPDATE, 5, told);
  }
}
