package dev.hawser.pool;

import dev.hawser.Http2Options;
import dev.hawser.Phase;
import dev.hawser.PoolOptions;
import dev.hawser.io.StageFailure;

/** Why a caller got no connection, who had them, and what to change. */
final class Refusals {
  private Refusals() {}

  static StageFailure clientClosed() {
    return StageFailure.of(Phase.QUEUE, "the client was closed", "", null);
  }

  static StageFailure lineIsFull(HostPool host, PoolOptions options) {
    return StageFailure.of(
        Phase.QUEUE,
        "the line is full (" + usage(host) + ")",
        "Raise pool.maxConnectionsPerHost=%d or pool.maxWaitingPerHost=%d, or send less"
            .formatted(options.maxConnectionsPerHost(), options.maxWaitingPerHost()),
        null);
  }

  static StageFailure timeWasUp(Dial dial) {
    return StageFailure.timeout(dial.attempt.phase(), "the caller's time was up", "")
        .at(dial.attempt.address());
  }

  static StageFailure nothingBecameFree(HostPool host, PoolOptions options, Http2Options http2) {
    if (!host.multiplexed.isEmpty()) {
      return StageFailure.timeout(
          Phase.QUEUE,
          "no stream became free (" + usage(host) + ")",
          streamAdvice(host, options, http2));
    }
    return StageFailure.timeout(
        Phase.QUEUE,
        "no connection became free (" + usage(host) + ")",
        host.open() < options.maxConnectionsPerHost()
            ? "All hosts together have reached pool.maxConnections=%d: raise it"
                .formatted(options.maxConnections())
            : "Raise pool.maxConnectionsPerHost=%d or pool.waitTimeout=%s, or make the calls shorter"
                .formatted(options.maxConnectionsPerHost(), options.waitTimeout()));
  }

  private static String streamAdvice(HostPool host, PoolOptions options, Http2Options http2) {
    int streams = host.roomOfOneMore(Integer.MAX_VALUE);
    String more =
        streams < http2.maxConcurrentStreams()
            ? "The server allows %d streams on a connection: raise http2.maxConnectionsPerHost=%d"
                .formatted(streams, http2.maxConnectionsPerHost())
            : "Raise http2.maxConnectionsPerHost=%d or http2.maxConcurrentStreams=%d"
                .formatted(http2.maxConnectionsPerHost(), http2.maxConcurrentStreams());
    return more
        + " (pool.maxConnectionsPerHost=%d, pool.maxConnections=%d and pool.waitTimeout=%s hold, too), or make the calls shorter"
            .formatted(
                options.maxConnectionsPerHost(), options.maxConnections(), options.waitTimeout());
  }

  private static String usage(HostPool host) {
    if (host.multiplexed.isEmpty()) {
      return "%d in use, %d idle, %d being opened, %d waiting"
          .formatted(
              host.leased(), host.idle + host.checked, host.dials.size(), host.line.waiting());
    }
    return "%d of %d in use on %d connection(s), %d being opened, %d waiting"
        .formatted(
            host.multiplexed.stream().mapToInt(connection -> connection.leases).sum(),
            host.multiplexed.stream().mapToInt(connection -> connection.limit).sum(),
            host.multiplexed.size(),
            host.dials.size(),
            host.line.waiting());
  }
}
