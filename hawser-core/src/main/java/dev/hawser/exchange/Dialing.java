package dev.hawser.exchange;

import dev.hawser.Phase;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Connected;
import dev.hawser.connect.Connector;
import dev.hawser.connect.Target;
import dev.hawser.io.StageFailure;
import dev.hawser.pool.Pool;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Set;

/**
 * Makes the pool's connections: over TCP and TLS, and HTTP/2 over that where ALPN chose it or it is
 * known.
 */
final class Dialing implements Pool.Dialer {
  private final Connector connector;
  private final Http2 http2;
  private final boolean priorKnowledge;

  Dialing(Connector connector, Http2 http2, boolean priorKnowledge) {
    this.connector = connector;
    this.http2 = http2;
    this.priorKnowledge = priorKnowledge;
  }

  @Override
  public Connected connect(Target target, Set<InetAddress> taken, Attempt attempt)
      throws StageFailure, InterruptedException {
    Connected connected = connector.connect(target, taken, attempt);
    if (!connected.choseHttp2() && !(priorKnowledge && target.inClearText())) {
      return connected;
    }
    boolean opened = false;
    try {
      Connected shared = connected.with(http2.open(connected.transport(), target.origin()));
      opened = true;
      return shared;
    } catch (IOException e) {
      throw StageFailure.of(Phase.CONNECT, "HTTP/2 could not be begun: " + e.getMessage(), "", e)
          .at(attempt.address());
    } finally {
      if (!opened) {
        connected.transport().close();
        connected.transport().releaseBuffers();
      }
    }
  }
}
