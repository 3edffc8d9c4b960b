package dev.hawser.connect;

import java.net.InetAddress;

/**
 * One address of a host, as the connections to it know it. Each has found it once, when it was
 * made, so that what a request tells of it needs no look-up. Any thread.
 */
public final class Endpoint {
  enum State {
    IN,
    OUT,
    FAILING
  }

  final InetAddress address;
  private final Outliers host;

  // All below: guarded by the host.
  final Tally tally = new Tally();
  State state = State.IN;
  boolean present; // among the addresses of the name
  int inARow; // failures
  long since; // IN: what was begun before tells nothing
  long until; // OUT, FAILING: the end of that
  int times; // ejected, less one for each window since
  String why = "";

  Endpoint(InetAddress address, Outliers host) {
    this.address = address;
    this.host = host;
  }

  /**
   * A call over it has gone well, or not. The hot path: nothing but one read where the name has one
   * address, else one lock.
   *
   * @param begun when
   */
  public void heard(boolean well, long begun, long now) {
    if (host.several()) {
      host.hear(this, well, begun, now);
    }
  }

  /** Whether its host has other addresses. */
  public boolean hasOthers() {
    return host.several();
  }
}
