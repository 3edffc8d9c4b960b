package dev.hawser.dns;

import java.net.InetAddress;
import java.util.List;

/**
 * What is known of a name and type, and from whom.
 *
 * @param ttlSeconds as the server says; the least along a chain of aliases
 */
record Reply(Status status, List<Data> data, long ttlSeconds, String source) {
  enum Status {
    /** There are records. */
    FOUND,
    /** The name exists, and has none of this type (RFC 2308: NODATA). */
    NO_DATA,
    /** The name does not exist. */
    NO_NAME
  }

  Reply {
    data = List.copyOf(data);
  }

  boolean found() {
    return status == Status.FOUND;
  }

  List<InetAddress> addresses() {
    return data.stream()
        .filter(Data.Address.class::isInstance)
        .map(record -> ((Data.Address) record).address())
        .toList();
  }
}
