package dev.hawser.connect;

import dev.hawser.ExchangeEvent;
import dev.hawser.Phase;
import dev.hawser.ServiceHint;
import dev.hawser.TcpOptions;
import dev.hawser.dns.Names;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Connects over TCP to the first of a peer's addresses that accepts. */
final class TcpConnector {
  private final TcpOptions options;
  private final @Nullable InetAddress localAddress;
  private final Names names;
  private final Endpoints endpoints;
  private final Events events;
  private final Ticker ticker;
  private final Penalties penalties;
  private final AtomicInteger turn = new AtomicInteger();

  TcpConnector(
      TcpOptions options,
      @Nullable InetAddress localAddress,
      Names names,
      Endpoints endpoints,
      Events events,
      Ticker ticker) {
    this.options = options;
    this.localAddress = localAddress;
    this.names = names;
    this.endpoints = endpoints;
    this.events = events;
    this.ticker = ticker;
    this.penalties = new Penalties(ticker);
  }

  /** An address that accepts and is no good otherwise: it is tried after others for a while. */
  void avoid(InetSocketAddress address) {
    penalties.failed(address);
  }

  /** When all fail, the name may have moved on: it is looked up again, past the cache. */
  SocketChannel open(
      Target target, Names.Route route, Set<InetAddress> taken, long deadline, Attempt attempt)
      throws StageFailure, InterruptedException {
    List<InetSocketAddress> candidates = candidates(target, route, taken);
    try {
      return race(target, candidates, deadline, attempt);
    } catch (StageFailure e) {
      if (target.via() != null && target.via().address() != null) {
        throw e;
      }
      var again = new Names.Route(names.resolveAgain(target.peerHost(), deadline), route.hint());
      List<InetSocketAddress> others = new ArrayList<>(candidates(target, again, taken));
      others.removeAll(candidates);
      if (others.isEmpty()) {
        throw candidates.size() == 1
            ? e
            : e.prefixed("none of " + candidates.size() + " addresses answers; the last: ");
      }
      return race(target, others, deadline, attempt);
    }
  }

  /** In the order in which to try them: at a hinted port first, then at the origin's. */
  private List<InetSocketAddress> candidates(
      Target target, Names.Route route, Set<InetAddress> taken) {
    List<InetAddress> addresses = route.addresses().list();
    if (!route.addresses().ordered()) {
      addresses = Spread.rotated(addresses, turn.getAndIncrement());
    }
    List<InetAddress> reachable =
        localAddress == null
            ? addresses
            : addresses.stream().filter(address -> sameFamily(localAddress, address)).toList();
    if (reachable.isEmpty()) { // then the system says why it cannot be
      reachable = addresses;
    }
    endpoints.present(target, reachable);
    reachable = Spread.untakenFirst(reachable, taken);
    var candidates = new ArrayList<InetSocketAddress>();
    OptionalInt hinted = route.hint().map(ServiceHint::port).orElse(OptionalInt.empty());
    if (hinted.isPresent()) {
      add(candidates, reachable, hinted.getAsInt());
    }
    add(candidates, reachable, target.peerPort());
    return endpoints.ejectedLast(target, penalties.order(candidates));
  }

  private static void add(List<InetSocketAddress> to, List<InetAddress> addresses, int port) {
    addresses.forEach(address -> to.add(new InetSocketAddress(address, port)));
  }

  private static boolean sameFamily(InetAddress one, InetAddress other) {
    return one instanceof Inet6Address == other instanceof Inet6Address;
  }

  private SocketChannel race(
      Target target, List<InetSocketAddress> candidates, long deadline, Attempt attempt)
      throws StageFailure, InterruptedException {
    var track = new Lane(target, candidates.size(), attempt);
    if (candidates.size() == 1) {
      return track.alone(candidates.getFirst(), deadline);
    }
    long delay = options.sequential() ? Ticker.NEVER : options.attemptDelay().toNanos();
    return new Race(track, delay, deadline, ticker).run(candidates);
  }

  /** The attempts for one connection. */
  private final class Lane implements Race.Track {
    private final Target target;
    private final AtomicInteger left;
    private final Attempt attempt;

    Lane(Target target, int addresses, Attempt attempt) {
      this.target = target;
      this.left = new AtomicInteger(addresses);
      this.attempt = attempt;
    }

    /** Without a race, and on this thread. */
    SocketChannel alone(InetSocketAddress address, long deadline) throws StageFailure {
      long since = ticker.nanos();
      attempt.trying(address);
      StageFailure failure;
      try {
        SocketChannel channel = open();
        try {
          connect(channel, address, deadline);
          ended(address, since, null);
          return channel;
        } catch (StageFailure e) {
          close(channel);
          throw e;
        }
      } catch (StageFailure e) {
        failure = e.at(address);
      }
      ended(address, since, failure);
      throw failure;
    }

    @Override
    public SocketChannel open() throws StageFailure {
      SocketChannel channel = null;
      try {
        channel = SocketChannel.open();
        channel.setOption(StandardSocketOptions.TCP_NODELAY, options.noDelay());
        if (localAddress != null) {
          channel.bind(new InetSocketAddress(localAddress, 0));
        }
        return channel;
      } catch (IOException | RuntimeException e) {
        close(channel);
        throw StageFailure.of(Phase.CONNECT, reason(e), advice(e), e);
      }
    }

    @Override
    public void connect(SocketChannel channel, InetSocketAddress address, long deadline)
        throws StageFailure {
      attempt.trying(address);
      long patience = deadline - ticker.nanos();
      int sharers = options.sequential() ? left.getAndDecrement() : 1;
      // One dead address must not use up the time of those after it.
      long nanos = Math.min(patience / sharers, Ticker.after(0, options.connectTimeout()));
      int millis = Math.clamp(nanos / 1_000_000, 1, Integer.MAX_VALUE); // 0 would be for ever
      try {
        channel.socket().connect(address, millis);
      } catch (SocketTimeoutException e) {
        throw connectTimedOut(millis);
      } catch (IOException | RuntimeException e) {
        throw StageFailure.of(Phase.CONNECT, reason(e), advice(e), e);
      }
    }

    @Override
    public void ended(InetSocketAddress address, long since, @Nullable StageFailure failure) {
      if (failure == null) {
        attempt.trying(address); // the last that was begun may be another
        penalties.succeeded(address);
      } else {
        penalties.failed(address);
        endpoints.failed(target, address, failure, since);
      }
      tell(address, since, Optional.ofNullable(failure).map(StageFailure::problem));
    }

    @Override
    public void overtaken(InetSocketAddress address, long since) {
      if (ticker.nanos() - since >= options.attemptDelay().toNanos()) {
        penalties.failed(address);
      }
      tell(address, since, Optional.of("another address was faster"));
    }

    private void tell(InetSocketAddress address, long since, Optional<String> error) {
      if (events.wanted()) {
        Duration took = Duration.ofNanos(ticker.nanos() - since);
        events.tell(new ExchangeEvent.Connected(target.origin(), address, took, error));
      }
    }
  }

  private static StageFailure connectTimedOut(int millis) {
    return StageFailure.timeout(
        Phase.CONNECT,
        "no answer to the TCP connect in " + millis + " ms",
        "Packets are dropped on the way, or the server's accept queue is full: check address, port"
            + " and firewalls, or raise tcp.connectTimeout");
  }

  static String reason(Exception e) {
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

  static void close(@Nullable SocketChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // It was of no use anyway.
      }
    }
  }
}
