package dev.hawser.exchange;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Origin;
import dev.hawser.connect.Tunnel;
import dev.hawser.connect.Via;
import dev.hawser.io.Ticker;

/** How a client's tunnels begin. */
record Tunnels(Http1Options limits, ExchangeOptions options, Ticker ticker)
    implements Tunnel.Maker {
  @Override
  public Tunnel to(Origin origin, Via via) {
    return new HttpTunnel(origin, via, limits, options, ticker);
  }
}
