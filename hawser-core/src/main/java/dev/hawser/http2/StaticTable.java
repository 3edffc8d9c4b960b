package dev.hawser.http2;

/** The 61 fields that both sides know from the start (RFC 7541 appendix A), from index 1. */
final class StaticTable {
  static final int SIZE = 61;

  private static final String FIELDS =
      """
      :authority
      :method GET
      :method POST
      :path /
      :path /index.html
      :scheme http
      :scheme https
      :status 200
      :status 204
      :status 206
      :status 304
      :status 400
      :status 404
      :status 500
      accept-charset
      accept-encoding gzip, deflate
      accept-language
      accept-ranges
      accept
      access-control-allow-origin
      age
      allow
      authorization
      cache-control
      content-disposition
      content-encoding
      content-language
      content-length
      content-location
      content-range
      content-type
      cookie
      date
      etag
      expect
      expires
      from
      host
      if-match
      if-modified-since
      if-none-match
      if-range
      if-unmodified-since
      last-modified
      link
      location
      max-forwards
      proxy-authenticate
      proxy-authorization
      range
      referer
      refresh
      retry-after
      server
      set-cookie
      strict-transport-security
      transfer-encoding
      user-agent
      vary
      via
      www-authenticate
      """;

  private static final String[] NAMES = new String[SIZE + 1];
  private static final String[] VALUES = new String[SIZE + 1];

  /** Fields of one name stand side by side: how many from this index on. */
  private static final byte[] ALIKE = new byte[SIZE + 1];

  /** The first index of each name, by the name's hash, at the next free place. */
  private static final byte[] BY_NAME = new byte[256];

  static {
    NAMES[0] = "";
    VALUES[0] = "";
    int index = 0;
    for (String field : FIELDS.lines().toList()) {
      int space = field.indexOf(' ');
      index++;
      NAMES[index] = (space < 0 ? field : field.substring(0, space)).intern();
      VALUES[index] = (space < 0 ? "" : field.substring(space + 1)).intern();
    }
    for (int i = SIZE; i > 0; i--) {
      boolean more = i < SIZE && NAMES[i].equals(NAMES[i + 1]);
      ALIKE[i] = (byte) (more ? ALIKE[i + 1] + 1 : 1);
      if (!NAMES[i].equals(NAMES[i - 1])) {
        int place = place(NAMES[i]);
        while (BY_NAME[place] != 0) {
          place = place + 1 & 255;
        }
        BY_NAME[place] = (byte) i;
      }
    }
  }

  private StaticTable() {}

  static String name(int index) {
    return NAMES[index];
  }

  static String value(int index) {
    return VALUES[index];
  }

  /** The first index of a name, or 0. */
  static int find(String name) {
    int place = place(name);
    while (true) {
      int index = BY_NAME[place];
      if (index == 0 || NAMES[index].equals(name)) {
        return index;
      }
      place = place + 1 & 255;
    }
  }

  /** The index of the field with this value, given what {@link #find} says of its name; or 0. */
  static int match(int first, String value) {
    if (first == 0) {
      return 0;
    }
    for (int i = first; i < first + ALIKE[first]; i++) {
      if (VALUES[i].equals(value)) {
        return i;
      }
    }
    return 0;
  }

  private static int place(String name) {
    int hash = name.hashCode();
    return (hash ^ hash >>> 8 ^ hash >>> 16) & 255;
  }
}
