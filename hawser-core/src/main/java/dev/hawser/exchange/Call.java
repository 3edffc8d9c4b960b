package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.Timeline;
import dev.hawser.coding.Decoding;
import dev.hawser.connect.Attempt;
import dev.hawser.connect.Target;
import dev.hawser.connect.Via;
import dev.hawser.http1.Http1Exchange;
import dev.hawser.http2.Http2Connection;
import dev.hawser.io.Buffers;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.overload.HostLoad;
import dev.hawser.policy.Login;
import dev.hawser.policy.Requests;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Pool;
import dev.hawser.pool.Wish;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Multiplexed;
import dev.hawser.wire.NotProcessedException;
import dev.hawser.wire.Promise;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code send}: goes down the stages once for each request that it takes, redirects
 * included. Runs on one thread, the caller's or a virtual one; an interrupt ends it wherever it is.
 */
final class Call<T> {
  /**
   * The body of a redirect is read up to here, to keep the connection; a longer one costs the
   * connection.
   */
  private static final int DRAINED = 64 * 1024;

  /**
   * How much later than the watchdog a waiting caller gives up: the watchdog knows better what
   * happened.
   */
  private static final long GRACE = 100_000_000;

  /**
   * How often a request is sent again that servers say they have not looked at. One that restarts
   * says so once, a fleet that restarts some times; who says it always is overloaded.
   */
  private static final int REFUSALS = 3;

  private final Engine engine;
  private final HttpRequest original;
  private final Origin originalOrigin;
  private final HttpResponse.BodyHandler<T> handler;
  private final boolean async;
  private final @Nullable Pushes<T> pushes; // null: none are taken
  private final long number;
  private final long deadline;
  private final Times times;
  private final Diagnosis diagnosis;
  private final @Nullable Login login; // null: there is no authenticator
  private final @Nullable Retries retries; // null: none are wanted
  private final Sequel sequel;
  private boolean made; // whether the connection leased last was made for this call
  private Upgrades.@Nullable Question question; // asked by this call's first request; null: none

  /**
   * Counts the call in.
   *
   * @param origin the request's, which has passed {@link Requests#check}
   */
  Call(
      Engine engine,
      HttpRequest request,
      Origin origin,
      HttpResponse.BodyHandler<T> handler,
      boolean async,
      @Nullable Pushes<T> pushes) {
    this.engine = engine;
    this.original = request;
    this.originalOrigin = origin;
    this.handler = handler;
    this.async = async;
    this.pushes = pushes;
    long start = engine.ticker().nanos();
    Duration timeout = request.timeout().orElse(null);
    this.deadline = timeout == null ? Ticker.NEVER : Ticker.after(start, timeout);
    this.times = new Times(start);
    this.diagnosis = new Diagnosis(engine, request, deadline);
    this.login = engine.login();
    this.number =
        engine
            .begin(); // last: a user's request may throw above, and nobody would count the call out
    this.retries = engine.retry().maxRetries() == 0 ? null : new Retries(engine, number, deadline);
    this.sequel = new Sequel(engine, number, login);
  }

  /**
   * Runs the call to where its caller gets the response; a body that is streamed goes on after
   * that.
   */
  ExchangeResponse<T> run() throws IOException, InterruptedException {
    boolean handedOn = false;
    try {
      tellStarted();
      HttpResponse<T> previous = null;
      HttpRequest request = original;
      Origin origin = originalOrigin;
      while (true) {
        Hop hop = perform(request, origin);
        Optional<HttpRequest> next = next(hop);
        if (next.isEmpty()) {
          var flow = new BodyFlow<>(this, hop, engine);
          handedOn = true; // from here on the flow ends the call
          T body = flow.receive(handler);
          return new ExchangeResponse<>(this, hop, body, previous);
        }
        drain(hop);
        if (retries != null) {
          times.backedOff(retries.pause());
        }
        previous = new ExchangeResponse<>(this, hop, null, previous);
        request = next.get();
        origin = Requests.check(request);
      }
    } catch (IOException | RuntimeException | InterruptedException | Error e) {
      if (!handedOn) {
        failed(e);
      }
      throw e;
    }
  }

