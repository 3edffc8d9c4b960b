package dev.hawser.connect;

import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.TcpOptions;
import dev.hawser.dns.Names;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.tls.Alpn;
import dev.hawser.tls.TlsConnector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections: resolves the name, connects to the first of its addresses that accepts, has a
 * proxy open a tunnel where there is one, does the TLS handshake. Each stage has its deadline, and
 * the client's {@code connectTimeout}, if set, holds for all together.
 */
public final class Connector {
  private final TcpOptions options;
  private final @Nullable Duration connectTimeout;
  private final Names names;
  private final Endpoints endpoints;
  private final Tunnel.Maker tunnels;
  private final TlsConnector tls;
  private final Watchdog watchdog;
  private final Buffers buffers;
  private final Events events;
  private final Ticker ticker;
  private final TcpConnector tcp;

  public Connector(
      TcpOptions options,
      @Nullable Duration connectTimeout,
      @Nullable InetAddress localAddress,
      Names names,
      Endpoints endpoints,
      Tunnel.Maker tunnels,
      TlsConnector tls,
      Watchdog watchdog,
      Buffers buffers,
      Events events,
      Ticker ticker) {
    this.options = options;
    this.connectTimeout = connectTimeout;
    this.names = names;
    this.endpoints = endpoints;
    this.tunnels = tunnels;
    this.tls = tls;
    this.watchdog = watchdog;
    this.buffers = buffers;
    this.events = events;
    this.ticker = ticker;
    this.tcp = new TcpConnector(options, localAddress, names, endpoints, events, ticker);
  }

  /**
   * Connects to the target, telling {@code attempt} how far it is. Blocks; ends by its deadlines or
   * an interrupt.
   *
   * @param taken addresses to try after the others
   */
  public Connected connect(Target target, Set<InetAddress> taken, Attempt attempt)
      throws StageFailure, InterruptedException {
    attempt.begin(ticker.nanos());
    try {
      return connectInStages(target, taken, attempt);
    } finally {
      attempt.ended(ticker.nanos());
    }
  }

  private Connected connectInStages(Target target, Set<InetAddress> taken, Attempt attempt)
      throws StageFailure, InterruptedException {
    Origin origin = target.origin();
    long start = ticker.nanos();
    long deadline = connectTimeout == null ? Ticker.NEVER : Ticker.after(start, connectTimeout);

    Names.Route route = route(target, deadline);
    long resolved = ticker.nanos();
    attempt.next(Phase.CONNECT, resolved);
    if (events.wanted()) {
      events.tell(
          new ExchangeEvent.Resolved(
              origin, route.addresses().list(), route.hint(), Duration.ofNanos(resolved - start)));
    }
    try {
      return connect(target, route, taken, deadline, attempt);
    } catch (StageFailure e) {
      InetSocketAddress failed = attempt.address();
      if (failed == null
          || failed.getPort() == target.peerPort()
          || e.phase() != Phase.TLS
          || ticker.nanos() >= deadline) {
        throw e;
      }
      // RFC 9460 section 3.1: a record that leads astray is no reason to fail.
      return connect(
          target, new Names.Route(route.addresses(), Optional.empty()), taken, deadline, attempt);
    }
  }

  private Connected connect(
      Target target, Names.Route route, Set<InetAddress> taken, long deadline, Attempt attempt)
      throws StageFailure, InterruptedException {
    Origin origin = target.origin();
    SocketChannel channel = reach(target, route, taken, deadline, attempt);
    long since = ticker.nanos();
    try {
      Endpoint endpoint = endpoint(target, attempt);
      if (!origin.secure()) {
        var transport = new PlainTransport(channel, watchdog, buffers);
        return new Connected(transport, null, null, null, endpoint);
      }
      attempt.next(Phase.TLS, since);
      TlsConnector.Secured secured = tls.handshake(channel, origin, offer(target), deadline);
      return new Connected(secured.transport(), secured.info(), secured.session(), null, endpoint);
    } catch (RuntimeException | Error | InterruptedException e) {
      TcpConnector.close(channel);
      throw e;
    } catch (StageFailure e) {
      TcpConnector.close(channel);
      throw unfit(target, e.at(attempt.address()), since);
    } catch (IOException e) {
      TcpConnector.close(channel);
      throw StageFailure.of(Phase.CONNECT, TcpConnector.reason(e), "", e).at(attempt.address());
    }
  }

