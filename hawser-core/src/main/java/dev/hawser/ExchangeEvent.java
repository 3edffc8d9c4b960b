package dev.hawser;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What an {@link ExchangeListener} is told. Events with an {@code exchange} number belong to that
 * call.
 */
public sealed interface ExchangeEvent {
  /** A call began. */
  record Started(long exchange, String method, URI uri) implements ExchangeEvent {}

  /** A call has to wait for a connection; the figures are its host's, this call included. */
  record Queued(long exchange, Origin origin, int leased, int opening, int waiting)
      implements ExchangeEvent {}

  /** A name was resolved for a new connection. */
  record Resolved(Origin origin, List<InetAddress> addresses, Duration took)
      implements ExchangeEvent {}

  /**
   * A TCP connection was made, or not: then {@code error} says why and the next address is tried.
   */
  record Connected(Origin origin, InetSocketAddress address, Duration took, Optional<String> error)
      implements ExchangeEvent {}

  /** A TLS handshake succeeded. */
  record Secured(Origin origin, ConnectionInfo.TlsInfo tls, Duration took)
      implements ExchangeEvent {}

  /** A connection is ready for use. */
  record Opened(ConnectionInfo connection) implements ExchangeEvent {}

  /** A connection could not be opened. */
  record OpenFailed(Origin origin, Phase phase, String error) implements ExchangeEvent {}

  /** A call got its connection. */
  record Leased(long exchange, ConnectionInfo connection, Duration waited)
      implements ExchangeEvent {}

  /** The request was written to its end. */
  record RequestSent(long exchange) implements ExchangeEvent {}

  /** An interim (1xx) response came. */
  record Interim(long exchange, int status) implements ExchangeEvent {}

  /** The final response's head came. */
  record HeadReceived(long exchange, int status, Duration firstByte) implements ExchangeEvent {}

  /** The connection was found closed, and the request is sent once more on a fresh one. */
  record Repeated(long exchange, ConnectionInfo connection, String reason)
      implements ExchangeEvent {}

  /** A redirect is followed. */
  record Redirected(long exchange, int status, URI to) implements ExchangeEvent {}

  /** A call ended well: the whole body was received. */
  record Completed(long exchange, int status, long bodyBytes, Timeline timeline)
      implements ExchangeEvent {}

  /** A call failed; {@code error} is what its caller gets. */
  record Failed(long exchange, Throwable error) implements ExchangeEvent {}

  /** A connection was closed. */
  record Closed(ConnectionInfo connection, CloseReason reason) implements ExchangeEvent {}

  /**
   * The body of {@code request} was neither read nor closed; {@code obtainedAt} is where its
   * response was obtained, and empty after {@code sendAsync}.
   */
  record Leaked(String request, ConnectionInfo connection, List<StackTraceElement> obtainedAt)
      implements ExchangeEvent {}

  /**
   * The server was found to close idle connections after about {@code limit}; they are reused only
   * before it.
   */
  record IdleLimitLearned(Origin origin, Duration limit) implements ExchangeEvent {}

  /**
   * A name has other addresses than before. New connections go to the present ones; those to
   * removed addresses finish what they carry and are closed.
   */
  record AddressesChanged(String host, List<InetAddress> added, List<InetAddress> removed)
      implements ExchangeEvent {}

  /** A name in use could not be looked up again; {@code stale} addresses are used on, if any. */
  record LookupFailed(String host, String error, List<InetAddress> stale)
      implements ExchangeEvent {}

  /** After {@link LookupFailed}: a name can be looked up again. */
  record LookupRecovered(String host) implements ExchangeEvent {}
}
