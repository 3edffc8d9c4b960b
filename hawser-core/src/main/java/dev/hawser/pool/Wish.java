package dev.hawser.pool;

import org.jspecify.annotations.Nullable;

/**
 * What a caller will not take, because of what has become of its request before.
 *
 * @param fresh no HTTP/1.1 connection that has carried an exchange: it may be as stale as the one
 *     that failed. Multiplexed ones are watched by their readers, and will do
 * @param except not this one, as long as another can be had
 */
public record Wish(boolean fresh, @Nullable Connection except) {
  /** Anything will do. */
  public static final Wish ANY = new Wish(false, null);

  /** A connection that cannot be stale. */
  public static final Wish FRESH = new Wish(true, null);

  /** After a request has failed over {@code failed}, which may have been closed without notice. */
  public static Wish after(Connection failed) {
    return failed.isMultiplexed() ? new Wish(true, failed) : FRESH;
  }

  /** After the server has said over {@code refuser} that it did not look at the request. */
  public static Wish otherThan(Connection refuser) {
    return new Wish(false, refuser);
  }

  /** Whether this one will do. */
  boolean accepts(Connection connection) {
    return connection.isMultiplexed() ? connection != except : !fresh;
  }
}
