package dev.hawser.pool;

import dev.hawser.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one origin, and who waits for them. A plain structure: every field is guarded
 * by the pool's lock, every method is called under it.
 */
final class HostPool {
  final Origin origin;
  final Set<Connection> connections = new HashSet<>(); // all that are open
  final List<Dial> dials = new ArrayList<>(); // being made; they count against the limits
  final IdleHabit habit = new IdleHabit();
  int idle;
  int checked; // idle ones that the sweep looks at right now
  int waiting;
  int waitingFresh; // those of them who want a connection that has carried nothing
  long usedAt;
  int failures; // of connects, since the last that succeeded
  long failedAt;
  private final ArrayDeque<Waiter> line =
      new ArrayDeque<>(); // in order; those who gave up stay until they are met
  private @Nullable Connection
      newest; // the idle ones, a stack: the newest is used first, the oldest expires first
  private @Nullable Connection oldest;

  HostPool(Origin origin) {
    this.origin = origin;
  }

  int open() {
    return connections.size() + dials.size();
  }

  int leased() {
    return connections.size() - idle - checked;
  }

  boolean unused() {
    return open() == 0 && waiting == 0;
  }

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
    connection.rested = true;
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

  void join(Waiter waiter) {
    line.addLast(waiter);
    waiting++;
    if (waiter.fresh) {
      waitingFresh++;
    }
  }

  /**
   * Takes a waiter out of the line; the connection being made for him passes to the next who has
   * none.
   */
  void leave(Waiter waiter) {
    waiter.gone = true;
    waiting--;
    if (waiter.fresh) {
      waitingFresh--;
    }
    Dial dial = waiter.dial;
    if (dial != null) {
      waiter.dial = null;
      dial.handTo(firstWithoutDial());
    }
    first(); // drops those at the head who are gone
  }

  /** The first who still waits; stays in line. */
  @Nullable Waiter first() {
    while (true) {
      Waiter first = line.peekFirst();
      if (first == null || !first.gone) {
        return first;
      }
      line.removeFirst();
    }
  }

  /** The first who can use a connection that has carried exchanges. */
  @Nullable Waiter firstForUsed() {
    for (Waiter waiter : line) {
      if (!waiter.gone && !waiter.fresh) {
        return waiter;
      }
    }
    return null;
  }

  /**
   * The first for whom no connection is being made. At most as many as are being made stand before
   * him.
   */
  @Nullable Waiter firstWithoutDial() {
    for (Waiter waiter : line) {
      if (!waiter.gone && waiter.dial == null) {
        return waiter;
      }
    }
    return null;
  }

  /** The first who wants a fresh connection while none is being made for him. */
  @Nullable Waiter firstFreshWithoutDial() {
    if (waitingFresh > 0) {
      for (Waiter waiter : line) {
        if (!waiter.gone && waiter.fresh && waiter.dial == null) {
          return waiter;
        }
      }
    }
    return null;
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
}
