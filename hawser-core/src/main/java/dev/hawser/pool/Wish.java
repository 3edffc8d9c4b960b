package dev.hawser.pool;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a caller will not take, because of what has become of its request before.
 *
 * @param fresh no HTTP/1.1 connection that has carried an exchange: it may be as stale as the one
 *     that failed. Multiplexed ones are watched by their readers, and will do
 * @param except not this one, as long as another can be had
 * @param avoid none to this address, as long as another can be had
 */
public record Wish(boolean fresh, @Nullable Connection except, @Nullable InetAddress avoid) {
  /** Anything will do. */
  public static final Wish ANY = new Wish(false, null, null);

  /** A connection that cannot be stale. */
  public static final Wish FRESH = new Wish(true, null, null);

  /** After a request has failed over {@code failed}, which may have been closed without notice. */
  public static Wish after(Connection failed) {
    return failed.isMultiplexed() ? new Wish(true, failed, null) : FRESH;
  }

  /** After the server has said over {@code refuser} that it did not look at the request. */
  public static Wish otherThan(Connection refuser) {
    return new Wish(false, refuser, null);
  }

  /**
   * After what may be the trouble of the address that {@code failed} goes to, where its host has
   * others: whatever goes to one of those, or a new one.
   */
  public static Wish elsewhere(Connection failed) {
    return new Wish(true, failed.isMultiplexed() ? failed : null, failed.address());
  }

  /** Whether this one will do. */
  boolean accepts(Connection connection) {
    boolean elsewhere = avoid != null && !avoid.equals(connection.address());
    return connection.isMultiplexed()
        ? connection != except && (avoid == null || elsewhere)
        : !fresh || elsewhere;
  }
}