  /** The next attempt goes to another address, if there is one. */
  private StageFailure unfit(Target target, StageFailure failure, long since) {
    InetSocketAddress address = failure.address();
    if (address != null && target.via() == null) {
      tcp.avoid(address);
      endpoints.failed(target, address, failure, since);
    }
    return failure;
  }

  private @Nullable Endpoint endpoint(Target target, Attempt attempt) {
    InetSocketAddress address = attempt.address();
    return address == null ? null : endpoints.find(target, address.getAddress());
  }

  private static Alpn offer(Target target) {
    return target.offersHttp2() ? Alpn.HTTP_2 : Alpn.HTTP_1_1;
  }

  /** With a proxy the origin's name is the proxy's to resolve. */
  private Names.Route route(Target target, long deadline)
      throws StageFailure, InterruptedException {
    Via via = target.via();
    if (via == null) {
      return names.route(target.origin(), deadline);
    }
    InetAddress known = via.address();
    try {
      return new Names.Route(
          known == null
              ? names.resolve(via.host(), deadline)
              : new Names.Addresses(List.of(known), true),
          Optional.empty());
    } catch (StageFailure e) {
      throw e.prefixed(toThe(via));
    }
  }

  private static String toThe(Via via) {
    return "to the proxy " + via + ": ";
  }

  /** A socket whose other end is the origin, by a tunnel if need be. */
  private SocketChannel reach(
      Target target, Names.Route route, Set<InetAddress> taken, long deadline, Attempt attempt)
      throws StageFailure, InterruptedException {
    Via via = target.via();
    if (via == null) {
      return tcp.open(target, route, taken, deadline, attempt);
    }
    Tunnel tunnel =
        switch (via.way()) {
          case FORWARD -> null;
          case TUNNEL, SOCKS -> tunnels.to(target.origin(), via);
        };
    while (true) {
      SocketChannel channel;
      try {
        channel = tcp.open(target, route, taken, deadline, attempt);
      } catch (StageFailure e) {
        throw e.prefixed(toThe(via));
      }
      if (tunnel == null) {
        return channel;
      }
      attempt.next(Phase.PROXY, ticker.nanos());
      if (opened(tunnel, channel, target, deadline, attempt)) {
        return channel;
      }
      attempt.next(Phase.CONNECT, ticker.nanos());
    }
  }

  /** Closes the socket if the tunnel is not opened. */
  private boolean opened(
      Tunnel tunnel, SocketChannel channel, Target target, long deadline, Attempt attempt)
      throws StageFailure, InterruptedException {
    long since = ticker.nanos();
    boolean opened = false;
    String problem = "asked again over another connection";
    try {
      var transport = new PlainTransport(channel, watchdog, buffers);
      try {
        long patience = Math.min(deadline, Ticker.after(since, options.proxyTimeout()));
        opened = tunnel.open(transport, patience);
        if (opened && !transport.disarm()) {
          opened = false;
          throw StageFailure.timeout(Phase.PROXY, "the proxy answered too late", "");
        }
      } finally {
        var _ = transport.handOver();
      }
      return opened;
    } catch (StageFailure e) {
      problem = e.problem();
      throw e.at(attempt.address());
    } catch (IOException e) {
      problem = TcpConnector.reason(e);
      throw StageFailure.of(Phase.CONNECT, problem, "", e).at(attempt.address());
    } finally {
      if (!opened) {
        TcpConnector.close(channel);
      }
      if (events.wanted()) {
        events.tell(
            new ExchangeEvent.Tunnelled(
                target.origin(),
                Objects.requireNonNull(attempt.address()),
                Duration.ofNanos(ticker.nanos() - since),
                opened ? Optional.empty() : Optional.of(problem)));
      }
    }
  }
}