  /**
   * Receives a response that the server pushes, over a connection that is held for it.
   *
   * @param initiating with whose response it was promised
   */
  ExchangeResponse<T> receive(Connection connection, Promise promise, HttpRequest initiating)
      throws IOException, InterruptedException {
    boolean handedOn = false;
    try {
      tellStarted();
      Hop hop = pushed(connection, promise, initiating);
      var flow = new BodyFlow<>(this, hop, engine);
      handedOn = true;
      T body = flow.receive(handler);
      return new ExchangeResponse<>(this, hop, body, null);
    } catch (IOException | RuntimeException | InterruptedException | Error e) {
      if (!handedOn) {
        failed(e);
      }
      throw e;
    }
  }

  private Hop pushed(Connection connection, Promise promise, HttpRequest initiating)
      throws IOException, InterruptedException {
    long ordinal = connection.begin();
    times.reused(ordinal > 1);
    long begunAt = now();
    Exchange exchange =
        promise.accept(new Switching.AlreadySent(new Told(engine.events(), number, null)));
    try {
      var asked =
          new Request(promise.method(), promise.uri(), promise.headers(), Map.of(), null, false);
      ResponseInfo head = exchange.exchange(originalOrigin, asked);
      times.exchanged(exchange, begunAt, now(), true);
      tellHead(head);
      Decoding.Decoded shown = engine.decoding().of(initiating, head, exchange.body());
      return new Hop(
          original,
          originalOrigin,
          null,
          engine.loads().of(originalOrigin),
          connection,
          ordinal,
          exchange,
          shown.head(),
          shown.body());
    } catch (IOException | RuntimeException | Error e) {
      times.exchanged(exchange, begunAt, now(), false);
      ConnectionInfo info = connection.info();
      exchange.abandon();
      engine.pool().discard(connection, CloseReason.EXCHANGE_FAILED);
      interruptedBy(e);
      if (!(e instanceof IOException io)) {
        throw e;
      }
      throw failure(
          diagnosis.of(exchange, connection.transport(), io, 0, true), originalOrigin, info);
    }
  }

  private Optional<HttpRequest> next(Hop hop) throws IOException, InterruptedException {
    try {
      Optional<HttpRequest> next =
          sequel.after(hop.request(), hop.origin(), hop.via(), hop.exchange(), hop.head());
      return next.isEmpty() && retries != null && retries.after(hop)
          ? Optional.of(hop.request())
          : next;
    } catch (IOException
        | RuntimeException
        | Error e) { // a user's cookie handler may throw anything
      ConnectionInfo info = hop.connection().info();
      abandon(hop);
      if (e instanceof StageFailure failure) {
        throw failure(failure, hop.origin(), info);
      }
      throw e;
    }
  }

  // ---- one request, repeated where that is safe

  private Hop perform(HttpRequest httpRequest, Origin origin)
      throws IOException, InterruptedException {
    try {
      return attempt(httpRequest, origin);
    } finally {
      closeQuestion();
    }
  }

