package dev.hawser.pool;

import dev.hawser.CloseReason;
import dev.hawser.io.Transport;
import dev.hawser.io.Watchdog;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.Multiplexed;

/** A connection of many streams, without a peer: its test says what that allows. */
final class Streams implements Multiplexed {
  /** One for all who look at no address: nothing is written. */
  private static final Transport SOMEWHERE = Silent.connected(new Watchdog(() -> 0));

  private final Transport transport;
  private volatile int capacity;
  private volatile boolean shutDown;
  private volatile Watcher watcher;

  Streams(int capacity) {
    this(capacity, SOMEWHERE);
  }

  Streams(int capacity, Transport transport) {
    this.capacity = capacity;
    this.transport = transport;
  }

  Transport transport() {
    return transport;
  }

  /** The peer allows so many, from now on. */
  void allow(int streams) {
    capacity = streams;
    if (watcher != null) {
      watcher.capacity(streams);
    }
  }

  /** As after GOAWAY. */
  void retire() {
    watcher.retired(CloseReason.GOAWAY);
  }

  /** The connection ends. */
  void end(CloseReason reason) {
    watcher.closed(reason);
  }

  boolean isWatched() {
    return watcher != null;
  }

  boolean isShutDown() {
    return shutDown;
  }

  @Override
  public void watch(Watcher told) {
    watcher = told;
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public Exchange exchange(long deadline, Exchange.Progress progress) {
    throw new UnsupportedOperationException("the pool begins none");
  }

  @Override
  public void shutDown() {
    shutDown = true;
  }
}
