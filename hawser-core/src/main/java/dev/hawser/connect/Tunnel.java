package dev.hawser.connect;

import dev.hawser.Origin;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;

/** What a proxy is told so that it opens a tunnel. For one connection, and one thread. */
public interface Tunnel {
  /** How tunnels begin. */
  @FunctionalInterface
  interface Maker {
    /** One to this origin through this proxy. */
    Tunnel to(Origin origin, Via via);
  }

  /**
   * Asks for it over a connection to the proxy.
   *
   * @return true: what follows on the connection is between us and the origin; false: the proxy
   *     closes, and is to be asked again over another connection
   */
  boolean open(Transport transport, long deadline) throws StageFailure, InterruptedException;
}
