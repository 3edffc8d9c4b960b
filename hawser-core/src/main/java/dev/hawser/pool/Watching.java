package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.wire.Multiplexed;

/** What a multiplexed connection tells of itself goes into the books. */
final class Watching implements Multiplexed.Watcher {
  private final Pool pool;
  private final Inspection inspection;
  private final Connection connection;

  Watching(Pool pool, Inspection inspection, Connection connection) {
    this.pool = pool;
    this.inspection = inspection;
    this.connection = connection;
  }

  @Override
  public void capacity(int exchanges) {
    pool.decide(decisions -> pool.ledger.capacity(connection, exchanges, decisions));
  }

  @Override
  public void retired(CloseReason reason) {
    noteIfIdle();
    pool.decide(decisions -> pool.ledger.retire(connection, reason, decisions));
  }

  @Override
  public void closed(CloseReason reason) {
    if (reason == CloseReason.CLOSED_BY_PEER) {
      noteIfIdle();
    }
    pool.decide(decisions -> pool.ledger.lost(connection, reason, decisions));
  }

  /** The server has its own limit of idle time, whichever way it says so. */
  private void noteIfIdle() {
    if (pool.look(() -> connection.state == Connection.State.IDLE)) {
      inspection.noteIdleClose(connection);
    }
  }
}
