package dev.hawser.pool;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a caller will not take, because of what has become of its request before.
 *
 * @param fresh no HTTP/1.1 connection that has carried an exchange, unless it goes to another
 *     address than {@code avoid}: it may be as stale as the one that failed. Multiplexed ones are
 *     watched by their readers, and will do
 * @param except not this one, as long as another can be had
 * @param avoid none to this address, as long as another can be had
 * @param atOnce only if there is one or can be made: it does not wait for what others have
 */
public record Wish(
    boolean fresh, @Nullable Connection except, @Nullable InetAddress avoid, boolean atOnce) {
  /** Anything will do. */
  public static final Wish ANY = new Wish(false, null, null, false);

  /** A connection that cannot be stale. */
  public static final Wish FRESH = new Wish(true, null, null, false);

  /** After a request has failed over {@code failed}, which may have been closed without notice. */
  public static Wish after(Connection failed) {
    return failed.isMultiplexed() ? new Wish(true, failed, null, false) : FRESH;
  }

  /** After the server has said over {@code refuser} that it did not look at the request. */
  public static Wish otherThan(Connection refuser) {
    return new Wish(false, refuser, null, false);
  }

  /**
   * After what may be the trouble of the address that {@code failed} goes to, where its host has
   * others: whatever goes to one of those, or a new one.
   */
  public static Wish elsewhere(Connection failed) {
    return new Wish(true, failed.isMultiplexed() ? failed : null, failed.address(), false);
  }

  /** For a second try at a request that is under way over {@code first}. */
  public static Wish beside(Connection first) {
    return new Wish(false, first, first.address(), true);
  }

  /** Whether this one will do. */
  boolean accepts(Connection connection) {
    if (avoid != null && avoid.equals(connection.address())) {
      return false;
    }
    return connection.isMultiplexed() ? connection != except : !fresh || avoid != null;
  }
}
