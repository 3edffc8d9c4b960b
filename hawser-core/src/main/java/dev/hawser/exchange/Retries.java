package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.RetryOptions;
import dev.hawser.TlsFailedException;
import dev.hawser.io.Buffers;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.overload.HostLoad;
import dev.hawser.pool.Wish;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.NotProcessedException;
import dev.hawser.wire.Request;
import dev.hawser.wire.RequestBody;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether a call's request is sent again after an answer or a failure that tells of trouble, and
 * when. Used by the call's thread alone.
 */
final class Retries {
  private static final int SHOWN = 100; // characters of what went wrong, in messages

  /** What a repeat may do harm to. */
  enum Safety {
    /** Nothing of it was sent, or the server has said that it did not look at it. */
    NOT_SEEN,
    /** Sending it twice has the effect of sending it once. */
    IDEMPOTENT,
    /** The server may have acted on it. */
    UNSAFE,
    /** Its body cannot be had again from its start. */
    BODY_SPENT
  }

  private final Engine engine;
  private final RetryOptions options;
  private final long call;
  private final long deadline;
  private final List<String> tried = new ArrayList<>();
  private long pause;
  private @Nullable Wish wish; // for the request that is sent again after a response

  Retries(Engine engine, long call, long deadline) {
    this.engine = engine;
    this.options = engine.retry();
    this.call = call;
    this.deadline = deadline;
  }

  /** After a response. If the request is to be sent again, {@link #pause()} comes first. */
  boolean after(Hop hop) {
    int status = hop.head().statusCode();
    if (!options.statuses().contains(status)) {
      return false;
    }
    String reason = "status " + status;
    Optional<Duration> asked = engine.loads().retryAfter(hop.head().headers());
    if (asked.isPresent() && asked.get().compareTo(options.maxRetryAfter()) > 0) {
      stop(
          "the server wants "
              + asked.get().toSeconds()
              + " s until the next (retry.maxRetryAfter is "
              + options.maxRetryAfter().toMillis()
              + " ms)");
      return false;
    }
    Safety safety =
        safety(
            hop.exchange().repeatable(), Request.idempotent(hop.request().method()), false, null);
    boolean again = again(hop.load(), reason, safety, asked) == null;
    wish = again ? Try.elsewhere(hop.connection()) : null;
    return again;
  }

  /** What will do for the request that is sent again after a response, once; null: anything. */
  @Nullable Wish wish() {
    Wish taken = wish;
    wish = null;
    return taken;
  }

  /**
   * After a failure before a response.
   *
   * @return null if the request is to be sent again, after {@link #pause()}; else what the caller
   *     gets
   */
  @Nullable StageFailure after(HostLoad load, StageFailure failure, Safety safety) {
    boolean ours = engine.closed() || now() >= deadline || !transientTrouble(failure);
    String stopped = ours ? "" : again(load, failure.problem(), safety, Optional.empty());
    if (stopped == null) {
      return null;
    }
    return tried.isEmpty() && stopped.isEmpty() ? failure : failure.with(history(stopped));
  }

  /** Whether it may well be over in a moment, and is not this side's own. */
  private static boolean transientTrouble(StageFailure failure) {
    return switch (failure.phase()) {
      case QUEUE, BODY -> false; // the first would only make the line longer
      case DNS -> failure.timeout();
      case CONNECT -> true;
      case PROXY -> failure.timeout() || failure.status() >= 502;
      case TLS -> failure.timeout() || failure.tls().reason() == TlsFailedException.Reason.CLOSED;
      case REQUEST, FIRST_BYTE ->
          !(failure.getCause() instanceof MalformedResponseException) && !isOurs(failure);
    };
  }

  /** Whether it tells nothing of the host: this side could not give the body, or had no memory. */
  static boolean isOurs(StageFailure failure) {
    Throwable cause = failure.getCause();
    return cause instanceof Buffers.BudgetExceededException
        || cause instanceof RequestBody.PublisherFailedException;
  }

  /** Returns why not; null: again. */
  private @Nullable String again(
      HostLoad load, String reason, Safety safety, Optional<Duration> asked) {
    String stopped =
        switch (safety) {
          case UNSAFE -> "the server may have acted on it, and the method is not idempotent";
          case BODY_SPENT -> "its body cannot be had again from its start";
          case NOT_SEEN, IDEMPOTENT -> null;
        };
    if (stopped == null && tried.size() >= options.maxRetries()) {
      stopped = "retry.maxRetries is " + options.maxRetries();
    }
    int next = tried.size() + 1;
    long wait =
        asked.isPresent() ? engine.loads().backoff(asked.get()) : engine.loads().backoff(next);
    if (stopped == null && deadline != Ticker.NEVER && wait >= deadline - now()) {
      stopped = "the request's timeout leaves no time for it";
    }
    if (stopped == null && !load.mayRetry()) {
      stopped = "the retry budget of the host is spent (retry.budget)";
    }
    if (stopped != null) {
      stop(stopped);
      return stopped;
    }
    tried.add(reason.length() > SHOWN ? reason.substring(0, SHOWN) + "…" : reason);
    pause = wait;
    if (engine.events().wanted()) {
      engine.events().tell(new ExchangeEvent.Retrying(call, next, reason, Duration.ofNanos(wait)));
    }
    return null;
  }

  private void stop(String reason) {
    if (engine.events().wanted()) {
      engine.events().tell(new ExchangeEvent.RetriesStopped(call, tried.size(), reason));
    }
  }

  /** For the message of the failure that the caller gets. */
  private String history(String stopped) {
    StringBuilder text = new StringBuilder();
    if (!tried.isEmpty()) {
      text.append(" at attempt ").append(tried.size() + 1).append(", after ");
      text.append(tried.stream().distinct().collect(Collectors.joining("; ")));
    }
    return stopped.isEmpty() ? text.toString() : text + ", not sent again: " + stopped;
  }

  /** Waits for what was decided on last, once; returns for how long it did. */
  long pause() throws InterruptedException {
    if (pause == 0) {
      return 0;
    }
    long start = now();
    engine.pause(pause);
    pause = 0;
    return now() - start;
  }

  private long now() {
    return engine.ticker().nanos();
  }

  /** What it means to send a request again that has failed. */
  static Safety safety(
      boolean repeatable, boolean idempotent, boolean nothingSent, @Nullable Throwable cause) {
    return !repeatable
        ? Safety.BODY_SPENT
        : nothingSent || cause instanceof NotProcessedException
            ? Safety.NOT_SEEN
            : idempotent ? Safety.IDEMPOTENT : Safety.UNSAFE;
  }
}
