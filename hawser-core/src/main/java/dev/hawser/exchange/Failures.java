package dev.hawser.exchange;

import dev.hawser.CallRefusedException;
import dev.hawser.ConnectFailedException;
import dev.hawser.ConnectTimeoutException;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeException;
import dev.hawser.ExchangeFailure;
import dev.hawser.ExchangeTimeoutException;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.Priority;
import dev.hawser.ProxyFailedException;
import dev.hawser.Refusal;
import dev.hawser.Timeline;
import dev.hawser.TlsFailedException;
import dev.hawser.io.StageFailure;
import dev.hawser.overload.Refused;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * From what a stage reports to what a caller gets: the exception types that {@code java.net.http}
 * documents, with the facts.
 */
final class Failures {
  private Failures() {}

  /** Nothing was sent, to spare the host. */
  static CallRefusedException refused(Origin origin, Timeline timeline, Refused refused) {
    long left = Math.max(1, refused.left().toMillis());
    String problem;
    String advice;
    switch (refused.refusal()) {
      case Refusal.BreakerOpen(String reason) -> {
        problem = "the circuit breaker is open after %s, for %d ms yet,".formatted(reason, left);
        advice = "The host fails: call it later, or see to BreakerOptions";
      }
      case Refusal.LimitReached(int limit, int inFlight, int waiting, Priority priority) -> {
        problem =
            "the limit of %d requests at once is reached (%d in flight, %d waiting, this one's priority %s), for about %d ms yet,"
                .formatted(limit, inFlight, waiting, priority, left);
        advice = "The host can bear no more now: send less, or see to LimitOptions";
      }
    }
    return new CallRefusedException(
        new ExchangeFailure.Details(
            Phase.QUEUE, origin, Optional.empty(), timeline, Optional.empty(), problem, advice),
        refused.refusal(),
        refused.left());
  }

  static IOException of(
      StageFailure failure, Origin origin, Timeline timeline, @Nullable ConnectionInfo connection) {
    InetSocketAddress address = connection != null ? connection.remoteAddress() : failure.address();
    var details =
        new ExchangeFailure.Details(
            failure.phase(),
            origin,
            Optional.ofNullable(address),
            timeline,
            Optional.ofNullable(connection),
            failure.problem(),
            failure.advice());
    Throwable cause = failure.getCause();
    boolean connecting =
        failure.phase().compareTo(Phase.DNS) >= 0 && failure.phase().compareTo(Phase.TLS) <= 0;
    if (failure.timeout()) {
      return connecting
          ? new ConnectTimeoutException(details, cause)
          : new ExchangeTimeoutException(details, cause);
    }
    return switch (failure.phase()) {
      case DNS, CONNECT -> new ConnectFailedException(details, cause);
      case TLS ->
          new TlsFailedException(details, failure.tls().reason(), failure.tls().chain(), cause);
      case PROXY -> new ProxyFailedException(details, failure.status(), cause);
      case QUEUE, REQUEST, FIRST_BYTE, BODY -> new ExchangeException(details, cause);
    };
  }
}
