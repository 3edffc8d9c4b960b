package dev.hawser.exchange;

import dev.hawser.CloseReason;
import dev.hawser.ConnectionInfo;
import dev.hawser.Origin;
import dev.hawser.connect.Endpoint;
import dev.hawser.http1.Http1Exchange;
import dev.hawser.io.Buffers;
import dev.hawser.pool.Connection;
import dev.hawser.pool.Wish;
import dev.hawser.wire.Body;
import dev.hawser.wire.Exchange;
import dev.hawser.wire.MalformedResponseException;
import dev.hawser.wire.Multiplexed;
import dev.hawser.wire.NotProcessedException;
import dev.hawser.wire.Request;
import java.io.IOException;
import java.net.http.HttpResponse.ResponseInfo;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a request: the connection that it has, and what goes over that until the
 * response's head has come or it has failed.
 */
final class Try {
  private final Course course;
  private final Engine engine;
  private final Told told;
  private final Origin origin;
  private final Request request;
  private final Connection connection;
  private final boolean made; // the connection, for this attempt
  private final long admitted; // when the host let it in
  private final long ordinal; // of the exchange on its connection
  private final long leasedAt;
  private Exchange exchange; // another, once the connection has been switched to HTTP/2
  private @Nullable ResponseInfo response;

  /**
   * @param told what goes over it
   * @param connection leased
   * @param made whether that was made for this attempt; if not, it may be stale
   * @param admitted when it was let go
   */
  Try(
      Course course,
      Told told,
      Origin origin,
      Request request,
      Connection connection,
      boolean made,
      long admitted) {
    this.course = course;
    this.engine = course.engine();
    this.told = told;
    this.origin = origin;
    this.request = request;
    this.connection = connection;
    this.made = made;
    this.admitted = admitted;
    this.ordinal = connection.begin();
    boolean reused = ordinal > 1 && !made;
    course.times().reused(reused);
    if (reused) {
      engine.reused();
    }
    this.leasedAt = course.now();
    this.exchange = begin();
  }

  private Exchange begin() {
    Multiplexed multiplexed = connection.multiplexed();
    return multiplexed != null
        ? multiplexed.exchange(course.deadline(), told)
        : new Http1Exchange(
            connection.transport(),
            engine.http1(),
            engine.options(),
            engine.ticker(),
            course.deadline(),
            ordinal == 1,
            told);
  }

  /** Sends the request; returns when the response's head has come. */
  void answer() throws IOException {
    response = exchange.exchange(origin, request);
    course.times().exchanged(exchange, leasedAt, course.now(), true);
  }

  /** The same, and asks whether the server speaks HTTP/2. */
  void answer(Question question) throws IOException {
    if (!(exchange instanceof Http1Exchange http1)) {
      answer();
      return;
    }
    ResponseInfo head = http1.upgrade(origin, question.asking(told));
    if (head.statusCode() == 101) {
      exchange = question.switched(connection, head, origin, told);
      answer();
      return;
    }
    question.speaksHttp1();
    response = head;
    course.times().exchanged(exchange, leasedAt, course.now(), true);
  }

  /** It has failed: its connection is closed, or its stream. */
  void abandon() {
    course.times().exchanged(exchange, leasedAt, course.now(), false);
    exchange.abandon();
    engine.pool().discard(connection, CloseReason.EXCHANGE_FAILED);
  }

  // ---- beside another

  /** Ends whatever blocks in it: another try was answered first. Any thread. */
  void cancel() {
    exchange.cancel();
  }

  /**
   * It is the first of two, and the second was answered before; on the call's thread.
   *
   * @param since when the second was begun, whose times count from then on
   */
  void overtaken(long since) {
    course.times().exchanged(exchange, leasedAt, since, false);
    close();
  }

  /**
   * It is the second of two, and not wanted. If it has been answered nevertheless, with all of the
   * body, the connection can be kept.
   */
  void unwanted() {
    if (response != null && bodyIsHere() && exchange.finish()) {
      connection.idleHint(exchange.idleHintNanos());
      engine.pool().release(connection);
    } else {
      close();
    }
  }

  private void close() {
    exchange.abandon();
    engine.pool().discard(connection, CloseReason.OVERTAKEN);
  }

  private boolean bodyIsHere() {
    Body body = exchange.body();
    try {
      while (!body.atEnd() && body.ready()) {
        body.next();
      }
      return body.atEnd();
    } catch (IOException e) {
      return false;
    }
  }

  // ---- afterwards

  /** What the address that it went to is to be known for. */
  void tell(boolean well, long now) {
    Endpoint endpoint = connection.endpoint();
    if (endpoint != null) {
      endpoint.heard(well, admitted, now);
    }
  }

  /** The response's head, after {@link #answer}. */
  ResponseInfo response() {
    return Objects.requireNonNull(response);
  }

  long admitted() {
    return admitted;
  }

  long leasedAt() {
    return leasedAt;
  }

  Connection connection() {
    return connection;
  }

  /** To be asked for before the connection is given back. */
  ConnectionInfo info() {
    return connection.info();
  }

  Exchange exchange() {
    return exchange;
  }

  boolean made() {
    return made;
  }

  long ordinal() {
    return ordinal;
  }

  /**
   * Whether the connection turned out to be closed, which was there before this attempt, and not a
   * byte of an answer came. Then what may be sent twice is (RFC 9110 9.2.2), and anything of which
   * nothing was sent.
   */
  boolean wasStale(IOException e) {
    return !made
        && mayRepeat()
        && exchange.nothingReceived()
        && !(e instanceof MalformedResponseException)
        && !(e instanceof NotProcessedException)
        && !(e instanceof Buffers.BudgetExceededException)
        && (exchange.nothingSent()
            || request.idempotent()
            || engine.options().repeatNonIdempotent());
  }

  boolean mayRepeat() {
    return !exchange.expired()
        && !engine.closed()
        && exchange.publisherFailure() == null
        && exchange.repeatable();
  }

  /** What will do for the next attempt, after the server has said that it did not look at this. */
  Wish after(NotProcessedException refusal) {
    if (refusal.http1Required()) {
      engine.pool().requireHttp1(connection);
      return Wish.ANY;
    }
    return Wish.otherThan(connection);
  }

  /** What will do for a retry: another address, if the host has several; null: anything. */
  static @Nullable Wish elsewhere(Connection failed) {
    Endpoint endpoint = failed.endpoint();
    return endpoint != null && endpoint.hasOthers() ? Wish.elsewhere(failed) : null;
  }
}
