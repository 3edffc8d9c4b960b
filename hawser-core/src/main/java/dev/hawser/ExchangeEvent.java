package dev.hawser;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link ExchangeListener} is told. Events with an {@code exchange} number belong to that
 * call; numbers count from 1 within the client. The others belong to a connection, which is opened
 * for whoever is first in line.
 *
 * {@snippet class="dev.hawser.examples.Watching" region="events"}
 */
public sealed interface ExchangeEvent {
  /**
   * A call began.
   *
   * @param exchange its number
   * @param method the request's method
   * @param uri the request's URI, without user info
   */
  record Started(long exchange, String method, URI uri) implements ExchangeEvent {}

  /**
   * No idle connection can be used, and the call joins the line; mostly a new one is opened for it.
   * The figures are its host's, this call included.
   *
   * @param exchange the call's number
   * @param origin the host
   * @param leased busy connections
   * @param opening connections being opened
   * @param waiting callers in line
   */
  record Queued(long exchange, Origin origin, int leased, int opening, int waiting)
      implements ExchangeEvent {}

  /**
   * A name was resolved for a new connection.
   *
   * @param origin whom it is for
   * @param addresses what it has
   * @param hint of the origin's HTTPS record, if there is one that can be used
   * @param took how long it took
   */
  record Resolved(
      Origin origin, List<InetAddress> addresses, Optional<ServiceHint> hint, Duration took)
      implements ExchangeEvent {}

  /**
   * A TCP connection was made, or not: then {@code error} says why and the next address is tried.
   *
   * @param origin whom it is for
   * @param address the peer's
   * @param took how long it took
   * @param error why it failed; empty if it did not
   */
  record Connected(Origin origin, InetSocketAddress address, Duration took, Optional<String> error)
      implements ExchangeEvent {}

  /**
   * A proxy opened a tunnel, or not: then {@code error} says why.
   *
   * @param origin to whom
   * @param proxy the proxy
   * @param took how long it took
   * @param error why it failed; empty if it did not
   */
  record Tunnelled(Origin origin, InetSocketAddress proxy, Duration took, Optional<String> error)
      implements ExchangeEvent {}

  /**
   * A TLS handshake succeeded.
   *
   * @param origin whom it was with
   * @param tls what it agreed on
   * @param took how long it took
   * @param parts how long the parts of that took
   */
  record Secured(Origin origin, ConnectionInfo.TlsInfo tls, Duration took, HandshakeParts parts)
      implements ExchangeEvent {}

  /**
   * A connection is ready for use.
   *
   * @param connection the connection
   */
  record Opened(ConnectionInfo connection) implements ExchangeEvent {}

  /**
   * A connection could not be opened.
   *
   * @param origin whom it was for
   * @param phase what failed
   * @param error why
   */
  record OpenFailed(Origin origin, Phase phase, String error) implements ExchangeEvent {}

  /**
   * A call got its connection.
   *
   * @param exchange the call's number
   * @param connection the connection
   * @param waited how long it took, opening included
   */
  record Leased(long exchange, ConnectionInfo connection, Duration waited)
      implements ExchangeEvent {}

  /**
   * The request was written to its end. May come after {@code HeadReceived}, or not at all, when
   * the answer comes early.
   *
   * @param exchange the call's number
   */
  record RequestSent(long exchange) implements ExchangeEvent {}

  /**
   * An interim (1xx) response came.
   *
   * @param exchange the call's number
   * @param status its status code
   */
  record Interim(long exchange, int status) implements ExchangeEvent {}

  /**
   * The final response's head came. Of a redirect that is followed, too.
   *
   * @param exchange the call's number
   * @param status the status code
   * @param firstByte as in the {@link Timeline}
   */
  record HeadReceived(long exchange, int status, Duration firstByte) implements ExchangeEvent {}

  /**
   * The connection was found closed, and the request is sent once more on a fresh one.
   *
   * @param exchange the call's number
   * @param connection the one that was closed
   * @param reason how it showed
   */
  record Repeated(long exchange, ConnectionInfo connection, String reason)
      implements ExchangeEvent {}