  private Hop attempt(HttpRequest httpRequest, Origin origin)
      throws IOException, InterruptedException {
    Via via = engine.proxies().of(httpRequest);
    Request request = Outbound.of(engine, httpRequest, origin, via, login);
    Target target = engine.versions().target(httpRequest, origin, via);
    HostLoad load = engine.loads().of(origin);
    Wish wish = null; // null: the first attempt
    int refusals = 0;
    boolean repeated = false; // after a stale connection: once
    while (true) {
      long admitted = admit(load, origin);
      Connection connection;
      try {
        connection = lease(target, wish, request, httpRequest);
      } catch (StageFailure e) {
        failed(load, e, admitted);
        retry(load, e, Retries.Safety.NOT_SEEN, origin, null);
        continue;
      }
      long ordinal = connection.begin();
      boolean reused = ordinal > 1 && !made;
      times.reused(reused);
      if (reused) {
        engine.reused();
      }
      long leasedAt = now();
      var told =
          new Told(
              engine.events(),
              number,
              pushes == null ? null : pushes.with(httpRequest, connection));
      Exchange exchange = begin(connection, ordinal == 1, told);
      Upgrades.Question asked = wish == null ? question : null;
      try {
        ResponseInfo head;
        if (asked != null && exchange instanceof Http1Exchange http1) {
          head = http1.upgrade(origin, engine.switching().asking(request, told.takesPushes()));
          if (head.statusCode() == 101) {
            exchange = switched(connection, head, origin, request, told);
            asked.close();
            head = exchange.exchange(origin, request);
          } else {
            asked.speaksHttp1();
          }
        } else {
          head = exchange.exchange(origin, request);
        }
        times.exchanged(exchange, leasedAt, now(), true);
        load.answered(head.statusCode(), admitted, now());
        tellHead(head);
        Decoding.Decoded shown = engine.decoding().of(httpRequest, head, exchange.body());
        return new Hop(
            httpRequest,
            origin,
            via,
            load,
            connection,
            ordinal,
            exchange,
            shown.head(),
            pushes == null ? shown.body() : pushes.answeredBefore(shown.body(), this));
      } catch (IOException | RuntimeException | Error e) {
        times.exchanged(exchange, leasedAt, now(), false);
        exchange.abandon();
        engine.pool().discard(connection, CloseReason.EXCHANGE_FAILED);
        ConnectionInfo info = connection.info();
        interruptedBy(e);
        if (!(e instanceof IOException io)) {
          throw e;
        }
        boolean stumbled = asked != null && stumbled(exchange, connection, io);
        if (asked != null && stumbled) {
          asked.speaksHttp1();
        }
        boolean refused =
            io instanceof NotProcessedException
                && refusals < REFUSALS
                && mayRepeat(exchange)
                && load.mayRepeatRefused();
        if (refused && io instanceof NotProcessedException refusal) {
          refusals++;
          wish = after(refusal, connection, target);
          tellRepeated(info, io);
        } else if (!repeated && !made && mayRepeat(request, exchange, io)) {
          repeated = true;
          wish = Wish.after(connection);
          tellRepeated(info, io);
        } else if (stumbled && connection.isMultiplexed() && mayRepeat(exchange)) {
          wish = Wish.after(connection);
          tellRepeated(info, io);
        } else {
          StageFailure failure = diagnosis.of(exchange, connection.transport(), io, refusals, made);
          failed(load, failure, admitted);
          Retries.Safety safety =
              Retries.safety(
                  exchange.repeatable(), request.idempotent(), exchange.nothingSent(), io);
          retry(load, failure, safety, origin, info);
          wish = Wish.ANY;
          refusals = 0;
          repeated = false;
        }
      }
    }
  }

  /** When the request was admitted; throws if calls to the host are refused. */
  private long admit(HostLoad load, Origin origin) throws IOException {
    long at = now();
    long left = load.refusedFor(at);
    if (left > 0) {
      throw Failures.refused(origin, timeline(), load.refusal(), Duration.ofNanos(left));
    }
    return at;
  }

  /** A failure that is the host's counts for its breaker. */
  private void failed(HostLoad load, StageFailure failure, long admitted) {
    if (!engine.closed() && failure.phase() != Phase.QUEUE && !Retries.isOurs(failure)) {
      load.failed(admitted, now());
    }
  }

  /** Returns when it is time to try again; throws what the caller gets if that is not to be. */
  private void retry(
      HostLoad load,
      StageFailure failure,
      Retries.Safety safety,
      Origin origin,
      @Nullable ConnectionInfo info)
      throws IOException, InterruptedException {
    StageFailure last = retries == null ? failure : retries.after(load, failure, safety);
    if (last != null || retries == null) {
      throw failure(last == null ? failure : last, origin, info);
    }
    closeQuestion();
    times.backedOff(retries.pause());
  }

  // ---- the question whether the server speaks HTTP/2

