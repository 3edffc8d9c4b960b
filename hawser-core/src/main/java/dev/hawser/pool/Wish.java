package dev.hawser.pool;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a caller will not take, because of what has become of its request before.
 *
 * @param fresh no HTTP/1.1 connection that has carried an exchange: it may be as stale as the one
 *     that failed. Multiplexed ones are watched by their readers, and will do
 * @param except not this one, as long as another can be had
 * @param elsewhere none to the address of that one, if one is made for this, as far as there are
 *     others; and only if that is possible at once: it does not wait for what others have
 */
public record Wish(boolean fresh, @Nullable Connection except, boolean elsewhere) {
  /** Anything will do. */
  public static final Wish ANY = new Wish(false, null, false);

  /** A connection that cannot be stale. */
  public static final Wish FRESH = new Wish(true, null, false);

  /** After a request has failed over {@code failed}, which may have been closed without notice. */
  public static Wish after(Connection failed) {
    return failed.isMultiplexed() ? new Wish(true, failed, false) : FRESH;
  }

  /** After the server has said over {@code refuser} that it did not look at the request. */
  public static Wish otherThan(Connection refuser) {
    return new Wish(false, refuser, false);
  }

  /** For a second try at a request that is under way over {@code first}. */
  public static Wish elsewhere(Connection first) {
    return new Wish(false, first, true);
  }

  /** Whether this one will do. */
  boolean accepts(Connection connection) {
    boolean will = connection.isMultiplexed() ? connection != except : !fresh;
    return will && !(elsewhere && connection.address().equals(avoided()));
  }

  /** To which address none need be made. */
  @Nullable InetAddress avoided() {
    return elsewhere && except != null ? except.address() : null;
  }
}
