package dev.hawser.exchange;

import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.coding.Decoding;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Target;
import dev.hawser.connect.Via;
import dev.hawser.io.StageFailure;
import dev.hawser.overload.Awaited;
import dev.hawser.overload.Hedging;
import dev.hawser.overload.HostLoad;
import dev.hawser.overload.Refused;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Pool;
import dev.hawser.pool.Wish;
import dev.hawser.wire.NotProcessedException;
import dev.hawser.wire.Request;
import dev.hawser.wire.RequestBody;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request of a call: it is attempted until a response's head has come, or what has gone wrong
 * is the caller's to know. Used by the call's thread; the watchdog tells it that it is late.
 */
final class Attempts extends Awaited implements AutoCloseable {
  /**
   * How often a request is sent again that servers say they have not looked at. One that restarts
   * says so once, a fleet that restarts some times; who says it always is overloaded.
   */
  private static final int REFUSALS = 3;

  private final Course course;
  private final Engine engine;
  private final HttpRequest original;
  private final Origin origin;
  private final @Nullable Via via;
  private final Request request;
  private final Target target;
  private final HostLoad load;
  private final Question question;
  private @Nullable Wish wish; // null: nothing has been sent yet, or anything will do
  private int refusals; // since the last retry
  private boolean repeated; // after a stale connection: once for each retry
  private boolean entered; // it is one of those that the host has to bear

  private final @Nullable Hedging hedging; // null: it is not to be sent a second time
  private @Nullable Try first; // written before the watchdog knows of this
  private @Nullable Hedge second; // beside the first; guarded by this
  private boolean settled; // none is begun any more; guarded by this

  Attempts(Course course, HttpRequest original, Origin origin) throws IOException {
    this.course = course;
    this.engine = course.engine();
    this.original = original;
    this.origin = origin;
    this.via = engine.proxies().of(original);
    this.request = Outbound.of(engine, original, origin, via, course.login());
    this.target = engine.versions().target(original, origin, via);
    this.load = engine.loads().of(origin);
    this.question = new Question(course, target, request);
    this.hedging =
        load.hedging() != null
                && course.pushes() == null
                && request.idempotent()
                && RequestBody.repeatable(request.body())
            ? load.hedging()
            : null;
    Retries retries = course.retries();
    this.wish = retries == null ? null : retries.wish();
  }

  /** Returns when the response's head has come. */
  Hop untilAnswered() throws IOException, InterruptedException {
    Hop hop = null;
    while (hop == null) {
      hop = attempt();
    }
    return hop;
  }

  /** Others need not wait for what its question comes to, nor for its place. */
  @Override
  public void close() {
    question.close();
    leave();
  }

  /** Returns null if it is time for another attempt. */
  private @Nullable Hop attempt() throws IOException, InterruptedException {
    long admitted = admit();
    Try attempt;
    try {
      attempt = lease(admitted);
    } catch (StageFailure e) {
      course.failed(load, e, null, admitted);
      retry(e, Retries.Safety.NOT_SEEN, null);
      return null;
    }
    boolean asks = wish == null && question.isAsked();
    try {
      if (asks) {
        attempt.answer(question);
      } else if (hedging == null || wish != null) { // a host in trouble is not hedged
        attempt.answer();
      } else {
        attempt = firstAnswered(attempt, hedging);
      }
      ResponseInfo head = attempt.response();
      long now = course.now();
      load.answered(head.statusCode(), !attempt.made(), attempt.admitted(), now);
      attempt.tell(head.statusCode() < 500, now);
      course.tellHead(head);
      return hop(attempt, head);
    } catch (IOException | RuntimeException | Error e) {
      ConnectionInfo info = attempt.info();
      attempt.abandon();
      Call.interruptedBy(e);
      if (!(e instanceof IOException io)) {
        throw e;
      }
      again(attempt, io, asks, info);
      return null;
    }
  }

  private Hop hop(Try attempt, ResponseInfo head) throws IOException {
    Decoding.Decoded shown = engine.decoding().of(original, head, attempt.exchange().body());
    entered = false; // it is the hop's to leave
    return new Hop(
        original,
        origin,
        via,
        load,
        attempt.connection(),
        attempt.ordinal(),
        attempt.exchange(),
        shown.head(),
        course.untilAnswered(shown.body()));
  }

  // ---- a second try beside the first

  /** Returns the try that is answered first: this one, or one that is begun when it is late. */
  private Try firstAnswered(Try attempt, Hedging awaiting) throws IOException {
    first = attempt;
    awaiting.begun(this, attempt.leasedAt(), course.deadline());
    try {
      attempt.answer();
    } catch (IOException | RuntimeException | Error e) {
      Hedge beside = settle(attempt, awaiting, false);
      if (beside == null || !beside.awaitAnswer()) {
        throw e;
      }
      return beside.overtake(course);
    }
    Hedge beside = settle(attempt, awaiting, HostLoad.isFine(attempt.response().statusCode()));
    return beside == null || beside.cancel() ? attempt : beside.overtake(course);
  }

  /** None is begun from now on; returns the one that has been. */
  private @Nullable Hedge settle(Try attempt, Hedging awaiting, boolean answered) {
    long now = course.now();
    if (!awaiting.ended(this, answered, now - attempt.leasedAt(), now)) {
      return null;
    }
    synchronized (this) {
      settled = true;
      return second;
    }
  }