  /** One that is there, or is by the time that another's question has been answered. */
  private @Nullable Connection leaseIdle(Target target, Request request)
      throws StageFailure, InterruptedException {
    Connection idle = engine.pool().leaseIdle(target);
    if (idle != null && (idle.used() || idle.isMultiplexed())) {
      return idle;
    }
    question = engine.upgrades().ask(target, request);
    if (idle == null && question == null && engine.upgrades().await(target, deadline)) {
      idle = engine.pool().leaseIdle(target);
      question = idle == null ? engine.upgrades().ask(target, request) : null; // it may be open
    }
    return idle;
  }

  /** If it has not been answered, others need not wait any longer. */
  private void closeQuestion() {
    if (question != null) {
      question.close();
      question = null;
    }
  }

  private Exchange switched(
      Connection connection, ResponseInfo answer, Origin origin, Request request, Told told)
      throws IOException {
    Http2Connection.Upgraded upgraded =
        engine.switching().after(answer, connection.transport(), origin, request, deadline, told);
    engine.pool().upgraded(connection, upgraded.connection());
    return upgraded.exchange();
  }

  /**
   * Whether the question may have been too much for the server: it has hung up on it, is silent, or
   * has agreed and not come as far as HTTP/2.
   */
  private static boolean stumbled(Exchange exchange, Connection connection, IOException e) {
    boolean speaksHttp2 =
        connection.multiplexed() instanceof Http2Connection http2 && http2.isOpen();
    return !exchange.nothingSent() && !speaksHttp2 && !(e instanceof NotProcessedException);
  }

  private Wish after(NotProcessedException refusal, Connection connection, Target target) {
    if (refusal.http1Required()) {
      engine.upgrades().requiresHttp1(target);
      engine.pool().requireHttp1(connection);
      return Wish.ANY;
    }
    return Wish.otherThan(connection);
  }

  private void tellRepeated(ConnectionInfo info, IOException e) {
    engine.repeated();
    if (engine.events().wanted()) {
      engine
          .events()
          .tell(new ExchangeEvent.Repeated(number, info, String.valueOf(e.getMessage())));
    }
  }

  private Exchange begin(Connection connection, boolean fresh, Told told) {
    Multiplexed multiplexed = connection.multiplexed();
    return multiplexed != null
        ? multiplexed.exchange(deadline, told)
        : new Http1Exchange(
            connection.transport(),
            engine.http1(),
            engine.options(),
            engine.ticker(),
            deadline,
            fresh,
            told);
  }

  /** A connection or a stream of one; any, if there is no wish. */
  private Connection lease(
      Target target, @Nullable Wish wish, Request request, HttpRequest httpRequest)
      throws StageFailure, InterruptedException {
    long start = now();
    @Nullable Attempt[] attempt = new @Nullable Attempt[1];
    try {
      Connection connection = wish == null ? leaseIdle(target, request) : null;
      made = false;
      if (connection == null) {
        Pool.Lease lease =
            engine
                .pool()
                .await(
                    target,
                    deadline,
                    wish == null ? Wish.ANY : wish,
                    number,
                    tried -> attempt[0] = tried);
        connection = lease.connection();
        attempt[0] = lease.attempt();
        made = lease.attempt() != null;
      }
      times.leased(now() - start, attempt[0], now());
      if (engine.events().wanted()) {
        engine
            .events()
            .tell(
                new ExchangeEvent.Leased(
                    number, connection.info(), Duration.ofNanos(now() - start)));
      }
      return connection;
    } catch (StageFailure e) {
      times.leased(now() - start, attempt[0], now());
      if (target.via() != null && (e.phase() == Phase.DNS || e.phase() == Phase.CONNECT)) {
        engine.proxies().failed(httpRequest.uri(), target.via(), e);
      }
      throw e.timeout() && now() >= deadline ? diagnosis.requestTimedOut(e) : e;
    }
  }

