package dev.hawser.connect;

import dev.hawser.ClientSnapshot;
import dev.hawser.EjectionOptions;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.io.Buffers;
import dev.hawser.io.Events;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The addresses of the hosts that this client connects to, and which of them are ejected ({@link
 * EjectionOptions}). What goes by a proxy has none here. Any thread.
 */
public final class Endpoints {
  private static final long FORGOTTEN = 300_000_000_000L;

  /** Is told of what has been decided, on the thread that brought it about. */
  public interface Changes {
    /** An address gets no new requests. */
    void ejected(Origin origin, InetAddress address);

    /**
     * Addresses take part again.
     *
     * @param addresses how many the host has
     * @param back how many are back
     */
    void reinstated(Origin origin, int addresses, int back);
  }

  private final EjectionOptions options;
  private final Events events;
  private final Ticker ticker;
  private final Map<Origin, Outliers> hosts = new ConcurrentHashMap<>();
  private volatile Changes changes; // set once, before use; and so is the next
  private volatile LongConsumer wake = instant -> {};

  public Endpoints(EjectionOptions options, Events events, Ticker ticker) {
    this.options = options;
    this.events = events;
    this.ticker = ticker;
    this.changes =
        new Changes() {
          @Override
          public void ejected(Origin origin, InetAddress address) {}

          @Override
          public void reinstated(Origin origin, int addresses, int back) {}
        };
  }

  /** Sets who is told of changes, and who calls {@link #sweep}. */
  public void onChange(Changes listener, LongConsumer sweeper) {
    changes = listener;
    wake = sweeper;
  }

  // ---- for who connects

  /** A target's name has these addresses now. */
  public void present(Target target, Collection<InetAddress> addresses) {
    if (options.enabled() && target.via() == null) {
      Origin origin = target.origin();
      hosts
          .computeIfAbsent(origin, key -> new Outliers(options, verdict -> tell(key, verdict)))
          .present(addresses, ticker.nanos());
    }
  }

  /** The same addresses, the ejected ones last. */
  List<InetSocketAddress> ejectedLast(Target target, List<InetSocketAddress> addresses) {
    Outliers host = host(target);
    return host == null ? addresses : host.outLast(addresses);
  }

  /** What a connection to this address tells what it hears; null: nobody listens. */
  public @Nullable Endpoint find(Target target, InetAddress address) {
    Outliers host = host(target);
    return host == null ? null : host.find(address);
  }

  /** A connection could not be made, which was begun at {@code begun}. */
  void failed(Target target, InetSocketAddress address, StageFailure failure, long begun) {
    if (address.getPort() == target.peerPort() && isTheirs(failure)) {
      Endpoint endpoint = find(target, address.getAddress());
      if (endpoint != null) {
        endpoint.heard(false, begun, ticker.nanos());
      }
    }
  }

  /** Whether it is not for want of something on this side: a port, a file descriptor, memory. */
  private static boolean isTheirs(StageFailure failure) {
    return switch (failure.phase()) {
      case TLS -> !(failure.getCause() instanceof Buffers.BudgetExceededException);
      case CONNECT ->
          failure.timeout()
              || failure.getCause() instanceof ConnectException
              || failure.getCause() instanceof NoRouteToHostException;
      default -> false;
    };
  }

  private @Nullable Outliers host(Target target) {
    return target.via() == null ? hosts.get(target.origin()) : null;
  }

  // ---- what comes of it

  private void tell(Origin origin, Outliers.Verdict verdict) {
    switch (verdict) {
      case Outliers.Verdict.Out(InetAddress address, long length, long until, String reason) -> {
        if (events.wanted()) {
          events.tell(new ExchangeEvent.Ejected(origin, address, Duration.ofNanos(length), reason));
        }
        changes.ejected(origin, address);
        wake.accept(until);
      }
      case Outliers.Verdict.Back(List<InetAddress> addresses, int present, String reason) -> {
        if (events.wanted()) {
          addresses.forEach(
              address -> events.tell(new ExchangeEvent.Reinstated(origin, address, reason)));
        }
        changes.reinstated(origin, present, addresses.size());
      }
    }
  }

  /**
   * Reinstates whose time is over; forgets hosts.
   *
   * @param connected whether there are connections to a host of this name
   * @return when it wants to be called again
   */
  public long sweep(long now, Predicate<String> connected) {
    long next = Ticker.NEVER;
    for (Outliers host : hosts.values()) {
      next = Math.min(next, host.sweep(now));
    }
    hosts
        .entrySet()
        .removeIf(
            entry ->
                now - entry.getValue().usedAt() > FORGOTTEN
                    && !connected.test(entry.getKey().host()));
    return next;
  }

  // ---- what is seen from outside

  /** The host's addresses that are ejected. */
  public List<ClientSnapshot.Ejection> ejected(Origin origin) {
    Outliers host = hosts.get(origin);
    return host == null ? List.of() : host.out(ticker.nanos());
  }

  /** How many times one of the host's addresses was ejected. */
  public long ejections(Origin origin) {
    Outliers host = hosts.get(origin);
    return host == null ? 0 : host.ejections();
  }

  /** For the message of a failure: which addresses are ejected; empty if none is. */
  public String described(Origin origin) {
    List<ClientSnapshot.Ejection> ejected = ejected(origin);
    return ejected.isEmpty()
        ? ""
        : ejected.stream()
            .map(
                each ->
                    "%s for %d ms yet: %s"
                        .formatted(
                            each.address().getHostAddress(), each.left().toMillis(), each.reason()))
            .collect(Collectors.joining("; ", " (ejected: ", ")"));
  }
}
