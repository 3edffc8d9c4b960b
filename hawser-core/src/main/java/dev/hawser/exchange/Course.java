package dev.hawser.exchange;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.Priority;
import dev.hawser.Timeline;
import dev.hawser.io.StageFailure;
import dev.hawser.overload.HostLoad;
import dev.hawser.policy.Login;
import dev.hawser.pool.Connection;
import dev.hawser.wire.Body;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of one call share while it takes its course.
 *
 * @param number the call's, for events
 * @param deadline of all of it
 * @param priority of its requests
 * @param login null: there is no authenticator
 * @param retries null: none are wanted
 * @param pushes null: none are taken
 */
record Course(
    Engine engine,
    long number,
    long deadline,
    Priority priority,
    Times times,
    Diagnosis diagnosis,
    @Nullable Login login,
    @Nullable Retries retries,
    @Nullable Pushes<?> pushes) {

  long now() {
    return engine.ticker().nanos();
  }

  /** The same for a second try beside the call's own, on a thread of its own. */
  Course beside() {
    return new Course(
        engine, number, deadline, priority, new Times(now()), diagnosis, login, retries, pushes);
  }

  /** What goes over the wire for one request. */
  Told told(HttpRequest request, Connection connection) {
    return new Told(
        engine.events(), number, pushes == null ? null : pushes.with(request, connection));
  }

  /** A response's body, which ends when what is pushed with it has been answered. */
  Body untilAnswered(Body body) {
    return pushes == null ? body : pushes.answeredBefore(body, this);
  }

  /** A response's head has come. */
  void tellHead(ResponseInfo head) {
    if (engine.events().wanted()) {
      Duration firstByte = Duration.ofNanos(times.firstByteNanos());
      engine.events().tell(new ExchangeEvent.HeadReceived(number, head.statusCode(), firstByte));
    }
  }

  /**
   * A failure that is the host's counts for its breaker and, if there was a connection, for the
   * address; silence for its limit.
   */
  void failed(HostLoad load, StageFailure failure, @Nullable Try attempt, long admitted) {
    if (engine.closed() || failure.phase() == Phase.QUEUE || Retries.isOurs(failure)) {
      return;
    }
    long now = now();
    if (failure.timeout() && failure.phase().compareTo(Phase.REQUEST) >= 0) {
      load.late(admitted, now);
    }
    load.failed(admitted, now);
    if (attempt != null) {
      attempt.tell(false, now);
    }
  }

  Timeline timeline() {
    return times.timeline(now());
  }

  /** The public failure for a stage's; {@code connection} is null when there was none. */
  IOException failure(StageFailure failure, Origin origin, @Nullable ConnectionInfo connection) {
    return Failures.of(failure, origin, timeline(), connection);
  }
}