  /**
   * The server is in trouble, and the request is sent again after a while ({@link RetryOptions}).
   *
   * @param exchange the call's number
   * @param retry which one of the call's this is, from 1
   * @param reason what went wrong
   * @param delay after how long
   */
  record Retrying(long exchange, int retry, String reason, Duration delay)
      implements ExchangeEvent {}

  /**
   * After a failure or a response that calls for a retry, there is none.
   *
   * @param exchange the call's number
   * @param retries how many there were before
   * @param reason why there is no more
   */
  record RetriesStopped(long exchange, int retries, String reason) implements ExchangeEvent {}

  /**
   * A response has not begun when they usually have, and the request is sent a second time while
   * the first is still waited for ({@link HedgeOptions}). {@link Leased} does not come for it,
   * {@link RequestSent} does.
   *
   * @param exchange the call's number
   * @param connection which it goes over
   * @param after how long the first had taken by then
   */
  record Hedged(long exchange, ConnectionInfo connection, Duration after)
      implements ExchangeEvent {}

  /**
   * After {@link Hedged}: the second request is answered first, and the other is cancelled. If this
   * does not come, it was the other way round, or the second failed.
   *
   * @param exchange the call's number
   * @param connection which it went over
   * @param took from when it was begun
   */
  record HedgeWon(long exchange, ConnectionInfo connection, Duration took)
      implements ExchangeEvent {}

  /**
   * A host fails, and calls to it are refused for a while ({@link BreakerOptions}).
   *
   * @param origin the host
   * @param openFor for how long
   * @param reason what it has done
   */
  record BreakerOpened(Origin origin, Duration openFor, String reason) implements ExchangeEvent {}

  /**
   * After {@link BreakerOpened}: a call has gone well, and calls are made again.
   *
   * @param origin the host
   */
  record BreakerClosed(Origin origin) implements ExchangeEvent {}

  /**
   * One of a host's addresses fails while the others do not, and gets no new requests for a while
   * ({@link EjectionOptions}).
   *
   * @param origin the host
   * @param address the address
   * @param length for how long
   * @param reason what it has done
   */
  record Ejected(Origin origin, InetAddress address, Duration length, String reason)
      implements ExchangeEvent {}

  /**
   * After {@link Ejected}: the address takes part again. Not told if its name has lost it
   * meanwhile.
   *
   * @param origin the host
   * @param address the address
   * @param reason its time is over, or so many addresses fail that none is ejected
   */
  record Reinstated(Origin origin, InetAddress address, String reason) implements ExchangeEvent {}

  /**
   * A host's limit of requests at once has grown or fallen by a fifth or more since this was told
   * last ({@link LimitOptions}).
   *
   * @param origin the host
   * @param limit as it is now
   * @param before as it was
   * @param response how long responses took to begin, on average over the last tenth of a second
   * @param usual how long they usually take
   */
  record LimitMoved(Origin origin, int limit, int before, Duration response, Duration usual)
      implements ExchangeEvent {}

  /**
   * A redirect is followed.
   *
   * @param exchange the call's number
   * @param status the redirect's status code
   * @param to where to, without user info
   */
  record Redirected(long exchange, int status, URI to) implements ExchangeEvent {}

  /**
   * A call ended well: the whole body was received.
   *
   * @param exchange the call's number
   * @param status the status code
   * @param bodyBytes the body's length
   * @param timeline where the time went
   */
  record Completed(long exchange, int status, long bodyBytes, Timeline timeline)
      implements ExchangeEvent {}

  /**
   * A call failed, was cancelled, or its body was abandoned before its end.
   *
   * @param exchange the call's number
   * @param error what its caller gets, or the cause of it
   */
  record Failed(long exchange, Throwable error) implements ExchangeEvent {}

  /**
   * A connection was closed.
   *
   * @param connection the connection
   * @param reason why
   */
  record Closed(ConnectionInfo connection, CloseReason reason) implements ExchangeEvent {}

