package dev.hawser.pool;

import dev.hawser.ClientSnapshot.Size;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.connect.Target;
import dev.hawser.tune.Sizer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one target, and who waits for them. A plain structure: every field is guarded
 * by the pool's lock, every method is called under it.
 */
final class HostPool {
  final Target target;
  final Origin origin;
  final Set<Connection> connections = new HashSet<>(); // all that are open
  final List<Connection> multiplexed =
      new ArrayList<>(); // those of them that take more streams, now or when some end; a few
  final List<Dial> dials = new ArrayList<>(); // being made; they count against the limits
  final Line line = new Line();
  final IdleHabit habit = new IdleHabit();
  int idle;
  int checked; // idle ones that the sweep looks at right now
  long usedAt;
  int failures; // of connects, since the last that succeeded
  long failedAt;
  final @Nullable Sizer sizer; // null: sizes are fixed
  private final Size fixed;
  ExchangeEvent.@Nullable Resized resized; // the last
  private int streams = Integer.MAX_VALUE; // a connection may have, by the server's last word
  private long http1Until = Long.MIN_VALUE; // until then it is taken to speak only HTTP/1.1
  private final boolean offersHttp2; // to whom a connection is made
  private boolean http1Required; // by its own word: HTTP/2 is not even offered until then
  private @Nullable Connection
      newest; // the idle ones, a stack: the newest is used first, the oldest expires first
  private @Nullable Connection oldest;

  HostPool(Target target, PoolOptions options, boolean priorKnowledge, long now) {
    this.target = target;
    this.sizer = Sizer.of(options, now);
    this.fixed = Sizer.fixed(options);
    this.offersHttp2 = target.offersHttp2(priorKnowledge);
    this.origin = target.origin();
  }

  /** Whether its connections go to the origin's own addresses. */
  boolean reaches(Origin other) {
    return target.via() == null && origin.equals(other);
  }

  int open() {
    return connections.size() + dials.size();
  }

  int leased() {
    return connections.size() - idle - checked;
  }

  boolean unused() {
    return open() == 0 && line.waiting() == 0;
  }

  // ---- how many idle ones

  Size size() {
    return sizer == null ? fixed : sizer.size();
  }

  /** At this moment. */
  int maxIdle() {
    return sizer == null ? fixed.maxIdle() : sizer.maxIdle();
  }

  // ---- which protocol

  /**
   * Whether one connection may serve many callers: there are such, or the next may turn out to be
   * one.
   */
  boolean multiplexes(long now) {
    return !multiplexed.isEmpty() || offersHttp2 && now >= http1Until;
  }

  /** The server has been offered both, and has chosen HTTP/1.1. */
  void speaksHttp1(long now, long until) {
    if (!http1Required(now)) {
      http1Until = until;
      http1Required = false;
    }
  }

  /** The server has said over HTTP/2 that it wants HTTP/1.1. */
  void requiresHttp1(long until) {
    http1Until = until;
    http1Required = true;
  }

  boolean http1Required(long now) {
    return http1Required && now < http1Until;
  }

  /** What to ask the server for. */
  Target asked(long now) {
    return http1Required(now) ? target.overHttp1() : target;
  }

  // ---- shared connections

  /**
   * The server has said how many streams a connection may have. The next one is taken to be allowed
   * as many until it has been told: a server that allows 20 refuses the rest of the 100 that are
   * usual, and whoever meets some such connections in a row would be given up.
   */
  void allows(int most) {
    streams = Math.max(1, most);
  }

  int streams() {
    return streams;
  }

  /** Of those that carry streams and can carry another, the one with the fewest. */
  @Nullable Connection leastLoaded(Wish wish, long now) {
    Connection least = null;
    for (Connection candidate : multiplexed) {
      if (candidate.leases > 0
          && candidate.hasRoom()
          && now < candidate.expiresAt
          && wish.accepts(candidate)
          && (least == null || candidate.leases < least.leases)) {
        least = candidate;
      }
    }
    return least;
  }

  /** How many streams one more connection can be expected to carry. */
  int roomOfOneMore(int atMost) {
    int most = 0;
    for (Connection connection : multiplexed) {
      most = Math.max(most, connection.limit);
    }
    return Math.min(most == 0 ? streams : most, atMost);
  }

  /** Where new connections need not go, as long as there are other addresses. */
  Set<InetAddress> taken() {
    var taken = new HashSet<InetAddress>();
    for (Connection connection : multiplexed) {
      taken.add(connection.address());
    }
    for (Dial dial : dials) {
      InetSocketAddress tried = dial.attempt.address();
      if (tried != null && !multiplexed.isEmpty()) {
        taken.add(tried.getAddress());
      }
    }
    return taken;
  }

  // ---- idle connections

  @Nullable Connection newest() {
    return newest;
  }

  @Nullable Connection oldest() {
    return oldest;
  }

  /**
   * Makes a connection idle: puts it where its {@code idleSince} belongs, which is on top but for
   * those just checked.
   */
  void push(Connection connection) {
    connection.state = Connection.State.IDLE;
    Connection newer = null;
    Connection older = newest;
    while (older != null && older.idleSince > connection.idleSince) {
      newer = older;
      older = older.older;
    }
    connection.older = older;
    connection.newer = newer;
    relink(older, newer, connection, connection);
    idle++;
  }

  /**
   * Takes an idle connection out of the stack, wherever in it; its next state is the caller's to
   * set.
   */
  void unlink(Connection connection) {
    relink(connection.older, connection.newer, connection.newer, connection.older);
    connection.older = null;
    connection.newer = null;
    idle--;
  }

  private void relink(
      @Nullable Connection older,
      @Nullable Connection newer,
      @Nullable Connection afterOlder,
      @Nullable Connection beforeNewer) {
    if (older != null) {
      older.newer = afterOlder;
    } else {
      oldest = afterOlder;
    }
    if (newer != null) {
      newer.older = beforeNewer;
    } else {
      newest = beforeNewer;
    }
  }

  // ---- the line

  /**
   * Takes a waiter out of the line; the connection being made for him passes to the next who has
   * none.
   */
  void leave(Waiter waiter) {
    line.leave(waiter);
    Dial dial = waiter.dial;
    if (dial != null) {
      waiter.dial = null;
      dial.handTo(line.firstWithoutDial());
    }
  }

  /** A connection being made for nobody in particular. */
  @Nullable Dial orphan() {
    for (Dial dial : dials) {
      if (dial.waiter == null) {
        return dial;
      }
    }
    return null;
  }

  /** How many connections are being made for nobody in particular. */
  int orphans() {
    int count = 0;
    for (Dial dial : dials) {
      count += dial.waiter == null ? 1 : 0;
    }
    return count;
  }

  /** How many wait for whom no connection is being made by name. */
  int waitingWithoutDial() {
    return line.waiting() - (dials.size() - orphans());
  }
}
