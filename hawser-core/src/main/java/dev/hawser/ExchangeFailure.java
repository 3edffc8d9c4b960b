package dev.hawser;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What every failure of an exchange tells. The exceptions are also the types that {@code
 * java.net.http} documents, so code written for the JDK's client catches them; this interface adds
 * the facts. With {@code sendAsync} they are the cause of the future's {@code CompletionException}
 * or {@code ExecutionException}, as ever.
 *
 * {@snippet class="dev.hawser.examples.Errors" region="facts"}
 */
public sealed interface ExchangeFailure
    permits ExchangeException,
        ExchangeTimeoutException,
        ConnectTimeoutException,
        ConnectFailedException,
        ProxyFailedException,
        CallRefusedException,
        TlsFailedException {
  /** {@return the facts; they are lost when the exception is serialised, the message is not} */
  Details details();

  /**
   * The one-line message: what failed, in which phase, after how long, where the time went, and
   * what to change.
   *
   * @return the message
   */
  String getMessage();

  /**
   * The facts of a failure.
   *
   * @param phase the phase in which it happened
   * @param origin whom we talked to; after a redirect, not the one that was asked first
   * @param address the peer's address, once known; if several were tried, the last
   * @param timeline where the time went until then
   * @param connection the connection that carried the exchange, if it had one
   * @param problem what happened, in a few words
   * @param advice what to do about it: an option to change or a thing to check; empty when there is
   *     none
   */
  record Details(
      Phase phase,
      Origin origin,
      Optional<InetSocketAddress> address,
      Timeline timeline,
      Optional<ConnectionInfo> connection,
      String problem,
      String advice) {}
}
