package dev.hawser.exchange;

import dev.hawser.Phase;
import dev.hawser.io.Buffers;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Transport;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.NotProcessedException;
import java.io.IOException;
import java.net.http.HttpRequest;

/** Says why an exchange has failed, of a call or of an opening handshake. */
final class Diagnosis {
  private final Engine engine;
  private final HttpRequest request;
  private final long deadline; // NEVER: the request's own time-out is no business of ours

  Diagnosis(Engine engine, HttpRequest request, long deadline) {
    this.engine = engine;
    this.request = request;
    this.deadline = deadline;
  }

  /**
   * Why no response's head has come.
   *
   * @param refusals how often it was sent again because the server had not looked at it
   * @param made whether the connection was made for this call
   */
  StageFailure of(
      Exchange exchange, Transport transport, IOException e, int refusals, boolean made) {
    IOException publisher = exchange.publisherFailure();
    if (publisher != null) {
      return StageFailure.of(
          Phase.REQUEST,
          String.valueOf(publisher.getMessage()),
          "",
          publisher.getCause() != null ? publisher.getCause() : publisher);
    }
    boolean sent = exchange.requestSentAt() != 0;
    Phase phase = sent ? Phase.FIRST_BYTE : Phase.REQUEST;
    if (exchange.expired()) {
      return timedOut(phase);
    }
    if (engine.closed()) {
      return StageFailure.of(phase, "the client was closed", "", e);
    }
    StageFailure refused = transport.explain(e);
    if (refused != null) {
      return refused;
    }
    String problem = String.valueOf(e.getMessage());
    if (e instanceof NotProcessedException) {
      return notProcessed(phase, exchange, refusals, e);
    }
    if (e instanceof MalformedResponseException) {
      return StageFailure.of(Phase.FIRST_BYTE, "the server sent " + problem, "", e);
    }
    if (e instanceof Buffers.BudgetExceededException exceeded) {
      return noMemory(phase, exceeded);
    }
    String advice =
        !made && exchange.nothingReceived()
            ? "The server had closed the reused connection; this request was not repeated because"
                + " the server may have acted on it: make it idempotent, or set"
                + " exchange.repeatNonIdempotent"
            : "";
    return StageFailure.of(phase, problem, advice, e);
  }

  static StageFailure noMemory(Phase phase, Buffers.BudgetExceededException e) {
    return StageFailure.of(
        phase,
        String.valueOf(e.getMessage()),
        "Raise exchange.memoryBudget, or lower pool.maxConnections",
        e);
  }

  private static StageFailure notProcessed(
      Phase phase, Exchange exchange, int refusals, IOException e) {
    return StageFailure.of(
        phase,
        e.getMessage()
            + (refusals == 0 ? "" : " (as before; it was sent " + (refusals + 1) + " times)"),
        exchange.repeatable()
            ? "The server is overloaded or restarts: send the request again later"
            : "The server did not look at this request, but its body cannot be sent again from its"
                + " start: make it of bytes, a string or a file",
        e);
  }

  /** Says which deadline it was. */
  StageFailure timedOut(Phase phase) {
    if (engine.ticker().nanos() >= deadline) {
      return requestTimedOut(StageFailure.timeout(phase, "", ""));
    }
    return phase == Phase.FIRST_BYTE
        ? StageFailure.timeout(
            phase,
            "no response head within " + engine.options().headTimeout().toMillis() + " ms",
            "The server is slow, or raise exchange.headTimeout")
        : StageFailure.timeout(
            phase,
            "nothing moved for " + engine.options().bodyIdleTimeout().toMillis() + " ms",
            "The peer has stalled, or raise exchange.bodyIdleTimeout");
  }

  /** The request's own time is up. */
  StageFailure requestTimedOut(StageFailure during) {
    return StageFailure.timeout(
            during.phase(),
            "the request's timeout of "
                + request.timeout().orElseThrow().toMillis()
                + " ms passed"
                + (during.phase() == Phase.QUEUE ? ": " + during.problem() : ""),
            during.advice())
        .at(during.address());
  }
}
