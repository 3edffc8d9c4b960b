package dev.hawser.exchange;

import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Target;
import dev.hawser.io.StageFailure;
import dev.hawser.overload.Hedging;
import dev.hawser.overload.HostLoad;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Pool;
import dev.hawser.pool.Wish;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A second try at a request whose first is late, over another connection and on a thread of its
 * own. Whichever is answered first is the call's:
 *
 * <pre>
 *                 is answered first
 *   UNDER_WAY ───────────────────────▶ WON        and the first try is cancelled
 *     │   │   fails, or is not served
 *     │   └──────────────────────────▶ LOST       the first goes on
 *     └──────────────────────────────▶ UNWANTED   the first has been answered, or the call has
 *                                                 ended: this one is interrupted
 * </pre>
 *
 * <p>An answer that is trouble (500 or more, 429) does not win: a server that refuses does so
 * quickly, and without this try the caller would have got what the first gets. It has a place of
 * the host's limit; of the two that they have together one is left when one of them has ended.
 */
final class Hedge implements Runnable {
  private enum State {
    UNDER_WAY,
    WON,
    LOST,
    UNWANTED
  }

  private final Course course; // with times of its own
  private final HttpRequest original;
  private final Origin origin;
  private final Request request;
  private final Target target;
  private final HostLoad load;
  private final Hedging hedging;
  private final Try first;
  private final long begunAt;
  private final Thread thread = Thread.ofVirtual().name("hawser-hedge").unstarted(this);
  private final AtomicReference<State> state = new AtomicReference<>(State.UNDER_WAY);
  private @Nullable Try second; // by its thread; read by the call's when it has won

  /**
   * Prepares one that the host's load allows.
   *
   * @param course the call's
   */
  Hedge(
      Course course,
      HttpRequest original,
      Origin origin,
      Request request,
      Target target,
      HostLoad load,
      Hedging hedging,
      Try first) {
    this.course = course.beside();
    this.original = original;
    this.origin = origin;
    this.request = request;
    this.target = target;
    this.load = load;
    this.hedging = hedging;
    this.first = first;
    this.begunAt = course.now();
  }

  void start() {
    thread.start();
  }

  // ---- its thread

  @Override
  public void run() {
    boolean wins = false;
    try {
      second = lease();
      if (second == null) {
        hedging.withheld();
      } else {
        wins = isAnsweredFirst(second);
      }
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      failed(second, e); // whatever it is, the first goes on
    } finally {
      if (wins) {
        first.cancel();
      } else {
        state.compareAndSet(State.UNDER_WAY, State.LOST);
        load.leave();
      }
    }
  }

  /** Null: there is none but the first's, where it would meet what holds up that one. */
  private @Nullable Try lease() throws StageFailure, InterruptedException {
    Pool pool = course.engine().pool();
    Connection busy = first.connection();
    Attempt made = null;
    Connection other = pool.leaseIdle(target, Wish.beside(busy));
    if (other == null) {
      other = pool.leaseIdle(target, Wish.otherThan(busy));
    }
    if (other == null) {
      Pool.Lease lease =
          pool.await(target, course.deadline(), Wish.beside(busy), course.number(), attempt -> {});
      other = lease.connection();
      made = lease.attempt();
    }
    if (other == busy) {
      pool.release(other);
      return null;
    }
    course.times().leased(course.now() - begunAt, made, course.now());
    return new Try(
        course, course.told(original, other), origin, request, other, made != null, begunAt);
  }

  private boolean isAnsweredFirst(Try attempt) throws IOException {
    hedging.sent();
    tellSent(attempt);
    attempt.answer();
    int status = attempt.response().statusCode();
    boolean wins = HostLoad.isFine(status) && state.compareAndSet(State.UNDER_WAY, State.WON);
    if (!wins) {
      if (!HostLoad.isFine(status)) {
        long now = course.now();
        load.answered(status, !attempt.made(), begunAt, now);
        attempt.tell(status < 500, now);
      }
      attempt.unwanted();
    }
    return wins;
  }

  private void failed(@Nullable Try attempt, Throwable e) {
    boolean wanted = state.compareAndSet(State.UNDER_WAY, State.LOST);
    var _ = Thread.interrupted(); // what follows is not to be cut short
    if (attempt == null) {
      if (wanted) {
        hedging.withheld();
      }
    } else if (wanted) {
      attempt.abandon();
    } else {
      attempt.unwanted();
    }
    if (wanted && e instanceof StageFailure failure) {
      course.failed(load, failure, attempt, begunAt);
    } else if (wanted && attempt != null && e instanceof IOException io) {
      course.failed(
          load,
          course
              .diagnosis()
              .of(attempt.exchange(), attempt.connection().transport(), io, 0, attempt.made()),
          attempt,
          begunAt);
    }
  }

  private void tellSent(Try attempt) {
    if (course.engine().events().wanted()) {
      Duration after = Duration.ofNanos(course.now() - first.leasedAt());
      course
          .engine()
          .events()
          .tell(new ExchangeEvent.Hedged(course.number(), attempt.info(), after));
    }
  }

  // ---- the call's thread

  /** It is not wanted any more; false if it has won. */
  boolean cancel() {
    if (state.compareAndSet(State.UNDER_WAY, State.UNWANTED)) {
      thread.interrupt();
    }
    return state.get() != State.WON;
  }

  /** After the first has failed: whether this one is answered, for which it waits. */
  boolean awaitAnswer() {
    try {
      thread.join(); // its own deadlines bound that
    } catch (InterruptedException e) {
      cancel();
      Thread.currentThread().interrupt();
    }
    return state.get() == State.WON;
  }

  /** Takes it in place of the first, after it has won. */
  Try overtake(Course overtaken) {
    Try winner = Objects.requireNonNull(second);
    first.overtaken(begunAt);
    overtaken.times().overtakenBy(course.times());
    if (!first.made()) {
      load.late(first.admitted(), course.now());
    }
    load.leave(); // the first's place, or this one's
    hedging.won();
    if (course.engine().events().wanted()) {
      Duration took = Duration.ofNanos(course.now() - begunAt);
      course
          .engine()
          .events()
          .tell(new ExchangeEvent.HedgeWon(course.number(), winner.info(), took));
    }
    return winner;
  }
}
