package dev.hawser.pool;

import dev.hawser.ClientSnapshot;
import dev.hawser.ConnectionInfo;
import dev.hawser.Http2Options;
import dev.hawser.Origin;
import dev.hawser.PoolOptions;
import dev.hawser.io.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;

/** What hosts' pools hold, as users see it: an origin is one host, whatever is spoken to it. */
final class Census {
  private final PoolOptions options;
  private final Http2Options http2;

  Census(PoolOptions options, Http2Options http2) {
    this.options = options;
    this.http2 = http2;
  }

  List<ClientSnapshot.Host> of(Collection<HostPool> pools, long now) {
    return pools.stream().collect(Collectors.groupingBy(pool -> pool.origin)).entrySet().stream()
        .sorted(Comparator.comparing(entry -> entry.getKey().toString()))
        .map(entry -> host(entry.getKey(), entry.getValue(), now))
        .toList();
  }

  private ClientSnapshot.Host host(Origin origin, List<HostPool> pools, long now) {
    long habit = pools.stream().mapToLong(pool -> pool.habit.limit(now)).min().orElseThrow();
    return new ClientSnapshot.Host(
        origin,
        sum(pools, pool -> pool.dials.size()),
        sum(pools, pool -> pool.idle + pool.checked),
        sum(pools, HostPool::leased),
        sum(pools, pool -> pool.line.waiting()),
        sum(pools, Census::streams),
        sum(pools, Census::streamCapacity),
        sum(pools, this::limit),
        habit == Ticker.NEVER ? Optional.empty() : Optional.of(Duration.ofNanos(habit)),
        size(pools),
        pools.stream()
            .map(pool -> pool.resized)
            .filter(Objects::nonNull)
            .reduce((first, second) -> second),
        pools.stream()
            .flatMap(pool -> pool.connections.stream())
            .map(Connection::info)
            .sorted(Comparator.comparingLong(ConnectionInfo::id))
            .toList());
  }

  private static ClientSnapshot.Size size(List<HostPool> pools) {
    return new ClientSnapshot.Size(
        sum(pools, pool -> pool.size().minIdle()),
        sum(pools, pool -> pool.size().maxIdle()),
        pools.stream()
            .map(pool -> pool.size().idleTimeout())
            .max(Comparator.naturalOrder())
            .orElseThrow());
  }

  private static int sum(List<HostPool> pools, ToIntFunction<HostPool> figure) {
    return pools.stream().mapToInt(figure).sum();
  }

  /** Those of retired connections, too. */
  private static int streams(HostPool pool) {
    return pool.connections.stream()
        .filter(Connection::isMultiplexed)
        .mapToInt(connection -> connection.leases)
        .sum();
  }

  private static int streamCapacity(HostPool pool) {
    return pool.multiplexed.stream().mapToInt(connection -> connection.limit).sum();
  }

  /** As far as it is known what the server takes: other connections will carry as many streams. */
  private int limit(HostPool pool) {
    int streams =
        pool.multiplexed.stream().mapToInt(connection -> connection.limit).max().orElse(0);
    return streams == 0
        ? options.maxConnectionsPerHost()
        : (int) Math.min(Integer.MAX_VALUE, (long) streams * http2.maxConnectionsPerHost());
  }
}
