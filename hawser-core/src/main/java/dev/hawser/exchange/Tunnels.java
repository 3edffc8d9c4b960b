package dev.hawser.exchange;

import dev.hawser.ExchangeOptions;
import dev.hawser.Http1Options;
import dev.hawser.Origin;
import dev.hawser.connect.Socks5;
import dev.hawser.connect.Tunnel;
import dev.hawser.connect.Via;
import dev.hawser.io.Ticker;
import dev.hawser.policy.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * How a client's tunnels begin.
 *
 * @param credentials null: it has no authenticator
 */
record Tunnels(
    Http1Options limits, ExchangeOptions options, @Nullable Credentials credentials, Ticker ticker)
    implements Tunnel.Maker {
  @Override
  public Tunnel to(Origin origin, Via via) {
    if (via.way() == Via.Way.SOCKS) {
      return new Socks5(
          origin, via, credentials == null ? null : () -> credentials.askForSocks(via));
    }
    boolean byCaller = via.headers().containsKey("Proxy-Authorization");
    return new HttpTunnel(
        origin,
        via,
        limits,
        options,
        credentials == null || byCaller ? null : credentials.login(),
        ticker);
  }
}
