package dev.hawser.wire;

import dev.hawser.CloseReason;

/** A connection that carries several exchanges at once, as the pool and a call see it. */
public interface Multiplexed {
  /** Is told of what limits its use; never under a lock of the connection. Must not block. */
  interface Watcher {
    /** The peer has said that it allows so many exchanges at once. */
    void capacity(int exchanges);

    /** It takes no other exchange; those it has go on. */
    void retired(CloseReason reason);

    /** It is closed. */
    void closed(CloseReason reason);
  }

  /** Sets who is told; what has happened before is told now. */
  void watch(Watcher watcher);

  /**
   * How many exchanges the peer allows at once, or those usual until it has said so. Any thread.
   */
  int capacity();

  /**
   * A new exchange. Any thread.
   *
   * @param deadline of the whole exchange
   */
  Exchange exchange(long deadline, Exchange.Progress progress);

  /**
   * Takes no other exchange and closes when those it has are over, telling the peer. Any thread.
   */
  void shutDown();
}
