package dev.hawser.pool;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits at one host, in the order of arrival. A plain structure, guarded by the pool's lock.
 */
final class Line {
  private final ArrayDeque<Waiter> waiters =
      new ArrayDeque<>(); // those who gave up stay until they are met
  private int waiting;
  private int waitingFresh; // those of them who want no connection that may be stale

  int waiting() {
    return waiting;
  }

  void join(Waiter waiter) {
    waiters.addLast(waiter);
    waiting++;
    if (waiter.fresh) {
      waitingFresh++;
    }
  }

  /** Takes a waiter out. */
  void leave(Waiter waiter) {
    waiter.gone = true;
    waiting--;
    if (waiter.fresh) {
      waitingFresh--;
    }
    first(); // drops those at the head who are gone
  }

  /** The first who still waits; stays in line. */
  @Nullable Waiter first() {
    while (true) {
      Waiter first = waiters.peekFirst();
      if (first == null || !first.gone) {
        return first;
      }
      waiters.removeFirst();
    }
  }

  /** The first who can use the connection. */
  @Nullable Waiter firstFor(Connection connection) {
    if (waitingFresh == 0) {
      return first();
    }
    for (Waiter waiter : waiters) {
      if (!waiter.gone && waiter.takes(connection)) {
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
    for (Waiter waiter : waiters) {
      if (!waiter.gone && waiter.dial == null) {
        return waiter;
      }
    }
    return null;
  }

  /** All for whom no connection is being made. */
  List<Waiter> allWithoutDial() {
    return waiters.stream().filter(waiter -> !waiter.gone && waiter.dial == null).toList();
  }

  /** The first who wants a fresh connection while none is being made for him. */
  @Nullable Waiter firstFreshWithoutDial() {
    if (waitingFresh > 0) {
      for (Waiter waiter : waiters) {
        if (!waiter.gone && waiter.fresh && waiter.dial == null) {
          return waiter;
        }
      }
    }
    return null;
  }
}
