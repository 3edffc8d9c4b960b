package dev.hawser.overload;

import org.jspecify.annotations.Nullable;

/**
 * A request whose response is awaited, and which may become late. It is its own place in its host's
 * list, so that one that is answered in time allocates nothing.
 */
public abstract class Awaited {
  // All: guarded by the lock of the host's Hedging.
  @Nullable Awaited earlier; // in the list
  @Nullable Awaited later;
  boolean listed;
  boolean late; // it has been told
  long lateAt;

  /** Its response is late. Called by the watchdog, once at most; must not block. */
  protected abstract void late();
}
