package dev.hawser;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client holds at one moment, and what it has counted since it was built. The parts are read
 * one after the other, so that sums can differ by what happened in between.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="snapshot"}
 *
 * @param open connections open or being opened, over all hosts
 * @param idle those of them that are idle
 * @param leased those that carry an exchange
 * @param waiting callers in line, over all hosts
 * @param webSockets WebSockets open; their connections are not among the others
 * @param hosts one entry per origin, in the order of their names; one without connections is
 *     forgotten when it has not been used for five minutes
 * @param names the DNS cache, in the order of the names
 * @param certificates what was read from the files that {@link TlsOptions} name
 * @param loads what each host has to bear, in the order of their names; one that was not used for
 *     five minutes is forgotten
 * @param counters what was counted
 * @param bufferBytes bytes of buffers in use, of {@link ExchangeOptions#memoryBudget()}
 * @param container what the kernel lets this process have, and how scarce that is
 */
public record ClientSnapshot(
    int open,
    int idle,
    int leased,
    int waiting,
    int webSockets,
    List<Host> hosts,
    List<Name> names,
    List<Certificate> certificates,
    List<Load> loads,
    Counters counters,
    long bufferBytes,
    ContainerLoad container) {
  /**
   * {@return the same as figures with names and labels, for a monitoring system or an autoscaler}
   * The names are listed in {@code docs/metrics.md}; they are part of this interface.
   */
  public List<Metric> metrics() {
    return Metrics.of(this);
  }

  /**
   * One origin's pool.
   *
   * @param origin the origin
   * @param opening connections being opened
   * @param idle idle connections
   * @param leased busy connections
   * @param waiting callers in line, those included whose connection is being opened
   * @param streams in use on HTTP/2 connections
   * @param streamCapacity how many those of them that take requests can carry at once
   * @param limit how many requests it may carry at once: {@link
   *     PoolOptions#maxConnectionsPerHost()}; where the server speaks HTTP/2 as many as {@link
   *     Http2Options#maxConnectionsPerHost()} connections like those that are open
   * @param learnedIdleLimit after how long the server has been seen to close idle connections, if
   *     it has a habit
   * @param size what holds for idle connections now ({@link PoolOptions#sizing()})
   * @param resized what made it so, with its reasons; empty while it is as the options say
   * @param connections each open connection
   */
  public record Host(
      Origin origin,
      int opening,
      int idle,
      int leased,
      int waiting,
      int streams,
      int streamCapacity,
      int limit,
      Optional<Duration> learnedIdleLimit,
      Size size,
      Optional<ExchangeEvent.Resized> resized,
      List<ConnectionInfo> connections) {
    /**
     * {@return how many callers there are, served and in line, for each that may be served at once}
     * More than 1 means that there is a queue which only more connections, or a larger limit of the
     * server, would shorten.
     */
    public double utilisation() {
      return (double) (Math.max(leased, streams) + waiting) / limit;
    }
  }

  /**
   * What holds for a host's idle connections.
   *
   * @param minIdle so many are kept ready, opened ahead of need
   * @param maxIdle so many are kept at most
   * @param idleTimeout for so long
   */
  public record Size(int minIdle, int maxIdle, Duration idleTimeout) {}

  /**
   * One entry of the DNS cache.
   *
   * @param host the name
   * @param type {@code A}, {@code AAAA} or {@code HTTPS}; {@code ADDRESS} where it came from
   *     elsewhere than DNS
   * @param addresses the last good answer; empty if there is none, or the name has none
   * @param hint what an {@code HTTPS} record says, if it can be used
   * @param source where that came from: a server, {@code system}, {@code resolver}
   * @param age how long ago
   * @param ttlLeft for how long it still holds; negative when it is used beyond its end
   * @param lastError why the last attempt to refresh it failed, if it did
   * @param hits look-ups answered from it
   * @param refreshes queries for it
   * @param staleServes look-ups answered from it beyond its end
   */
  public record Name(
      String host,
      String type,
      List<InetAddress> addresses,
      Optional<ServiceHint> hint,
      String source,
      Duration age,
      Duration ttlLeft,
      Optional<String> lastError,
      long hits,
      long refreshes,
      long staleServes) {}

  /**
   * A certificate of a file that {@link TlsOptions} name.
   *
   * @param file the file
   * @param own whether it is the client's own, or one of those between it and its root
   * @param subject whose it is
   * @param notBefore when it begins
   * @param notAfter when it ends
   */
  public record Certificate(
      Path file, boolean own, String subject, Instant notBefore, Instant notAfter) {}

  /**
   * What a host has to bear from this client besides single requests.
   *
   * @param origin the host
   * @param retryBudget how many retries there may be now ({@link RetryOptions#budget()})
   * @param retries requests sent again after a while
   * @param retriesRefused requests not sent again because the budget was spent
   * @param breakerOpenFor for how long yet its circuit breaker refuses calls; zero if it does not
   * @param callsRefused calls that it has refused
   * @param limit of requests at once; empty if there is none
   * @param hedges its requests that are sent a second time; empty if none are
   * @param ejected addresses that get no new requests now, in the order of their return
   * @param ejections how many times one was ejected
   */
  public record Load(
      Origin origin,
      int retryBudget,
      long retries,
      long retriesRefused,
      Duration breakerOpenFor,
      long callsRefused,
      Optional<Limit> limit,
      Optional<Hedges> hedges,
      List<Ejection> ejected,
      long ejections) {}

  /**
   * An address that gets no new requests ({@link EjectionOptions}).
   *
   * @param address the address
   * @param left for how long yet
   * @param reason what it has done
   */
  public record Ejection(InetAddress address, Duration left, String reason) {}

  /**
   * A host's limit of requests at once ({@link LimitOptions}).
   *
   * @param limit as it is now
   * @param inFlight requests under way, with their responses' bodies
   * @param waiting callers who wait for their turn
   * @param refused calls that it has refused
   * @param usual how long a response usually takes to begin
   */
  public record Limit(int limit, int inFlight, int waiting, long refused, Duration usual) {}

  /**
   * A host's requests that are sent a second time while the first is waited for ({@link
   * HedgeOptions}).
   *
   * @param after how long a request has to take for that; empty while too few responses were seen
   * @param sent second requests
   * @param won those of them that were answered first
   * @param withheld requests that were late and not sent a second time: the retry budget was spent,
   *     the limit reached, the circuit breaker not closed, or no other connection to be had
   */
  public record Hedges(Optional<Duration> after, long sent, long won, long withheld) {}

  /**
   * Counted since the client was built.
   *
   * @param exchanges calls begun; one that is redirected or repeated counts once
   * @param failures calls that failed, were cancelled, or whose body was abandoned or leaked
   * @param repeats requests sent once more because the connection was found closed
   * @param opened connections opened, without attempts that failed
   * @param reused requests sent over a connection that had carried another before
   * @param handshakes TLS handshakes done
   * @param resumed those of them that resumed an earlier session
   * @param leaks response bodies that were neither read nor closed
   * @param closed connections closed, by reason; a reason that never was is not in it
   */
  public record Counters(
      long exchanges,
      long failures,
      long repeats,
      long opened,
      long reused,
      long handshakes,
      long resumed,
      long leaks,
      Map<CloseReason, Long> closed) {
    /** {@return the share of handshakes that resumed a session, from 0 to 1; 0 before the first} */
    public double resumedShare() {
      return handshakes == 0 ? 0 : (double) resumed / handshakes;
    }
  }
}