  /** {@inheritDoc} While it is still being sent there is no second: the time goes into its body. */
  @Override
  protected synchronized void late() {
    Try slow = first;
    if (!settled
        && slow != null
        && hedging != null
        && slow.exchange().requestSentAt() != 0
        && load.mayHedge(course.priority())) {
      second = new Hedge(course, original, origin, request, target, load, hedging, slow);
      second.start();
    }
  }

  // ---- before it is sent

  /** When the attempt was admitted; throws if calls to the host are refused. */
  private long admit() throws IOException, InterruptedException {
    try {
      if (!entered && load.isLimited()) {
        enter();
      }
      return load.admit();
    } catch (Refused e) {
      throw Failures.refused(origin, course.timeline(), e);
    }
  }

  private void enter() throws Refused, IOException, InterruptedException {
    long start = course.now();
    try {
      load.enter(course.priority(), course.deadline());
      entered = true;
    } catch (StageFailure e) {
      throw course.failure(e.timeout() ? course.diagnosis().requestTimedOut(e) : e, origin, null);
    } finally {
      course.times().queued(course.now() - start);
    }
  }

  /** It is no longer under way, or for a while. */
  private void leave() {
    if (entered) {
      entered = false;
      load.leave();
    }
  }

  /** A connection or a stream of one; any, if there is no wish. */
  private Try lease(long admitted) throws StageFailure, InterruptedException {
    long start = course.now();
    @Nullable Attempt[] dialled = new @Nullable Attempt[1];
    try {
      Connection connection = wish == null ? question.leaseIdle() : null;
      boolean made = false;
      if (connection == null) {
        Pool.Lease lease =
            engine
                .pool()
                .await(
                    target,
                    course.deadline(),
                    wish == null ? Wish.ANY : wish,
                    course.number(),
                    tried -> dialled[0] = tried);
        connection = lease.connection();
        dialled[0] = lease.attempt();
        made = lease.attempt() != null;
      }
      course.times().leased(course.now() - start, dialled[0], course.now());
      tellLeased(connection, start);
      return new Try(
          course, course.told(original, connection), origin, request, connection, made, admitted);
    } catch (StageFailure e) {
      course.times().leased(course.now() - start, dialled[0], course.now());
      if (target.via() != null && (e.phase() == Phase.DNS || e.phase() == Phase.CONNECT)) {
        engine.proxies().failed(original.uri(), target.via(), e);
      }
      throw e.timeout() && course.now() >= course.deadline()
          ? course.diagnosis().requestTimedOut(e)
          : e;
    }
  }

  private void tellLeased(Connection connection, long start) {
    if (engine.events().wanted()) {
      Duration waited = Duration.ofNanos(course.now() - start);
      engine.events().tell(new ExchangeEvent.Leased(course.number(), connection.info(), waited));
    }
  }

  // ---- after it has failed

  /** Returns when it is time for another attempt; throws what the caller gets if there is none. */
  private void again(Try failed, IOException e, boolean asked, ConnectionInfo info)
      throws IOException, InterruptedException {
    boolean stumbled = asked && Question.stumbled(failed.exchange(), failed.connection(), e);
    if (stumbled) {
      question.speaksHttp1();
    }
    if (e instanceof NotProcessedException refusal
        && refusals < REFUSALS
        && failed.mayRepeat()
        && load.mayRepeatRefused()) {
      refusals++;
      wish = failed.after(refusal);
      if (refusal.http1Required()) {
        engine.upgrades().requiresHttp1(target);
      }
      tellRepeated(info, e);
    } else if (!repeated && failed.wasStale(e)) {
      repeated = true;
      wish = Wish.after(failed.connection());
      tellRepeated(info, e);
    } else if (stumbled && failed.connection().isMultiplexed() && failed.mayRepeat()) {
      wish = Wish.after(failed.connection());
      tellRepeated(info, e);
    } else {
      StageFailure failure =
          course
              .diagnosis()
              .of(failed.exchange(), failed.connection().transport(), e, refusals, failed.made());
      course.failed(load, failure, failed, failed.admitted());
      retry(
          failure,
          Retries.safety(
              failed.exchange().repeatable(),
              request.idempotent(),
              failed.exchange().nothingSent(),
              e),
          info);
      Wish elsewhere = Try.elsewhere(failed.connection());
      wish = elsewhere != null ? elsewhere : Wish.ANY;
      refusals = 0;
      repeated = false;
    }
  }

  private void tellRepeated(ConnectionInfo info, IOException e) {
    engine.repeated();
    if (engine.events().wanted()) {
      String why = String.valueOf(e.getMessage());
      engine.events().tell(new ExchangeEvent.Repeated(course.number(), info, why));
    }
  }

  /** Returns when it is time to try again; throws what the caller gets if that is not to be. */
  private void retry(
      StageFailure failure, Retries.Safety safety, @Nullable ConnectionInfo connection)
      throws IOException, InterruptedException {
    Retries retries = course.retries();
    if (retries == null) {
      throw told(failure, connection);
    }
    StageFailure last = retries.after(load, failure, safety);
    if (last != null) {
      throw told(last, connection);
    }
    close();
    course.times().backedOff(retries.pause());
  }

  /** What the caller gets; it says, too, which addresses of the host are ejected. */
  private IOException told(StageFailure failure, @Nullable ConnectionInfo connection) {
    String ejected = engine.endpoints().described(origin);
    return course.failure(ejected.isEmpty() ? failure : failure.with(ejected), origin, connection);
  }
}
