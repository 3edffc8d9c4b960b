package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.ExchangeEvent;
import dev.hawser.Origin;
import dev.hawser.Phase;
import dev.hawser.Priority;
import dev.hawser.Timeline;
import dev.hawser.io.StageFailure;
import dev.hawser.io.Ticker;
import dev.hawser.policy.Login;
import dev.hawser.policy.Requests;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@code send}: goes down the stages once for each request that it takes, redirects
 * included. Runs on one thread, the caller's or a virtual one; an interrupt ends it wherever it is.
 */
final class Call<T> {
  /**
   * How much later than the watchdog a waiting caller gives up: the watchdog knows better what
   * happened.
   */
  private static final long GRACE = 100_000_000;

  private final Engine engine;
  private final HttpRequest original;
  private final Origin originalOrigin;
  private final HttpResponse.BodyHandler<T> handler;
  private final boolean async;
  private final Course course;
  private final Sequel sequel;

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
    long start = engine.ticker().nanos();
    Duration timeout = request.timeout().orElse(null);
    long deadline = timeout == null ? Ticker.NEVER : Ticker.after(start, timeout);
    Login login = engine.login();
    // Last: a user's request may throw above, and nobody would count the call out.
    long number = engine.begin();
    this.course =
        new Course(
            engine,
            number,
            deadline,
            Priority.current(),
            new Times(start),
            new Diagnosis(engine, request, deadline),
            login,
            engine.retry().maxRetries() == 0 ? null : new Retries(engine, number, deadline),
            pushes);
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
      Retries retries = course.retries();
      while (true) {
        Hop hop = perform(request, origin);
        Optional<HttpRequest> next = next(hop);
        if (next.isEmpty()) {
          handedOn = true; // from here on the body ends the call
          return new ExchangeResponse<>(this, hop, body(hop), previous);
        }
        drain(hop);
        if (retries != null) {
          course.times().backedOff(retries.pause());
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

  /** Receives a response that is pushed, of a request that has not been sent. */
  ExchangeResponse<T> receive(Pushed pushed) throws IOException, InterruptedException {
    boolean handedOn = false;
    try {
      tellStarted();
      Hop hop = pushed.answered(course, original, originalOrigin);
      handedOn = true;
      return new ExchangeResponse<>(this, hop, body(hop), null);
    } catch (IOException | RuntimeException | InterruptedException | Error e) {
      if (!handedOn) {
        failed(e);
      }
      throw e;
    }
  }

  /** Returns what the caller gets of the body, when it does. */
  private @Nullable T body(Hop hop) throws IOException, InterruptedException {
    var inbound = new Inbound(this, hop, engine);
    BodySubscriber<T> subscriber;
    try {
      subscriber = Objects.requireNonNull(handler.apply(hop.head()), "the handler's subscriber");
    } catch (RuntimeException | Error e) {
      inbound.fail(e);
      throw thrown(e);
    }
    T stream = BodyStream.inPlaceOf(subscriber, inbound);
    return stream != null ? stream : new BodyFlow<>(inbound, subscriber).receive();
  }

  private Optional<HttpRequest> next(Hop hop) throws IOException, InterruptedException {
    try {
      Optional<HttpRequest> next =
          sequel.after(hop.request(), hop.origin(), hop.via(), hop.exchange(), hop.head());
      Retries retries = course.retries();
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

  private Hop perform(HttpRequest request, Origin origin) throws IOException, InterruptedException {
    try (var attempts = new Attempts(course, request, origin)) {
      return attempts.untilAnswered();
    }
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

  /** As the JDK's client: an I/O failure as it is, anything else as the cause of one. */
  static IOException thrown(@Nullable Throwable error) {
    if (error instanceof IOException failure) {
      return failure;
    }
    return new IOException(error == null ? "failed" : String.valueOf(error.getMessage()), error);
  }

  // ---- afterwards

  private void drain(Hop hop) throws InterruptedException {
    try {
      hop.exchange().awaitBody();
      if (hop.skipRest()) {
        hop.giveBack(engine.pool());
      } else {
        abandon(hop);
      }
    } catch (IOException e) {
      abandon(hop);
      interruptedBy(e);
    }
  }

  private void abandon(Hop hop) {
    hop.close(engine.pool(), CloseReason.EXCHANGE_ABANDONED);
  }

  // ---- what is told

  private void tellStarted() {
    if (engine.events().wanted()) {
      engine
          .events()
          .tell(
              new ExchangeEvent.Started(
                  course.number(), original.method(), Requests.shown(original.uri())));
    }
  }

  StageFailure timedOut(Phase phase) {
    return course.diagnosis().timedOut(phase);
  }

  /** The public failure for a stage's; {@code connection} is null when there was none. */
  IOException failure(StageFailure failure, Origin origin, @Nullable ConnectionInfo connection) {
    return course.failure(failure, origin, connection);
  }

  /** The whole response has been received. */
  void completed(int status, long bodyBytes) {
    course.times().ended(now());
    engine.end(false);
    if (engine.events().wanted()) {
      engine
          .events()
          .tell(new ExchangeEvent.Completed(course.number(), status, bodyBytes, timeline()));
    }
  }

  /** The call has failed. */
  void failed(Throwable error) {
    course.times().ended(now());
    engine.end(true);
    if (engine.events().wanted()) {
      engine.events().tell(new ExchangeEvent.Failed(course.number(), error));
    }
  }

  Timeline timeline() {
    return course.timeline();
  }

  long now() {
    return course.now();
  }

  /** Until the request's timeout, which the watchdog gets a moment to notice first. */
  long nanosLeft() {
    long deadline = course.deadline();
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
