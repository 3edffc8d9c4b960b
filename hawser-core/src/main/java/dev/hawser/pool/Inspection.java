package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.ExchangeEvent;
import dev.hawser.io.Events;
import dev.hawser.io.Transport.Liveness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the sockets of idle connections that carry one exchange at a time, off the pool's lock;
 * those of multiplexed ones are watched by their readers.
 */
final class Inspection {
  private static final int AT_ONCE = 32; // idle connections that are withheld at a time
  private static final System.Logger LOG = System.getLogger("dev.hawser.pool");

  private final Pool pool;
  private final Events events;

  Inspection(Pool pool, Events events) {
    this.pool = pool;
    this.events = events;
  }

  /** Looks at the socket of a connection that this thread holds: why it must be closed, or null. */
  @Nullable CloseReason look(Connection connection) {
    Liveness liveness = connection.transport().probe();
    if (liveness == Liveness.CLOSED) {
      noteIdleClose(connection);
    }
    return switch (liveness) {
      case ALIVE -> null;
      case CLOSED -> CloseReason.CLOSED_BY_PEER;
      case UNSOLICITED -> CloseReason.UNSOLICITED_BYTES;
    };
  }

  /** The server has closed a connection that was idle: it may do so after a certain time. */
  void noteIdleClose(Connection connection) {
    pool.look(() -> pool.upkeep.closedByPeer(connection))
        .ifPresent(
            limit -> {
              LOG.log(
                  System.Logger.Level.INFO,
                  "{0} closes idle connections after about {1} ms: they are reused only before"
                      + " that",
                  connection.origin(),
                  Long.toString(limit.toMillis()));
              if (events.wanted()) {
                events.tell(new ExchangeEvent.IdleLimitLearned(connection.origin(), limit));
              }
            });
  }

  /** Looks at those that are idle, a few at once. */
  void check(List<Connection> candidates) {
    for (int from = 0; from < candidates.size(); from += AT_ONCE) {
      checkAtOnce(candidates.subList(from, Math.min(from + AT_ONCE, candidates.size())));
    }
  }

  /** Withholds them from lease, looks at their sockets, and puts them back or closes them. */
  private void checkAtOnce(List<Connection> candidates) {
    List<Connection> withheld =
        pool.look(() -> candidates.stream().filter(pool.upkeep::withhold).toList());
    var verdicts = new ArrayList<Optional<CloseReason>>(withheld.size());
    for (Connection connection : withheld) {
      CloseReason verdict = look(connection);
      if (verdict == null) {
        connection.transport().releaseBuffers(); // the look itself needs one for TLS
      }
      verdicts.add(Optional.ofNullable(verdict));
    }
    pool.decide(
        decisions -> {
          for (int i = 0; i < withheld.size(); i++) {
            pool.upkeep.backFromCheck(withheld.get(i), verdicts.get(i).orElse(null), decisions);
          }
        });
  }

  /**
   * Session tickets (TLS 1.3) come a round trip after the handshake. Where no caller reads them
   * with an answer, this does, until the sweep takes over: other handshakes may wait for them.
   */
  void readTickets(Connection fresh) {
    if (fresh.info().tls().filter(tls -> tls.version().equals("TLSv1.3")).isEmpty()) {
      return;
    }
    try {
      for (long pause = 1_000_000; pause < Pool.SWEEP_PERIOD && unread(fresh); pause *= 2) {
        Thread.sleep(Duration.ofNanos(pause));
        check(List.of(fresh));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody else is on this thread
    }
  }

  /** An answer comes after the tickets: who reads one has read them. */
  private boolean unread(Connection fresh) {
    return !fresh.used() && pool.look(() -> fresh.state == Connection.State.IDLE);
  }
}
