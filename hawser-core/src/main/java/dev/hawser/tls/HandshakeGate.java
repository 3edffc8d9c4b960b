package dev.hawser.tls;

import dev.hawser.Origin;
import dev.hawser.io.Ticker;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps a herd of connections to one origin from making a session each. While there is none to
 * resume, one handshake goes first and the others wait for what it brings: in TLS 1.2 a session
 * that all can resume, in TLS 1.3 tickets, of which each serves one handshake, which brings the
 * next. When nothing has moved for long enough, one of those who wait goes ahead all the same, not
 * all at once: in cold code the first handshake alone may take longer than that.
 *
 * <p>JSSE keeps the tickets; what is counted here is how many it should have.
 */
final class HandshakeGate {
  /** JSSE keeps no more for a host and port. */
  private static final int MOST_TICKETS = 10;

  /** What servers keep sessions for, or less: nginx's {@code ssl_session_timeout}. */
  private static final long SESSION = Duration.ofMinutes(5).toNanos();

  /** So many tickets that did not serve, one after the other, and nobody waits for any. */
  private static final int MISSES = 3;

  /** Who has waited for so many times the patience goes ahead whatever moves. */
  private static final int PATIENCES = 20;

  /** Beyond so many origins, those not used for long are forgotten. */
  private static final int MANY = 1_000;

  private final long patience;
  private final Ticker ticker;
  private final Map<Origin, Gate> gates = new ConcurrentHashMap<>();

  HandshakeGate(Duration patience, Ticker ticker) {
    this.patience = patience.toNanos();
    this.ticker = ticker;
  }

  /**
   * Returns when a handshake with the origin may begin.
   *
   * @param deadline when to return at the latest, if that is before the patience is over
   */
  Pass enter(Origin origin, long deadline) throws InterruptedException {
    if (gates.size() > MANY) {
      long now = ticker.nanos();
      gates.values().removeIf(gate -> gate.unused(now));
    }
    return gates.computeIfAbsent(origin, o -> new Gate()).enter(deadline);
  }

  /** One handshake, from its beginning to its tickets. */
  static final class Pass {
    private final Gate gate;
    private final boolean byTicket;
    private final int session;
    private long doneAt; // guarded by the gate's lock; 0: not yet

    private Pass(Gate gate, boolean byTicket, int session) {
      this.gate = gate;
      this.byTicket = byTicket;
      this.session = session;
    }

    /** It has succeeded. */
    void done(String protocol, boolean resumed) {
      gate.done(this, protocol, resumed);
    }

    /** It has not. */
    void failed() {
      gate.failed(this);
    }

    /** The server has sent a ticket (TLS 1.3). */
    void ticket() {
      gate.ticket(this);
    }
  }

  /** What is known of one origin. */
  private final class Gate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    // All guarded by lock; changed is signalled when somebody may go.
    private final Set<Pass> promising = new HashSet<>(); // which may yet bring something to resume
    private int tickets;
    private int misses;
    private int session; // counts the full handshakes
    private int barren; // of them, one after the other, so many that brought no ticket
    private boolean renewing = true; // a handshake by ticket brings a ticket
    private long openUntil; // nobody waits: all can resume, or nobody can
    private long usedAt = ticker.nanos();
    private long movedAt = usedAt; // a handshake began or ended, or a ticket came

    Pass enter(long deadline) throws InterruptedException {
      lock.lockInterruptibly();
      try {
        long came = ticker.nanos();
        usedAt = came;
        long latest = Math.min(deadline, came + PATIENCES * patience);
        while (true) {
          long now = ticker.nanos();
          long end = Math.min(latest, Math.max(came, movedAt) + patience);
          promising.removeIf(pass -> disappointed(pass, now));
          if (tickets > 0) {
            tickets--;
            return begin(true);
          }
          if (now < openUntil || now >= end || promising.isEmpty()) {
            return begin(false);
          }
          long ignored = changed.awaitNanos(end - now);
        }
      } finally {
        lock.unlock();
      }
    }

    private Pass begin(boolean byTicket) {
      var pass = new Pass(this, byTicket, session);
      movedAt = ticker.nanos();
      if (!byTicket || renewing) {
        promising.add(pass);
      }
      return pass;
    }

    /** Whether no ticket came though it was time; then nobody shall wait for such a one again. */
    private boolean disappointed(Pass pass, long now) {
      boolean tooLate = pass.doneAt != 0 && now - pass.doneAt >= patience;
      if (tooLate && pass.byTicket) {
        renewing = false;
      } else if (tooLate) { // the first time it may have been slow: code is cold, a server busy
        openUntil = now + (barren == 0 ? 8 * patience : SESSION);
        barren++;
      }
      return tooLate;
    }

    void done(Pass pass, String protocol, boolean resumed) {
      change(
          () -> {
            long now = ticker.nanos();
            pass.doneAt = now;
            if (!protocol.equals("TLSv1.3")) {
              openUntil = now + SESSION;
              promising.remove(pass);
              return;
            }
            boolean missed = pass.byTicket && !resumed;
            if (!missed) {
              misses = 0;
            } else if (pass.session == session) { // else its ticket was replaced in the meantime
              misses++;
            }
            if (!resumed) {
              tickets = 0; // JSSE replaces them all by the new session's
              session++;
            }
            if (misses >= MISSES) {
              openUntil = now + SESSION;
            }
          });
    }

    void failed(Pass pass) {
      change(() -> promising.remove(pass));
    }

    void ticket(Pass pass) {
      change(
          () -> {
            tickets = Math.min(tickets + 1, MOST_TICKETS);
            barren = 0;
            renewing |= pass.byTicket;
            promising.remove(pass);
          });
    }

    private void change(Runnable change) {
      lock.lock();
      try {
        change.run();
        movedAt = ticker.nanos();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    boolean unused(long now) {
      lock.lock();
      try {
        return now - usedAt > SESSION;
      } finally {
        lock.unlock();
      }
    }
  }
}
