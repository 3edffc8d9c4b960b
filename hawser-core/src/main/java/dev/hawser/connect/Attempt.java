package dev.hawser.connect;

import dev.hawser.Phase;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * How far the making of one connection has come. Written by the thread that makes it; read by
 * callers who wait for it, so that they can say for what.
 */
public final class Attempt {
  private volatile Phase phase = Phase.DNS;
  private volatile @Nullable InetSocketAddress address;
  private volatile long began; // of the present stage
  private volatile long ended; // of the last stage; 0 while it is going on
  private volatile long dns;
  private volatile long connect;
  private volatile long proxy;

  /** The present stage, or the last. */
  public Phase phase() {
    return phase;
  }

  /** The address being tried, or that was tried last. */
  public @Nullable InetSocketAddress address() {
    return address;
  }

  /** Time spent in a stage until {@code now}, or until it ended; 0 if it has not been reached. */
  public long nanos(Phase stage, long now) {
    long before =
        switch (stage) {
          case DNS -> dns;
          case CONNECT -> connect;
          case PROXY -> proxy;
          default -> 0;
        };
    return stage == phase && began != 0 ? before + (ended == 0 ? now : ended) - began : before;
  }

  void begin(long now) {
    began = Math.max(now, 1);
  }

  /** A stage has ended well, and another begins: the next, or an earlier one anew. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes
  void next(Phase stage, long now) {
    switch (phase) {
      case DNS -> dns += now - began;
      case CONNECT -> connect += now - began;
      case PROXY -> proxy += now - began;
      default -> {}
    }
    began = now;
    phase = stage;
  }

  void trying(InetSocketAddress candidate) {
    address = candidate;
  }

  /** The last stage has ended, well or not. */
  void ended(long now) {
    ended = now;
  }
}
