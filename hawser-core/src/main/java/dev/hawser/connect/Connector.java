package dev.hawser.connect;

import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.TcpOptions;
import dev.hawser.dns.SystemResolver;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.PlainTransport;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.io.Watchdog;
import dev.hawser.tls.TlsConnector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections: resolves the name, tries its addresses in order until one accepts, does the
 * TLS handshake. Each stage has its deadline, and the client's {@code connectTimeout}, if set,
 * holds for all together.
 */
public final class Connector {
  private final TcpOptions options;
  private final @Nullable Duration connectTimeout;
  private final @Nullable InetAddress localAddress;
  private final SystemResolver resolver;
  private final TlsConnector tls;
  private final Watchdog watchdog;
  private final Buffers buffers;
  private final Events events;
  private final Ticker ticker;

  public Connector(
      TcpOptions options,
      @Nullable Duration connectTimeout,
      @Nullable InetAddress localAddress,
      SystemResolver resolver,
      TlsConnector tls,
      Watchdog watchdog,
      Buffers buffers,
      Events events,
      Ticker ticker) {
    this.options = options;
    this.connectTimeout = connectTimeout;
    this.localAddress = localAddress;
    this.resolver = resolver;
    this.tls = tls;
    this.watchdog = watchdog;
    this.buffers = buffers;
    this.events = events;
    this.ticker = ticker;
  }

  /**
   * Connects to the origin, telling {@code attempt} how far it is. Blocks; ends by its deadlines or
   * an interrupt.
   */
  public Connected connect(Origin origin, Attempt attempt)
      throws StageFailure, InterruptedException {
    attempt.begin(ticker.nanos());
    try {
      return connectInStages(origin, attempt);
    } finally {
      attempt.ended(ticker.nanos());
    }
  }

  private Connected connectInStages(Origin origin, Attempt attempt)
      throws StageFailure, InterruptedException {
    long start = ticker.nanos();
    long deadline = connectTimeout == null ? Ticker.NEVER : Ticker.after(start, connectTimeout);

    List<InetAddress> addresses = resolver.resolve(origin.host(), deadline);
    long resolved = ticker.nanos();
    attempt.resolved(resolved);
    if (events.wanted()) {
      events.tell(
          new ExchangeEvent.Resolved(origin, addresses, Duration.ofNanos(resolved - start)));
    }

    SocketChannel channel = connect(origin, addresses, deadline, attempt);
    try {
      if (!origin.secure()) {
        return new Connected(new PlainTransport(channel, watchdog, buffers), null, null);
      }
      attempt.connected(ticker.nanos());
      TlsConnector.Secured secured = tls.handshake(channel, origin, deadline);
      return new Connected(secured.transport(), secured.info(), secured.session());
    } catch (RuntimeException | Error e) {
      close(channel);
      throw e;
    } catch (StageFailure e) {
      close(channel);
      throw e.at(attempt.address());
    } catch (IOException e) {
      close(channel);
      throw StageFailure.of(Phase.CONNECT, reason(e), "", e).at(attempt.address());
    }
  }

  private SocketChannel connect(
      Origin origin, List<InetAddress> addresses, long deadline, Attempt attempt)
      throws StageFailure {
    StageFailure last = null;
    for (int i = 0; i < addresses.size(); i++) {
      var candidate = new InetSocketAddress(addresses.get(i), origin.port());
      attempt.trying(candidate);
      long start = ticker.nanos();
      // One dead address must not use up the time of those after it.
      long share = (deadline - start) / (addresses.size() - i);
      try {
        SocketChannel channel = connect(candidate, share);
        tellConnected(origin, candidate, start, Optional.empty());
        return channel;
      } catch (StageFailure e) {
        last = e.at(candidate);
        tellConnected(origin, candidate, start, Optional.of(e.problem()));
      }
    }
    if (last == null) {
      throw StageFailure.of(Phase.DNS, "no address for " + origin.host(), "", null);
    }
    throw addresses.size() == 1
        ? last
        : last.prefixed("none of " + addresses.size() + " addresses answers; the last: ");
  }

  private void tellConnected(
      Origin origin, InetSocketAddress candidate, long start, Optional<String> error) {
    if (events.wanted()) {
      events.tell(
          new ExchangeEvent.Connected(
              origin, candidate, Duration.ofNanos(ticker.nanos() - start), error));
    }
  }

  private SocketChannel connect(InetSocketAddress address, long patience) throws StageFailure {
    long nanos = Math.clamp(patience, 1_000_000, options.connectTimeout().toNanos());
    SocketChannel channel = null;
    try {
      channel = SocketChannel.open();
      channel.setOption(StandardSocketOptions.TCP_NODELAY, options.noDelay());
      if (localAddress != null) {
        channel.bind(new InetSocketAddress(localAddress, 0));
      }
      channel
          .socket()
          .connect(address, (int) Math.max(1, Math.min(nanos / 1_000_000, Integer.MAX_VALUE)));
      return channel;
    } catch (SocketTimeoutException e) {
      close(channel);
      throw connectTimedOut(nanos);
    } catch (IOException | RuntimeException e) {
      close(channel);
      throw StageFailure.of(Phase.CONNECT, reason(e), advice(e), e);
    }
  }

  private static StageFailure connectTimedOut(long nanos) {
    return StageFailure.timeout(
        Phase.CONNECT,
        "no answer to the TCP connect in " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms",
        "Packets are dropped on the way, or the server's accept queue is full: check address, port"
            + " and firewalls, or raise tcp.connectTimeout");
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  private static String advice(Exception e) {
    String message = reason(e);
    if (message.contains("Too many open files")) {
      return "This process has no file descriptor left: raise its limit (ulimit -n) or lower"
          + " pool.maxConnections";
    }
    if (message.contains("Cannot assign requested address")) {
      return "No local port or address is left for this peer: reuse connections, widen"
          + " net.ipv4.ip_local_port_range, or check localAddress";
    }
    if (message.contains("refused")) {
      return "Nobody listens there: check the port, and that the server is up";
    }
    return "";
  }

  private static void close(@Nullable SocketChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was of no use anyway.
      }
    }
  }
}