  /**
   * Only when the connection turned out to be closed, which was there before this call, and not a
   * byte of an answer came. Then what may be sent twice is (RFC 9110 9.2.2), and anything of which
   * nothing was sent.
   */
  private boolean mayRepeat(Request request, Exchange exchange, IOException e) {
    return mayRepeat(exchange)
        && exchange.nothingReceived()
        && !(e instanceof MalformedResponseException)
        && !(e instanceof NotProcessedException)
        && !(e instanceof Buffers.BudgetExceededException)
        && (exchange.nothingSent()
            || request.idempotent()
            || engine.options().repeatNonIdempotent());
  }

  private boolean mayRepeat(Exchange exchange) {
    return !exchange.expired()
        && !engine.closed()
        && exchange.publisherFailure() == null
        && exchange.repeatable();
  }

  /** Turns the many ways in which an interrupt shows into the one that callers expect. */
  static void interruptedBy(Throwable e) throws InterruptedException {
    boolean interrupted = Thread.interrupted();
    if (interrupted || e instanceof ClosedByInterruptException) {
      var interruption = new InterruptedException("interrupted during an HTTP exchange");
      interruption.initCause(e);
      throw interruption;
    }
  }

  // ---- afterwards

  private void drain(Hop hop) throws InterruptedException {
    int drained = 0;
    try {
      hop.exchange().awaitBody();
      for (ByteBuffer part = hop.exchange().body().next();
          part != null;
          part = hop.exchange().body().next()) {
        drained += part.remaining();
        if (drained > DRAINED) {
          abandon(hop);
          return;
        }
      }
      giveBack(hop);
    } catch (IOException e) {
      abandon(hop);
      interruptedBy(e);
    }
  }

  /** Gives the connection back, or closes it, after the end of a response. */
  void giveBack(Hop hop) {
    Connection connection = hop.connection();
    if (hop.exchange().finish()) {
      connection.idleHint(hop.exchange().idleHintNanos());
      engine.pool().release(connection);
    } else {
      boolean surplus = hop.exchange().surplus();
      hop.exchange().abandon();
      engine
          .pool()
          .discard(
              connection, surplus ? CloseReason.UNSOLICITED_BYTES : CloseReason.NOT_PERSISTENT);
    }
  }

  private void abandon(Hop hop) {
    hop.exchange().abandon();
    engine.pool().discard(hop.connection(), CloseReason.EXCHANGE_ABANDONED);
  }

  // ---- what is told

  StageFailure timedOut(Phase phase) {
    return diagnosis.timedOut(phase);
  }

  private void tellStarted() {
    if (engine.events().wanted()) {
      engine
          .events()
          .tell(
              new ExchangeEvent.Started(number, original.method(), Requests.shown(original.uri())));
    }
  }

  private void tellHead(ResponseInfo head) {
    if (engine.events().wanted()) {
      engine
          .events()
          .tell(
              new ExchangeEvent.HeadReceived(
                  number, head.statusCode(), Duration.ofNanos(times.firstByteNanos())));
    }
  }

  /** The public failure for a stage's; {@code connection} is null when there was none. */
  IOException failure(StageFailure failure, Origin origin, @Nullable ConnectionInfo connection) {
    return Failures.of(failure, origin, timeline(), connection);
  }

  /** The whole response has been received. */
  void completed(int status, long bodyBytes) {
    times.ended(now());
    engine.end(false);
    if (engine.events().wanted()) {
      engine.events().tell(new ExchangeEvent.Completed(number, status, bodyBytes, timeline()));
    }
  }

  /** The call has failed. */
  void failed(Throwable error) {
    times.ended(now());
    engine.end(true);
    if (engine.events().wanted()) {
      engine.events().tell(new ExchangeEvent.Failed(number, error));
    }
  }

  Timeline timeline() {
    return times.timeline(now());
  }

  long now() {
    return engine.ticker().nanos();
  }

  /** Until the request's timeout, which the watchdog gets a moment to notice first. */
  long nanosLeft() {
    return deadline == Ticker.NEVER ? Ticker.NEVER : Math.max(0, deadline - now()) + GRACE;
  }

  boolean async() {
    return async;
  }

  /** For messages: without user info. */
  String describe() {
    return original.method() + " " + originalOrigin + original.uri().getRawPath();
  }
}