  /**
   * A body was neither read nor closed, and has become unreachable. This instead of {@code Failed}
   * ends the call.
   *
   * @param request its method and URI, without user info and query
   * @param connection the connection, which is closed now
   * @param obtainedAt where its response was obtained, innermost frame first; empty after {@code
   *     sendAsync}
   */
  record Leaked(String request, ConnectionInfo connection, List<StackTraceElement> obtainedAt)
      implements ExchangeEvent {}

  /**
   * The server was found to close idle connections after about {@code limit}; they are reused only
   * before it.
   *
   * @param origin the server
   * @param limit after how long
   */
  record IdleLimitLearned(Origin origin, Duration limit) implements ExchangeEvent {}

  /**
   * A host's pool has another size ({@link PoolOptions#sizing()}). Told by the house-keeping.
   *
   * @param origin the host
   * @param loop what decided
   * @param before the size until now
   * @param after the size from now on
   * @param observed the figures that it was decided from
   */
  record Resized(
      Origin origin,
      Loop loop,
      ClientSnapshot.Size before,
      ClientSnapshot.Size after,
      Observed observed)
      implements ExchangeEvent {
    /** What decides on sizes. */
    public enum Loop {
      /** Every 100 ms: raises, when callers find no connection. */
      FAST,
      /** Every ten seconds: everything else. */
      SLOW
    }

    /**
     * What was seen of a host's traffic.
     *
     * @param window over how long
     * @param requestsPerSecond requests begun
     * @param responseTime the mean time for which an exchange held its connection
     * @param queued callers that found no connection
     * @param open connections open or being opened
     * @param demand callers that had a connection or waited for one at once: of {@code FAST} the
     *     most; of {@code SLOW} the most but in a twentieth of the window; with {@code LITTLE} the
     *     mean
     * @param variation by how much that has varied in the last minutes; of {@code SLOW}
     * @param longestGap for how long a connection was idle before it was used again, at most, in
     *     the last minutes; zero with {@code LITTLE}
     */
    public record Observed(
        Duration window,
        double requestsPerSecond,
        Duration responseTime,
        long queued,
        int open,
        int demand,
        int variation,
        Duration longestGap) {}
  }

  /**
   * A name has other addresses than before. New connections go to the present ones; those to
   * removed addresses finish what they carry and are closed.
   *
   * @param host the name
   * @param added addresses that it had not before
   * @param removed addresses that it no longer has
   */
  record AddressesChanged(String host, List<InetAddress> added, List<InetAddress> removed)
      implements ExchangeEvent {}

  /**
   * A name in use could not be looked up again; {@code stale} addresses are used on, if any.
   *
   * @param host the name
   * @param error why
   * @param stale its last known addresses
   */
  record LookupFailed(String host, String error, List<InetAddress> stale)
      implements ExchangeEvent {}

  /**
   * After {@link LookupFailed}: a name can be looked up again.
   *
   * @param host the name
   */
  record LookupRecovered(String host) implements ExchangeEvent {}

  /**
   * Key or trust files have changed, and new handshakes use what they say now. Connections that
   * were made before take no new exchange.
   *
   * @param certificates all that is in use
   */
  record CertificatesReloaded(List<ClientSnapshot.Certificate> certificates)
      implements ExchangeEvent {
    /** Copies the list. */
    public CertificatesReloaded {
      certificates = List.copyOf(certificates);
    }
  }

  /**
   * Key or trust files have changed and cannot be used; what they said before stays in use. Told
   * once for each problem.
   *
   * @param problem the file, and what is wrong with it
   */
  record CertificatesRefused(String problem) implements ExchangeEvent {}

  /**
   * A certificate of a file ends soon or has ended: a fifth of its time is left, or 14 days, if
   * that is less. Told once for each certificate.
   *
   * @param certificate the certificate
   */
  record CertificateExpiring(ClientSnapshot.Certificate certificate) implements ExchangeEvent {}
}
